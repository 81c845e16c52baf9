//! Attachments as media: their text, and what WordPress noted about the file.

use super::php::Php;
use crate::media::Rendition;
use crate::records::MediaRecord;
use crate::wordpress::body::plain_without_shortcodes;
use crate::wordpress::element::Item;
use crate::wordpress::plain::plain;

/// Where WordPress and the usual plugins keep who made a picture, in order of preference.
const CREDIT_KEYS: [&str; 8] = [
    "_media_credit",
    "media_credit",
    "_wp_attachment_credit",
    "_credit",
    "credit",
    "photo_credit",
    "isc_image_source",
    "photographer",
];

/// The attachment as a record; `None` when the export doesn't say where the file is.
pub fn media_record(item: &Item) -> Option<MediaRecord> {
    let url = address(&item.attachment_url).or_else(|| address(&item.guid))?;
    let metadata = item.meta("_wp_attachment_metadata").and_then(Php::parse).unwrap_or(Php::Null);
    let image_meta = |key: &str| metadata.get("image_meta")?.get(key)?.text().map(plain);
    let credit = CREDIT_KEYS.iter().filter_map(|key| item.meta(key)).map(plain).find(|credit| !credit.is_empty());
    Some(MediaRecord {
        guid: Some(item.guid.clone()).filter(|guid| !guid.is_empty()),
        alt: item.meta("_wp_attachment_image_alt").map(plain_without_shortcodes).unwrap_or_default(),
        caption: plain_without_shortcodes(&item.excerpt),
        credit: credit.or_else(|| image_meta("credit")).or_else(|| image_meta("copyright")).unwrap_or_default(),
        width: metadata.get("width").and_then(Php::positive),
        height: metadata.get("height").and_then(Php::positive),
        mime_type: mime_type(&url, &metadata),
        rights: None,
        renditions: renditions(&url, &metadata),
        url,
    })
}

fn address(text: &str) -> Option<String> {
    // WordPress serves files with blanks in their names; an address has none.
    let text =
        text.trim().replace(char::is_whitespace, "%20").replace('"', "%22").replace('<', "%3C").replace('>', "%3E");
    match () {
        () if text.starts_with("//") => Some(format!("https:{text}")),
        () if text.starts_with("http://") || text.starts_with("https://") => Some(text),
        () => None,
    }
}

/// The other sizes, which lie in the folder of the original.
fn renditions(url: &str, metadata: &Php) -> Vec<Rendition> {
    let Some((folder, _)) = url.rsplit_once('/') else { return Vec::new() };
    let mut renditions: Vec<Rendition> = Vec::new();
    for (_, size) in metadata.get("sizes").map(Php::entries).unwrap_or_default() {
        let Some(file) = size.get("file").and_then(Php::text).filter(|file| !file.contains(['/', '\\'])) else {
            continue;
        };
        let Some(url) = address(&format!("{folder}/{file}")) else { continue };
        if renditions.iter().all(|known| known.url != url) {
            renditions.push(Rendition {
                url,
                width: size.get("width").and_then(Php::positive),
                height: size.get("height").and_then(Php::positive),
                mime_type: size.get("mime-type").and_then(Php::text).map(str::to_owned),
            });
        }
    }
    renditions
}

/// The type by the file's ending: an export doesn't hold `post_mime_type`. Metadata has it for sound and film.
fn mime_type(url: &str, metadata: &Php) -> Option<String> {
    if let Some(noted) = metadata.get("mime_type").and_then(Php::text) {
        return Some(noted.to_owned());
    }
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let (_, ending) = path.rsplit('/').next()?.rsplit_once('.')?;
    let found = match ending.to_ascii_lowercase().as_str() {
        "jpg" | "jpeg" | "jpe" => "image/jpeg",
        "png" => "image/png",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "heic" => "image/heic",
        "svg" => "image/svg+xml",
        "bmp" => "image/bmp",
        "tif" | "tiff" => "image/tiff",
        "mp3" => "audio/mpeg",
        "m4a" => "audio/mp4",
        "ogg" | "oga" => "audio/ogg",
        "wav" => "audio/wav",
        "flac" => "audio/flac",
        "wma" => "audio/x-ms-wma",
        "mp4" | "m4v" => "video/mp4",
        "webm" => "video/webm",
        "ogv" => "video/ogg",
        "mov" => "video/quicktime",
        "avi" => "video/x-msvideo",
        "wmv" => "video/x-ms-wmv",
        "pdf" => "application/pdf",
        "zip" => "application/zip",
        "doc" => "application/msword",
        "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "xls" => "application/vnd.ms-excel",
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "txt" => "text/plain",
        "csv" => "text/csv",
        _ => return None,
    };
    Some(found.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attachment(meta: &[(&str, &str)]) -> Item {
        Item {
            guid: "https://a.example/?attachment_id=5".into(),
            attachment_url: "https://a.example/up/2020/osh.JPG".into(),
            excerpt: "The <em>bazaar</em> &amp; us [gallery ids=\"1\"]".into(),
            meta: meta.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
            ..Item::default()
        }
    }

    #[test]
    fn metadata_gives_size_renditions_and_credit() {
        let metadata = concat!(
            r#"a:4:{s:5:"width";i:1200;s:6:"height";i:800;s:5:"sizes";a:2:{s:6:"medium";a:4:{s:4:"file";s:15:"osh-300x200.jpg";s:5:"width";i:300;"#,
            r#"s:6:"height";i:200;s:9:"mime-type";s:10:"image/jpeg";}s:3:"bad";a:1:{s:4:"file";s:9:"../../etc";}}"#,
            r#"s:10:"image_meta";a:1:{s:6:"credit";s:14:"Aigul &amp; Co";}}"#
        );
        let record = media_record(&attachment(&[
            ("_wp_attachment_metadata", metadata),
            ("_wp_attachment_image_alt", "A <b>stall</b>"),
        ]))
        .unwrap();
        let expected = MediaRecord {
            guid: Some("https://a.example/?attachment_id=5".into()),
            url: "https://a.example/up/2020/osh.JPG".into(),
            alt: "A stall".into(),
            caption: "The bazaar & us".into(),
            credit: "Aigul & Co".into(),
            width: Some(1200),
            height: Some(800),
            mime_type: Some("image/jpeg".into()),
            rights: None,
            renditions: vec![Rendition {
                url: "https://a.example/up/2020/osh-300x200.jpg".into(),
                width: Some(300),
                height: Some(200),
                mime_type: Some("image/jpeg".into()),
            }],
        };
        assert_eq!(record, expected);
    }

    #[test]
    fn a_credit_of_its_own_comes_first_and_broken_metadata_is_no_obstacle() {
        let record = media_record(&attachment(&[
            ("_wp_attachment_metadata", "a:9:{oops"),
            ("media_credit", " "),
            ("credit", "AFP"),
        ]));
        assert_eq!(record.unwrap().credit, "AFP");
        let record = media_record(&attachment(&[("_wp_attachment_metadata", "a:9:{oops"), ("credit", "AFP")])).unwrap();
        assert_eq!((record.credit.as_str(), record.width, record.renditions.len()), ("AFP", None, 0));
    }

    #[test]
    fn without_an_address_there_is_no_medium() {
        assert_eq!(media_record(&Item { guid: "urn:x".into(), ..Item::default() }), None);
    }
}
