//! Pictures, captions and links, as figures.

use super::Context;
use super::attributes::Attributes;
use super::markup::{Piece, escape, escape_attribute, pieces, web_address};
use crate::records::MediaRecord;
use crate::wordpress::plain::plain;

/// A link to what WordPress would have embedded.
pub fn link(url: &str, caption: Option<&str>) -> String {
    let caption = caption.map(|caption| format!("<figcaption>{caption}</figcaption>")).unwrap_or_default();
    format!("<figure><a href=\"{}\">{}</a>{caption}</figure>", escape_attribute(url), escape(url))
}

/// The content of the first `figcaption`, if it has any.
pub fn caption_in(html: &str) -> Option<&str> {
    let (_, rest) = html.split_once("<figcaption")?;
    let (_, rest) = rest.split_once('>')?;
    let (caption, _) = rest.split_once("</figcaption")?;
    Some(caption.trim()).filter(|caption| !caption.is_empty())
}

/// An attachment as a figure of its own: a picture, a player or a link.
pub fn attachment(id: u64, media: &MediaRecord) -> String {
    let kind = media.mime_type.as_deref().unwrap_or_default();
    match kind.split('/').next().unwrap_or_default() {
        "audio" => player("audio", id, media),
        "video" => player("video", id, media),
        "image" | "" => picture(id, media),
        _ => link(&media.url, caption_of(media).as_deref()),
    }
}

/// An attachment with a player.
pub fn player(element: &str, id: u64, media: &MediaRecord) -> String {
    let caption = caption_of(media).map(|caption| format!("<figcaption>{caption}</figcaption>")).unwrap_or_default();
    let src = escape_attribute(&media.url);
    format!("<figure data-media=\"{id}\"><{element} controls src=\"{src}\"></{element}>{caption}</figure>")
}

/// Attachments as a figure of figures; empty when none of them is known.
pub fn gallery(ids: &[u64], context: &mut Context<'_>) -> String {
    let pictures: String =
        ids.iter().filter_map(|&id| context.attachment(id).map(|media| attachment(id, &media))).collect();
    if pictures.is_empty() { pictures } else { format!("<figure>{pictures}</figure>") }
}

/// `[gallery]`: the pictures in `ids` or `include`, or those uploaded to the post.
pub fn gallery_shortcode(attributes: &Attributes, context: &mut Context<'_>) -> String {
    let listed = attributes.ids(&["ids", "include"]);
    if !listed.is_empty() {
        return gallery(&listed, context);
    }
    let post = attributes.get("id").and_then(|id| id.parse().ok()).unwrap_or(context.post);
    let pictures: String = context
        .library
        .attached_to(post)
        .iter()
        .filter(|media| is_picture(media))
        .map(|media| picture(0, media))
        .collect();
    if pictures.is_empty() { pictures } else { format!("<figure>{pictures}</figure>") }
}

/// `[caption]`: what it encloses with its text below. The old form has the text in an attribute.
pub fn caption_shortcode(attributes: &Attributes, inner: &str) -> String {
    let (picture, text) = split_picture(inner);
    let own = attributes.raw("caption").map(str::to_owned);
    let text = own.unwrap_or_else(|| text.to_owned());
    let text = text.trim().trim_start_matches("</p>").trim_end_matches("<p>").trim();
    let id = attributes.get("id").and_then(|id| id.rsplit('_').next()?.parse::<u64>().ok());
    let mark = id.map(|id| format!(" data-media=\"{id}\"")).unwrap_or_default();
    match (picture.trim(), text) {
        ("", text) => text.to_owned(),
        (picture, "") => format!("<figure{mark}>{picture}</figure>"),
        (picture, text) => format!("<figure{mark}>{picture}<figcaption>{text}</figcaption></figure>"),
    }
}

/// `[embed]` and the embedding shortcodes of single services: a link. `None` when they name no address.
pub fn embed_shortcode(name: &str, attributes: &Attributes, inner: Option<&str>) -> Option<String> {
    let inner = inner.map(plain).unwrap_or_default();
    let named = ["url", "src", "link", "href"].iter().find_map(|key| attributes.get(key));
    let candidates = named.into_iter().chain(attributes.positional()).chain([inner]);
    let candidates: Vec<String> = candidates.collect();
    if let Some(url) = candidates.iter().find_map(|text| web_address(text)) {
        return Some(link(&url, None));
    }
    let id = attributes.get("id").into_iter().chain(candidates).find(|id| is_identifier(id))?;
    match name {
        "youtube" => Some(link(&format!("https://www.youtube.com/watch?v={id}"), None)),
        "vimeo" => Some(link(&format!("https://vimeo.com/{id}"), None)),
        "dailymotion" => Some(link(&format!("https://www.dailymotion.com/video/{id}"), None)),
        _ => None,
    }
}

