//! WordPress's own shortcodes, as they come with a text that was pasted from there: to a reader they are noise.
//!
//! Only the seven names that WordPress itself knows, and those written as it writes them: with attributes, with an end, or, where the word
//! alone is no prose, bare. What they enclose stays, and so do samples in `code` and `pre` and what is escaped as `[[gallery]]`.

/// WordPress's own.
pub const NAMES: [&str; 7] = ["wp_caption", "caption", "gallery", "embed", "audio", "video", "playlist"];

/// Names that are shortcodes when they stand bare.
const BARE: [&str; 4] = ["gallery", "playlist", "caption", "wp_caption"];

/// What is left may make one together with what stood around it; after so many times somebody is only playing.
const PASSES: usize = 4;

/// Sanitised HTML without them.
pub fn without(mut html: String) -> String {
    for _ in 0..PASSES {
        let length = html.len();
        html = pass(html);
        if html.len() == length {
            break;
        }
    }
    html
}

fn pass(html: String) -> String {
    if !html.contains('[') {
        return html;
    }
    // Where the last end of each stands: to look for it from every opener would take as long as their number squared.
    let ends = NAMES.map(|name| html.rfind(&format!("[/{name}]")).unwrap_or(0));
    let (mut kept, mut at, mut code) = (String::with_capacity(html.len()), 0, 0_usize);
    while let Some(length) = html[at..].find(['<', '[']) {
        let found = at + length;
        kept.push_str(&html[at..found]);
        let rest = &html[found..];
        let taken = match rest.as_bytes()[0] {
            b'<' => {
                let tag = &rest[..rest.find('>').map_or(rest.len(), |end| end + 1)];
                code = match tag[1..].split(['>', ' ']).next() {
                    Some("pre" | "code") => code + 1,
                    Some("/pre" | "/code") => code.saturating_sub(1),
                    _ => code,
                };
                kept.push_str(tag);
                tag.len()
            }
            _ if rest.starts_with("[[") => {
                kept.push_str("[[");
                2
            }
            _ => match shortcode(rest, |name| ends[name] > found).filter(|_| code == 0) {
                Some(length) => length,
                None => {
                    kept.push('[');
                    1
                }
            },
        };
        at = found + taken;
    }
    kept.push_str(&html[at..]);
    if kept.len() == html.len() { html } else { kept.replace("<p></p>\n", "").replace("<p></p>", "") }
}

/// How long the shortcode is that a text begins with. `has_end` says whether one of these [`NAMES`] ends further on.
fn shortcode(text: &str, has_end: impl Fn(usize) -> bool) -> Option<usize> {
    let inside = text.strip_prefix('[')?;
    let (closing, inside) = inside.strip_prefix('/').map_or((false, inside), |rest| (true, rest));
    let (number, name) = NAMES.iter().enumerate().find(|(_, name)| inside.starts_with(**name))?;
    let after = &inside[name.len()..];
    // Neither a longer word nor a bracket that never closes.
    let end = after.find(['[', ']', '<']).filter(|end| after.as_bytes()[*end] == b']')?;
    let attributes = after[..end].trim_end_matches('/');
    let is_apart = attributes.is_empty() || attributes.starts_with(|c: char| c.is_whitespace());
    let is_one = match attributes.trim() {
        "" => closing || BARE.contains(name) || has_end(number),
        given => !closing && (given.contains('=') || has_end(number)),
    };
    (is_apart && is_one).then(|| text.len() - after.len() + end + 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn is_left(html: &str, expected: &str) {
        assert_eq!(without(html.to_owned()), expected, "{html}");
    }

    #[test]
    fn those_of_wordpress_go_and_what_they_enclose_stays() {
        is_left("<p>[gal[gallery]lery] a</p>", "<p> a</p>");
        is_left("<p>a</p>\n<p>[gallery ids=\"1,2\"]</p>\n<p>b</p>", "<p>a</p>\n<p>b</p>");
        is_left(
            "<p>[caption id=\"x\" width='3']<img src=\"/a.jpg\"> By Ann[/caption]</p>",
            "<p><img src=\"/a.jpg\"> By Ann</p>",
        );
        is_left(
            "<p>[embed]https://a.example/[/embed] [gallery] [audio src=\"/a.mp3\" /]</p>",
            "<p>https://a.example/  </p>",
        );
    }

    #[test]
    fn prose_and_samples_stay() {
        for html in [
            "<p>[sic] [1] [video] [audio] [embed] [galleryes] [video, 2 min]</p>",
            "<pre lang=\"en\"><code>[gallery ids=\"1\"]</code></pre>",
            "<p>[\u{2060}gallery]</p>",
            "<p>[[gallery]]</p>",
            "<p>[gallery ids=\"1\"</p>",
            "<p><a title=\"[gallery ids=1]\" href=\"/\">a</a></p>",
            "<p></p><p>[x]</p>",
        ] {
            is_left(html, html);
        }
    }

    #[test]
    fn many_openers_take_no_time() {
        for opener in ["[embed]", "[embed x", "[video", "[", "[[", "<p>[embed]"] {
            assert!(without(opener.repeat(300_000)).len() >= 300_000);
        }
    }

    proptest! {
        #[test]
        fn no_text_is_too_odd(html in "(\\[|\\]|/|gallery|caption| |=|<p>|</p>|<code>|</code>|a|ж){0,30}") {
            let once = without(html.clone());
            prop_assert!(once.len() <= html.len());
        }
    }
}
