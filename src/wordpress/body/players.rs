//! Sound and film: `[audio]`, `[video]` and `[playlist]`.

use super::Context;
use super::attributes::Attributes;
use super::figures::player;
use super::markup::escape_attribute;
use crate::records::MediaRecord;

/// The attributes that may hold a source, in the order in which players try them.
const AUDIO: [&str; 7] = ["src", "mp3", "m4a", "ogg", "wav", "flac", "wma"];
const VIDEO: [&str; 8] = ["src", "mp4", "m4v", "webm", "ogv", "mov", "flv", "wmv"];

/// `[audio]`: the sources it names or, bare, the first sound uploaded to the post. `None` when there is none.
pub fn audio_shortcode(attributes: &Attributes, context: &Context<'_>) -> Option<String> {
    // `[audio:http://…|titles=…]` is how the plugin of 2007 wrote it.
    let old = attributes
        .positional()
        .find_map(|text| Some(text.split(['|', ',']).next()?.trim_start_matches(':').to_owned()));
    let sources = sources(attributes, &AUDIO, old.filter(|text| text.contains('/')));
    if sources.is_empty() {
        return first_attached("audio", context);
    }
    Some(element("audio", &sources, ""))
}

/// `[video]`: as `[audio]`, with the poster and the size.
pub fn video_shortcode(attributes: &Attributes, context: &Context<'_>) -> Option<String> {
    let positional = attributes.positional().find(|text| text.contains('/'));
    let sources = sources(attributes, &VIDEO, positional);
    if sources.is_empty() {
        return first_attached("video", context);
    }
    let mut extra = String::new();
    for key in ["poster", "width", "height"] {
        let value =
            attributes.get(key).filter(|value| key == "poster" || value.bytes().all(|byte| byte.is_ascii_digit()));
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            extra += &format!(" {key}=\"{}\"", escape_attribute(&value));
        }
    }
    Some(element("video", &sources, &extra))
}

/// `[playlist]`: a list of players, each under its caption. `None` when nothing of it is known.
pub fn playlist_shortcode(attributes: &Attributes, context: &mut Context<'_>) -> Option<String> {
    let kind = if attributes.get("type").as_deref() == Some("video") { "video" } else { "audio" };
    let ids = attributes.ids(&["ids", "include"]);
    let entries: Vec<(u64, MediaRecord)> = if ids.is_empty() {
        context
            .library
            .attached_to(context.post)
            .into_iter()
            .filter(|media| is_a(media, kind))
            .map(|media| (0, media))
            .collect()
    } else {
        ids.into_iter().filter_map(|id| context.attachment(id).map(|media| (id, media))).collect()
    };
    let entries: String = entries.iter().map(|(id, media)| format!("<li>{}</li>", player(kind, *id, media))).collect();
    (!entries.is_empty()).then(|| format!("<ol>{entries}</ol>"))
}

fn sources(attributes: &Attributes, keys: &[&str], other: Option<String>) -> Vec<String> {
    let mut sources: Vec<String> = Vec::new();
    let named = keys.iter().filter_map(|key| attributes.get(key));
    for source in named.chain(other).filter(|source| !source.is_empty()) {
        if !sources.contains(&source) {
            sources.push(source);
        }
    }
    sources
}

fn element(name: &str, sources: &[String], extra: &str) -> String {
    if let [source] = sources {
        return format!("<figure><{name} controls src=\"{}\"{extra}></{name}></figure>", escape_attribute(source));
    }
    let sources: String =
        sources.iter().map(|source| format!("<source src=\"{}\">", escape_attribute(source))).collect();
    format!("<figure><{name} controls{extra}>{sources}</{name}></figure>")
}

fn first_attached(kind: &str, context: &Context<'_>) -> Option<String> {
    let attached = context.library.attached_to(context.post);
    attached.iter().find(|media| is_a(media, kind)).map(|media| player(kind, 0, media))
}

fn is_a(media: &MediaRecord, kind: &str) -> bool {
    media.mime_type.as_deref().is_some_and(|found| found.starts_with(kind))
}
