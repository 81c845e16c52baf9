//! The last step: unwraps what is only layout, drops what is empty, turns frames into links, and finds the media.

use std::collections::HashMap;

use super::addresses::{Page, largest};
use super::figures;
use super::markup::web_address;
use super::tree::{NodeId, ROOT, Tree, is_block, is_void};

/// Attributes that carry meaning. The sanitiser would drop the others anyway; without them this step's result can be read.
const KEPT: [&str; 29] = [
    "href", "title", "src", "alt", "width", "height", "srcset", "sizes", "loading", "type", "media", "poster",
    "controls", "colspan", "rowspan", "scope", "datetime", "cite", "lang", "dir", "kind", "srclang", "label", "start",
    "reversed", "value", "open", "download", "hreflang",
];

/// Elements that go with everything in them: programs, forms and drawings. A button in a heading stays.
const DROPPED: [&str; 18] = [
    "script", "style", "noscript", "template", "input", "button", "select", "textarea", "form", "link", "meta",
    "title", "svg", "canvas", "map", "noembed", "noframes", "xmp",
];

/// Elements in which white space between blocks means nothing.
const HOLDERS: [&str; 13] =
    ["ul", "ol", "dl", "table", "thead", "tbody", "tfoot", "tr", "figure", "blockquote", "details", "section", "aside"];

/// Attributes that hold an address.
const ADDRESSES: [&str; 4] = ["href", "src", "poster", "cite"];

/// Where a script finds the picture to show once it is scrolled to; what stands in its place until then is an empty one.
const LAZY: [&str; 3] = ["data-src", "data-lazy-src", "data-original"];

/// Where a quote that a script draws as a post of a network has that post's address.
const QUOTED: [&str; 3] = ["data-instgrm-permalink", "data-href", "cite"];

/// The tidied HTML of what stood on a page, and the ids of the attachments in it, in order.
pub fn render(html: &str, page: Page) -> (String, Vec<u64>) {
    let mut tidy = Tidy { page, tree: Tree::parse(html), substance: Vec::new(), instead: HashMap::new() };
    let order = tidy.tree.in_order();
    let media = tidy.media(&order);
    tidy.substance = vec![false; tidy.tree.nodes.len()];
    for &node in order.iter().rev() {
        tidy.node(node);
    }
    tidy.gather(ROOT);
    let blocks = tidy.in_paragraphs(ROOT);
    let mut page = Vec::with_capacity(blocks.len());
    for block in blocks {
        tidy.tree.nodes[ROOT].children = vec![block];
        page.push(tidy.tree.html(ROOT).trim().to_owned());
    }
    (page.join("\n"), media)
}

struct Tidy {
    page: Page,
    tree: Tree,
    /// Whether a node shows anything, known for every node that was visited.
    substance: Vec<bool>,
    /// What stands where a node stood. Applied once for all children of a parent: one by one it would take as long as
    /// their number squared.
    instead: HashMap<NodeId, Vec<NodeId>>,
}

impl Tidy {
    fn media(&self, order: &[NodeId]) -> Vec<u64> {
        let mut media = Vec::new();
        let mut note = |id: Option<u64>| {
            if let Some(id) = id.filter(|id| *id > 0 && !media.contains(id)) {
                media.push(id);
            }
        };
        for &node in order {
            note(self.tree.attribute(node, "data-media").and_then(|id| id.parse().ok()));
            let classes = self.tree.attribute(node, "class").unwrap_or_default();
            classes
                .split_ascii_whitespace()
                .filter_map(|class| class.strip_prefix("wp-image-"))
                .for_each(|id| note(id.parse().ok()));
        }
        media
    }

    /// Tidies one node, whose children were tidied before.
    fn node(&mut self, node: NodeId) {
        let name = std::mem::take(&mut self.tree.nodes[node].name);
        if name.is_empty() {
            let text = self.tree.nodes[node]
                .text
                .trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{200b}' | '\u{feff}'));
            return self.substance[node] = !text.is_empty();
        }
        let name = modern(name);
        self.tree.nodes[node].name.clone_from(&name);
        self.gather(node);
        match name.as_str() {
            // The title of what it opens, in an accordion.
            "button" if self.is_in_heading(node) => return self.unwrap(node),
            "span" if self.is_drawn_on_a_button(node) => return self.replace(node, Vec::new()),
            _ if DROPPED.contains(&&*name) => return self.replace(node, Vec::new()),
            "iframe" | "embed" | "object" => return self.frame(node),
            "img" => return self.image(node),
            "audio" | "video" => {
                self.substance[node] = true;
                if self.tree.attribute(node, "controls").is_none() {
                    self.tree.set_attribute(node, "controls", "");
                }
            }
            "blockquote" | "div" if self.is_drawn_by_a_network(node) => return self.quote(node),
            "div" => return self.division(node),
            "p" if self.is_media(&self.tree.nodes[node].children) => {
                self.tree.nodes[node].name = "figure".to_owned();
                self.trim(node);
            }
            "span" | "font" | "big" | "label" | "fieldset" | "wbr" | "picture" if !self.has_picture(node) => {
                return self.unwrap(node);
            }
            // Once it led somewhere by a script.
            "a" if self.tree.attribute(node, "href").is_none() => return self.unwrap(node),
            "sup" if self.tree.attribute(node, "data-fn").is_some() => self.unlink(node),
            "a" if self.is_second_file_link(node) => return self.replace(node, Vec::new()),
            _ if HOLDERS.contains(&&*name) => self.drop_blank_text(node),
            _ => {}
        }
        self.settle(node);
    }

