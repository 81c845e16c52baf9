//! Which markup may be stored: the elements, their attributes, the elements whose content goes with them, the schemes.
//!
//! A change here is a change of what `sanitise` answers: raise `SANITISER_VERSION`.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::srcset::{candidates, joined};

/// Every element that is kept, with the attributes it may carry besides [`ANYWHERE`].
pub(super) const ELEMENTS: &[(&str, &[&str])] = &[
    ("a", &["href", "title"]),
    ("abbr", &[]),
    ("aside", &[]),
    ("audio", &["src", "controls"]),
    ("b", &[]),
    ("blockquote", &[]),
    ("br", &[]),
    ("caption", &[]),
    ("cite", &[]),
    ("code", &[]),
    ("dd", &[]),
    ("del", &[]),
    ("details", &[]),
    ("dfn", &[]),
    ("div", &[]),
    ("dl", &[]),
    ("dt", &[]),
    ("em", &[]),
    ("figcaption", &[]),
    ("figure", &[]),
    ("h1", &[]),
    ("h2", &[]),
    ("h3", &[]),
    ("h4", &[]),
    ("h5", &[]),
    ("h6", &[]),
    ("hr", &[]),
    ("i", &[]),
    ("img", &["src", "alt", "width", "height", "srcset", "sizes", "loading"]),
    ("ins", &[]),
    ("kbd", &[]),
    ("li", &["value"]),
    ("mark", &[]),
    ("ol", &["start", "reversed", "type"]),
    ("p", &[]),
    ("picture", &[]),
    ("pre", &[]),
    ("q", &[]),
    ("rp", &[]),
    ("rt", &[]),
    ("ruby", &[]),
    ("s", &[]),
    ("samp", &[]),
    ("section", &[]),
    ("small", &[]),
    ("source", &["src", "srcset", "type", "media"]),
    ("span", &[]),
    ("strong", &[]),
    ("sub", &[]),
    ("summary", &[]),
    ("sup", &[]),
    ("table", &[]),
    ("tbody", &[]),
    ("td", &["colspan", "rowspan", "scope"]),
    ("tfoot", &[]),
    ("th", &["colspan", "rowspan", "scope"]),
    ("thead", &[]),
    ("time", &["datetime"]),
    ("tr", &[]),
    ("track", &["src", "kind", "srclang", "label"]),
    ("u", &[]),
    ("ul", &[]),
    ("var", &[]),
    ("video", &["src", "poster", "controls", "width", "height"]),
];

/// Attributes that any element may carry.
pub(super) const ANYWHERE: &[&str] = &["lang", "dir"];

/// Schemes that a link or a source may have; a URL without a scheme is relative and kept.
pub(super) const SCHEMES: &[&str] = &["http", "https", "mailto", "tel"];

/// Elements that vanish with everything in them: programs, embedded documents, drawings, form controls.
pub(super) const DROPPED_WITH_CONTENT: &[&str] = &[
    "applet",
    "button",
    "canvas",
    "form",
    "frameset",
    "iframe",
    "math",
    "noembed",
    "noframes",
    "object",
    "plaintext",
    "script",
    "select",
    "style",
    "svg",
    "template",
    "textarea",
    "title",
    "xmp",
];

static KEPT: LazyLock<HashMap<&str, (&'static str, &'static [&'static str])>> =
    LazyLock::new(|| ELEMENTS.iter().map(|&(name, attributes)| (name, (name, attributes))).collect());

/// The stored name of an element and its own attributes; `None` when the tag is left out (its content is not).
pub(super) fn kept(name: &str) -> Option<(&'static str, &'static [&'static str])> {
    KEPT.get(modern(name)).copied()
}

/// Old and page-level names become the kept element that reads the same, so that no word joins its neighbour.
fn modern(name: &str) -> &str {
    match name {
        "acronym" => "abbr",
        "address" | "article" | "center" | "footer" | "header" | "hgroup" | "main" | "nav" => "div",
        "dir" | "menu" => "ul",
        "image" => "img",
        "strike" => "s",
        "tt" => "code",
        _ => name,
    }
}

/// Whether a URL is relative or has one of [`SCHEMES`]. Browsers ignore control characters in a scheme; so does this.
pub(super) fn is_safe_url(url: &str) -> bool {
    let mut scheme = String::new();
    for c in url.chars().filter(|c| !c.is_control() && *c != ' ') {
        match c {
            ':' => return SCHEMES.contains(&scheme.as_str()),
            '/' | '?' | '#' => return true,
            _ => scheme.push(c.to_ascii_lowercase()),
        }
    }
    true
}

/// A `srcset` without the candidates whose URL is not safe; `None` when none is left.
pub(super) fn safe_srcset(srcset: &str) -> Option<String> {
    let kept = joined(candidates(srcset).filter(|(url, _)| is_safe_url(url)));
    (!kept.is_empty()).then_some(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemes_are_told_from_paths() {
        for url in
            ["https://x/", "HTTP://x", "/a:b", "a/b:c", "?q=a:b", "#a:b", "mailto:a@b", "tel:+996", "//cdn/x", ""]
        {
            assert!(is_safe_url(url), "{url}");
        }
        for url in
            ["javascript:alert(1)", " java\tscript:x", "\u{1}JaVaScRiPt:x", "data:text/html,x", "vbscript:x", "ftp://x"]
        {
            assert!(!is_safe_url(url), "{url}");
        }
    }

    #[test]
    fn a_srcset_loses_only_its_bad_candidates() {
        assert_eq!(safe_srcset("a.jpg 1x, b.jpg 2x").as_deref(), Some("a.jpg 1x, b.jpg 2x"));
        assert_eq!(safe_srcset("a.jpg, javascript:x 2x,c.jpg 300w ").as_deref(), Some("a.jpg, c.jpg 300w"));
        assert_eq!(safe_srcset("/w_100,h_50/a.jpg 100w").as_deref(), Some("/w_100,h_50/a.jpg 100w"));
        assert_eq!(safe_srcset("data:image/gif;base64,R0 1x"), None);
        assert_eq!(safe_srcset(" , "), None);
    }

    #[test]
    fn old_names_become_kept_ones() {
        assert_eq!(kept("center").map(|(name, _)| name), Some("div"));
        assert_eq!(kept("font"), None);
        assert_eq!(kept("script"), None);
    }
}