/// What a shortcode that nothing is known of, and that encloses nothing, names in its attributes: attachments, a picture, an address, or a
/// heading. `None` when it names none of them, and in a line of plain text.
pub fn named(name: &str, attributes: &Attributes, context: &mut Context<'_>) -> Option<String> {
    if context.is_plain {
        return None;
    }
    let are_ids = |list: &String| list.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b',' | b' ' | b';'));
    let lists = ["image", "images", "image_id", "gallery_ids"];
    if let Some(name) = lists.iter().find(|name| attributes.get(name).filter(are_ids).is_some()) {
        let ids: Vec<u64> = attributes.ids(&[name]).into_iter().filter(|id| *id > 0).collect();
        let pictures = gallery(&ids, context);
        if !pictures.is_empty() {
            return Some(pictures);
        }
    }
    let address = |keys: &[&str]| keys.iter().find_map(|key| attributes.get(key).and_then(|text| web_address(&text)));
    if let Some(url) = address(&["src", "image", "url", "link", "href", "button_url"]) {
        return Some(if is_picture_file(&url) {
            let alt = attributes.get("alt").unwrap_or_default();
            format!("<figure><img src=\"{}\" alt=\"{}\"></figure>", escape_attribute(&url), escape_attribute(&alt))
        } else {
            link(&url, None)
        });
    }
    let is_heading = name.ends_with("heading");
    let text =
        ["text", "title"].iter().find_map(|key| attributes.get(key)).filter(|text| is_heading && !text.is_empty());
    text.map(|text| format!("<h2>{}</h2>", escape(&text)))
}

fn is_picture_file(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let extension = path.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    extension.is_some_and(|extension| ["jpg", "jpeg", "png", "gif", "webp", "avif"].contains(&&*extension))
}

fn is_identifier(text: &str) -> bool {
    let letters = |character: char| character.is_ascii_alphanumeric() || "-_".contains(character);
    !text.is_empty() && text.len() < 40 && text.chars().all(letters)
}

/// An attachment without a type was a picture before WordPress noted types.
pub fn is_picture(media: &MediaRecord) -> bool {
    media.mime_type.as_deref().is_none_or(|kind| kind.starts_with("image/"))
}

fn picture(id: u64, media: &MediaRecord) -> String {
    let size = match (media.width, media.height) {
        (Some(width), Some(height)) => format!(" width=\"{width}\" height=\"{height}\""),
        _ => String::new(),
    };
    let (src, alt) = (escape_attribute(&media.url), escape_attribute(&media.alt));
    let caption = caption_of(media).map(|caption| format!("<figcaption>{caption}</figcaption>")).unwrap_or_default();
    format!("<figure data-media=\"{id}\"><img src=\"{src}\" alt=\"{alt}\"{size}>{caption}</figure>")
}

fn caption_of(media: &MediaRecord) -> Option<String> {
    (!media.caption.is_empty()).then(|| escape(&media.caption))
}

/// Parts the picture, or figure or player, at the start from the text after it; a link around a picture belongs to it.
fn split_picture(inner: &str) -> (&str, &str) {
    let (mut at, mut linked, mut open) = (0, false, 0usize);
    for piece in pieces(inner) {
        let Piece::Tag(tag) = piece else {
            let Piece::Text(text) = piece else { break };
            at += text.len();
            continue;
        };
        at += tag.raw.len();
        match tag.name.to_ascii_lowercase().as_str() {
            "a" if !tag.closing => linked = true,
            "figure" | "audio" | "video" | "picture" | "iframe" if tag.closing => {
                open = open.saturating_sub(1);
                if open == 0 {
                    return inner.split_at(at);
                }
            }
            "figure" | "audio" | "video" | "picture" | "iframe" => open += 1,
            "img" if open == 0 => {
                let after = &inner[at..];
                let closing = linked.then(|| after.trim_start().strip_prefix("</a>")).flatten();
                let end = closing.map_or(at, |rest| inner.len() - rest.len());
                return inner.split_at(end);
            }
            _ => {}
        }
    }
    ("", inner)
}

/// The page that shows what a player's address plays in a frame.
pub fn shown_address(url: &str) -> String {
    let id = |marker: &str| {
        let (_, rest) = url.split_once(marker)?;
        let id = rest.split(['?', '&', '/', '#']).next()?;
        Some(id).filter(|id| is_identifier(id))
    };
    let youtube = ["youtube.com/embed/", "youtube-nocookie.com/embed/"].iter().find_map(|marker| id(marker));
    match (youtube, id("player.vimeo.com/video/")) {
        (Some("videoseries"), _) | (None, None) => url.to_owned(),
        (Some(video), _) => format!("https://www.youtube.com/watch?v={video}"),
        (None, Some(video)) => format!("https://vimeo.com/{video}"),
    }
}