    /// Drops an element that shows nothing, and the attributes that mean nothing.
    fn settle(&mut self, node: NodeId) {
        let name = self.tree.nodes[node].name.clone();
        let shows = self.tree.nodes[node].children.iter().any(|&child| self.substance[child]);
        self.substance[node] |= shows || matches!(name.as_str(), "hr" | "source" | "track" | "table");
        let stays_empty =
            is_void(&name) || matches!(name.as_str(), "td" | "th" | "tr" | "tbody" | "thead" | "tfoot" | "colgroup");
        if !self.substance[node] && !stays_empty {
            if is_block(&name) {
                self.replace(node, Vec::new());
            } else {
                // White space between words may be all that an empty `<b> </b>` holds.
                self.unwrap(node);
            }
        }
        self.tree.nodes[node].attributes.retain(|(key, _)| KEPT.contains(&key.as_str()));
        for (key, value) in &mut self.tree.nodes[node].attributes {
            match key.as_str() {
                "srcset" => *value = self.page.whole_srcset(value),
                key if ADDRESSES.contains(&key) => self.page.whole(value).into_iter().for_each(|whole| *value = whole),
                _ => {}
            }
        }
    }

    fn replace(&mut self, node: NodeId, by: Vec<NodeId>) {
        self.instead.insert(node, by);
    }

    fn unwrap(&mut self, node: NodeId) {
        let children = std::mem::take(&mut self.tree.nodes[node].children);
        self.replace(node, children);
    }

    /// Puts in place what the children of a node became.
    fn gather(&mut self, node: NodeId) {
        let children = std::mem::take(&mut self.tree.nodes[node].children);
        for child in children {
            for kept in self.instead.remove(&child).unwrap_or_else(|| vec![child]) {
                self.tree.append(node, kept);
            }
        }
    }

    /// A frame becomes a link to what it framed.
    fn frame(&mut self, node: NodeId) {
        let children = self.tree.nodes[node].children.clone();
        let inner = children.into_iter().find(|&child| self.tree.nodes[child].name == "figure");
        let lazy = ["src", "data-src", "data", "data-lazy-src"]
            .iter()
            .filter_map(|key| self.tree.attribute(node, key))
            .find_map(|address| web_address(&self.page.whole(address).unwrap_or_else(|| address.to_owned())));
        let is_preview = self.tree.attribute(node, "class").is_some_and(|class| class.contains("wp-block-file__embed"));
        match (lazy.filter(|_| !is_preview), inner) {
            (Some(url), _) => {
                let link = self.link(&figures::shown_address(&url));
                self.replace(node, vec![link]);
            }
            (None, Some(inner)) => self.replace(node, vec![inner]),
            (None, None) => self.replace(node, Vec::new()),
        }
    }

    fn link(&mut self, url: &str) -> NodeId {
        let (figure, anchor) = (self.tree.element("figure", &[]), self.tree.element("a", &[("href", url)]));
        let text = self.tree.text(url);
        self.tree.append(anchor, text);
        self.tree.append(figure, anchor);
        self.substance.resize(self.tree.nodes.len(), true);
        figure
    }

    /// A picture that a script was to load is loaded; an emoji drawn as a picture is a character again.
    fn image(&mut self, node: NodeId) {
        let is_emoji = self
            .tree
            .attribute(node, "class")
            .is_some_and(|class| class.split(' ').any(|class| matches!(class, "emoji" | "wp-smiley")));
        if let Some(alt) = self.tree.attribute(node, "alt").filter(|alt| is_emoji && !alt.is_empty()).map(str::to_owned)
        {
            let text = self.tree.text(&alt);
            self.substance.resize(self.tree.nodes.len(), true);
            return self.replace(node, vec![text]);
        }
        let Some(source) = self.source(node) else { return self.replace(node, Vec::new()) };
        if self.tree.attribute(node, "src") != Some(&source) {
            self.tree.set_attribute(node, "src", &source);
        }
        self.substance[node] = true;
        self.settle(node);
    }

