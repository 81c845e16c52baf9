//! Decides whether brackets that could be a shortcode are one.

use crate::text::shortcodes::NAMES;
use crate::wordpress::body::attributes::{Attributes, Opener};

/// Of services that show something of theirs. Bare, the words are prose: `[facebook]`.
const EMBEDS: [&str; 21] = [
    "embed",
    "youtube",
    "vimeo",
    "dailymotion",
    "tweet",
    "twitter",
    "instagram",
    "facebook",
    "soundcloud",
    "spotify",
    "tiktok",
    "telegram",
    "googlemaps",
    "slideshare",
    "scribd",
    "ted",
    "wpvideo",
    "videopress",
    "flickr",
    "rutube",
    "gist",
];

/// Of plugins, and words of no language.
const PLUGINS: [&str; 32] = [
    "adrotate",
    "addtoany",
    "adsense",
    "contactform",
    "foogallery",
    "gravityform",
    "gravityforms",
    "gtranslate",
    "layerslider",
    "learndash",
    "mailerlite",
    "mailpoet",
    "masterslider",
    "metaslider",
    "nggallery",
    "ngg",
    "ninjaforms",
    "polldaddy",
    "quads",
    "recaptcha",
    "revslider",
    "shariff",
    "smartslider3",
    "sociallocker",
    "tablepress",
    "wpdm",
    "wpforms",
    "wpgmza",
    "wpml",
    "wppb",
    "wpusers",
    "yop",
];

/// Of themes, and words of English: shortcodes only when they stand alone on a line.
const LAYOUT: [&str; 27] = [
    "accordion",
    "br",
    "button",
    "cart",
    "checkout",
    "clear",
    "column",
    "columns",
    "contact",
    "divider",
    "hr",
    "login",
    "map",
    "newsletter",
    "portfolio",
    "products",
    "register",
    "row",
    "section",
    "separator",
    "sitemap",
    "slider",
    "spacer",
    "tabs",
    "testimonials",
    "toc",
    "toggle",
];

/// Whether WordPress itself has a shortcode of this name.
pub fn is_known(name: &str) -> bool {
    NAMES.contains(&name)
}

/// Whether the name stands for a link to a service.
pub fn is_embed(name: &str) -> bool {
    EMBEDS.contains(&name)
}

/// Whether something is made of what a shortcode of this name encloses.
pub fn is_rendered(name: &str) -> bool {
    is_known(name) || is_embed(name) || matches!(name, "code" | "sourcecode")
}

/// Whether what a shortcode of this name encloses is nothing to read: page builders keep programs in base64.
pub fn is_encoded(name: &str) -> bool {
    matches!(name, "vc_raw_html" | "vc_raw_js")
}

/// Whether what a shortcode of this name encloses can't simply stay where it is.
pub fn needs_inner(name: &str) -> bool {
    is_rendered(name) || is_encoded(name)
}

/// Whether this is a shortcode and not prose, even if nothing closes it.
///
/// It is one when it closes itself, has attributes with names, or has a name that nobody writes as a word.
pub fn is_shortcode(opener: &Opener<'_>, alone: bool) -> bool {
    let name = opener.name;
    if opener.self_closing {
        return true;
    }
    let attributes = Attributes::read(opener.attributes);
    if is_rendered(name) {
        let plain_name = is_known(name) && attributes.is_empty();
        return plain_name || attributes.has_pair() || attributes.positional().any(|value| is_reference(&value));
    }
    // `[see <a href="x">this</a>]` has a name and a value, but they are of the tag in it.
    let holds_markup = outside_quotes(opener.attributes).contains('<');
    if !holds_markup && (attributes.has_quoted_pair() || attributes.has_only_pairs()) {
        return !opener.attributes.starts_with('=');
    }
    let is_code = name.trim_matches('_').contains('_') || PLUGINS.contains(&name);
    let lower = !name.bytes().any(|byte| byte.is_ascii_uppercase());
    let hyphenated = lower && name.contains('-');
    let is_lone = attributes.is_empty() && alone && (hyphenated || lower && LAYOUT.contains(&name));
    is_code || is_lone || hyphenated && is_numbered(&attributes, alone)
}

/// Whether the attributes are those of `[contact-form 1 "Form 1"]`, or of `[recent-posts 5]` alone on a line.
///
/// A bare word among them makes it prose, and so does a quotation without a number: `[so-called "experts"]`.
fn is_numbered(attributes: &Attributes, alone: bool) -> bool {
    attributes.has_only_numbers_and_quotes() && (alone || attributes.has_both_quotings())
}

/// The attributes without what stands in double quotes.
fn outside_quotes(attributes: &str) -> String {
    attributes.split('"').step_by(2).collect()
}

/// Whether nothing but white space and tags is on the line beside it.
pub fn stands_alone(html: &str, start: usize, end: usize) -> bool {
    let space = [' ', '\t', '\u{a0}'];
    let before = html[..start].trim_end_matches(space);
    let after = html[end..].trim_start_matches(space);
    (before.is_empty() || before.ends_with(['\n', '>', ']']))
        && (after.is_empty() || after.starts_with(['\n', '<', '[']))
}

/// An address, a file or an id, as opposed to a word of prose.
fn is_reference(value: &str) -> bool {
    value.contains("://")
        || value.starts_with(':')
        || value.starts_with("//")
        || value.bytes().any(|byte| byte.is_ascii_digit())
}