    /// The address of a picture.
    fn source(&self, node: NodeId) -> Option<String> {
        let fits = |address: &&str| !address.is_empty() && !address.starts_with("data:");
        let one = |key: &str| self.tree.attribute(node, key).map(str::trim).filter(fits);
        let of_sizes = |key: &str| self.tree.attribute(node, key).and_then(largest).filter(fits);
        // Some write no address there but whether it is to be used.
        let lazy = LAZY.into_iter().filter_map(one).find(|address| address.contains(['/', '.']));
        let found = lazy.or_else(|| of_sizes("data-srcset")).or_else(|| one("src")).or_else(|| one("data-orig-file"));
        found.or_else(|| of_sizes("srcset")).map(str::to_owned)
    }

    fn is_drawn_by_a_network(&self, node: NodeId) -> bool {
        let drawn = ["tiktok-embed", "instagram-media", "twitter-tweet", "telegram-post", "fb-post", "fb-video"];
        let classes = self.tree.attribute(node, "class").unwrap_or_default();
        classes.split_ascii_whitespace().any(|class| drawn.contains(&class))
    }

    /// What a network's script would draw leads to it, beside what was written for those without scripts.
    fn quote(&mut self, node: NodeId) {
        let address = QUOTED.iter().find_map(|key| self.tree.attribute(node, key).and_then(web_address));
        let shows = self.tree.nodes[node].children.iter().any(|&child| self.substance[child]);
        if shows && self.tree.nodes[node].name == "div" {
            return self.division(node);
        }
        self.drop_blank_text(node);
        self.settle(node);
        let Some(address) = address else { return };
        // What a network counts its visitors by says nothing of where a link leads; a program's parameters do.
        let plain = address.split('?').next().filter(|plain| !plain.ends_with(".php")).unwrap_or(&address);
        if !self.leads_to(node, plain.trim_end_matches('/')) {
            let link = self.link(&address);
            self.replace(node, if shows { vec![node, link] } else { vec![link] });
        }
    }

    /// Whether there is a link in a node to an address, or to something below it. What has more in it than such a quote is not searched
    /// to its end: of thousands in one another each would be.
    fn leads_to(&self, node: NodeId, address: &str) -> bool {
        const MOST_NODES: usize = 500;
        let mut open = vec![node];
        for _ in 0..MOST_NODES {
            let Some(node) = open.pop() else { break };
            let beyond = self.tree.attribute(node, "href").and_then(|href| href.strip_prefix(address));
            if beyond.is_some_and(|beyond| beyond.is_empty() || beyond.starts_with(['/', '?', '#', '&'])) {
                return true;
            }
            open.extend(&self.tree.nodes[node].children);
        }
        false
    }

    fn has_picture(&self, node: NodeId) -> bool {
        let node = &self.tree.nodes[node];
        node.name == "picture" && node.children.iter().any(|&child| self.tree.nodes[child].name == "img")
    }

    /// The sanitiser drops ids, so links from notes and to notes would lead nowhere.
    fn unlink(&mut self, node: NodeId) {
        for child in self.tree.nodes[node].children.clone() {
            if self.tree.nodes[child].name == "a" {
                self.unwrap(child);
            }
        }
        self.gather(node);
    }

    /// The button beside a file's name leads where the name leads.
    fn is_second_file_link(&self, node: NodeId) -> bool {
        let is_button = self.tree.attribute(node, "class").is_some_and(|class| class.contains("wp-block-file__button"));
        let siblings = &self.tree.nodes[self.tree.nodes[node].parent].children;
        is_button && siblings.iter().any(|&other| other != node && self.tree.nodes[other].name == "a")
    }

    /// A plus or an arrow that shows that something opens.
    fn is_drawn_on_a_button(&self, node: NodeId) -> bool {
        let parent = &self.tree.nodes[self.tree.nodes[node].parent];
        parent.name.eq_ignore_ascii_case("button") && self.tree.attribute(node, "aria-hidden") == Some("true")
    }

    fn is_in_heading(&self, node: NodeId) -> bool {
        let parent = self.tree.nodes[self.tree.nodes[node].parent].name.as_bytes();
        matches!(parent, [b'h' | b'H', b'1'..=b'6'])
    }

    /// A division with blocks in it is layout; one with text is a paragraph.
    fn division(&mut self, node: NodeId) {
        let parent = self.tree.nodes[node].parent;
        let takes_blocks = matches!(
            self.tree.nodes[parent].name.as_str(),
            "" | "div"
                | "center"
                | "section"
                | "aside"
                | "blockquote"
                | "details"
                | "article"
                | "main"
                | "header"
                | "footer"
                | "nav"
                | "td"
                | "th"
                | "dd"
        );
        if takes_blocks {
            let children = self.in_paragraphs(node);
            self.tree.nodes[node].children = children;
        } else if self.tree.nodes[parent].children.last() != Some(&node) {
            // A line of its own in what takes no blocks: its last word is not joined to what follows.
            let space = self.tree.text(" ");
            self.tree.append(node, space);
            self.substance.resize(self.tree.nodes.len(), false);
        }
        self.unwrap(node);
    }

    /// The children of a node, with every run of inline ones in a paragraph, or in a figure if it is only a picture.
    fn in_paragraphs(&mut self, node: NodeId) -> Vec<NodeId> {
        let children = std::mem::take(&mut self.tree.nodes[node].children);
        let mut blocks = Vec::with_capacity(children.len());
        for run in children
            .chunk_by(|&a, &b| !self.is_block(a) && !self.is_block(b))
            .map(<[NodeId]>::to_vec)
            .collect::<Vec<_>>()
        {
            let shows = run.iter().any(|&child| self.substance[child]);
            if !shows || self.is_block(run[0]) {
                blocks.extend(run.into_iter().filter(|&child| self.is_block(child)));
                continue;
            }
            let wrapper = self.tree.element(if self.is_media(&run) { "figure" } else { "p" }, &[]);
            run.into_iter().for_each(|child| self.tree.append(wrapper, child));
            self.substance.resize(self.tree.nodes.len(), true);
            self.trim(wrapper);
            blocks.push(wrapper);
        }
        for &block in &blocks {
            self.tree.nodes[block].parent = node;
        }
        blocks
    }

    fn is_block(&self, node: NodeId) -> bool {
        is_block(&self.tree.nodes[node].name)
    }

    /// Whether a run shows nothing but one picture or player, linked or not.
    fn is_media(&self, run: &[NodeId]) -> bool {
        let mut shown = run.iter().filter(|&&child| self.substance[child]);
        let (Some(&only), None) = (shown.next(), shown.next()) else { return false };
        let node = &self.tree.nodes[only];
        match node.name.as_str() {
            "img" | "audio" | "video" | "picture" => true,
            "a" => self.is_media(&node.children),
            _ => false,
        }
    }

    /// Takes white space and breaks off both ends of a paragraph.
    fn trim(&mut self, node: NodeId) {
        let idle = |tidy: &Self, child: NodeId| {
            tidy.tree.nodes[child].name == "br" || tidy.tree.nodes[child].name.is_empty() && !tidy.substance[child]
        };
        while self.tree.nodes[node].children.last().is_some_and(|&last| idle(self, last)) {
            self.tree.nodes[node].children.pop();
        }
        let start = self.tree.nodes[node].children.iter().take_while(|&&child| idle(self, child)).count();
        self.tree.nodes[node].children.drain(..start);
        let ends = [self.tree.nodes[node].children.first().copied(), self.tree.nodes[node].children.last().copied()];
        if let Some(first) = ends[0].filter(|&first| self.tree.nodes[first].name.is_empty()) {
            self.tree.nodes[first].text = self.tree.nodes[first].text.trim_ascii_start().to_owned();
        }
        if let Some(last) = ends[1].filter(|&last| self.tree.nodes[last].name.is_empty()) {
            self.tree.nodes[last].text = self.tree.nodes[last].text.trim_ascii_end().to_owned();
        }
    }

    /// Drops white space beside blocks. Between words, and what stands in a line with them, it stays.
    fn drop_blank_text(&mut self, node: NodeId) {
        let children = std::mem::take(&mut self.tree.nodes[node].children);
        let is_apart =
            |at: Option<usize>| at.and_then(|at| children.get(at)).is_none_or(|&child| self.stands_apart(child));
        let is_idle = |at: usize| {
            let is_blank = self.tree.nodes[children[at]].text.trim_ascii().is_empty();
            let is_blank = is_blank && self.tree.nodes[children[at]].name.is_empty();
            is_blank && (is_apart(at.checked_sub(1)) || is_apart(Some(at + 1)))
        };
        let has_blocks = children.iter().any(|&child| self.stands_apart(child));
        let kept = (0..children.len()).filter(|&at| !(has_blocks && is_idle(at))).map(|at| children[at]).collect();
        self.tree.nodes[node].children = kept;
    }

    /// Whether a child stands apart from the text beside it.
    fn stands_apart(&self, node: NodeId) -> bool {
        let parts = ["tr", "td", "th", "thead", "tbody", "tfoot", "img", "caption"];
        self.is_block(node) || parts.contains(&self.tree.nodes[node].name.as_str())
    }
}

/// Elements of older HTML by the names they have now; regions of a page are divisions of an article.
fn modern(name: String) -> String {
    match name.as_str() {
        "strike" => "s".to_owned(),
        "tt" => "code".to_owned(),
        "acronym" => "abbr".to_owned(),
        "center" | "header" | "footer" | "main" | "article" | "nav" | "hgroup" | "address" => "div".to_owned(),
        _ => name,
    }
}
