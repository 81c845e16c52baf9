//! Bodies as exports hold them, and the exact HTML they become.

mod blocks;
mod classic;
mod shortcodes;

use proptest::prelude::*;

use super::*;

/// A library of four attachments, two of them uploaded to post 9.
struct Shelf;

impl Library for Shelf {
    fn attachment(&self, id: u64) -> Option<MediaRecord> {
        let (name, kind, caption) = match id {
            1 => ("a.jpg", "image/jpeg", "A & B"),
            2 => ("b.jpg", "image/jpeg", ""),
            3 => ("c.mp3", "audio/mpeg", "Song"),
            4 => ("d.mp4", "video/mp4", ""),
            _ => return None,
        };
        Some(MediaRecord {
            guid: None,
            url: format!("https://m.example/{name}"),
            alt: if id == 1 { "Alt".into() } else { String::new() },
            caption: caption.into(),
            credit: String::new(),
            width: (id == 1).then_some(6),
            height: (id == 1).then_some(4),
            mime_type: Some(kind.into()),
            rights: None,
            renditions: Vec::new(),
        })
    }

    fn attached_to(&self, post: u64) -> Vec<MediaRecord> {
        let ids: &[u64] = if post == 9 { &[2, 3] } else { &[] };
        ids.iter().filter_map(|&id| self.attachment(id)).collect()
    }

    fn reusable_block(&self, id: u64) -> Option<String> {
        match id {
            20 => Some("<!-- wp:paragraph --><p>shared</p><!-- /wp:paragraph -->".into()),
            23 => Some(
                "<!-- wp:paragraph {\"metadata\":{\"name\":\"Card\"}} --><p>card</p><!-- /wp:paragraph -->".into(),
            ),
            22 => Some(
                "<!-- wp:heading {\"metadata\":{\"bindings\":{\"__default\":{\"source\":\"core/pattern-overrides\"}},\"name\":\"Head\"}} --><h2 class=\"x\">head</h2><!-- /wp:heading -->\
                 <!-- wp:image {\"metadata\":{\"bindings\":{\"__default\":{\"source\":\"core/pattern-overrides\"}},\"name\":\"Picture\"}} --><figure><img src=\"/x.jpg\"></figure><!-- /wp:image -->\
                 <!-- wp:button {\"metadata\":{\"bindings\":{\"__default\":{\"source\":\"core/pattern-overrides\"}},\"name\":\"More\"}} --><div class=\"wp-block-button\"><a href=\"/y\">more</a></div><!-- /wp:button -->\
                 <!-- wp:paragraph {\"metadata\":{\"bindings\":{\"__default\":{\"source\":\"core/pattern-overrides\"}},\"name\":\"Foot\"}} --><p>foot</p><!-- /wp:paragraph -->"
                    .into(),
            ),
            21 => Some("<!-- wp:block {\"ref\":21} /-->".into()),
            _ => None,
        }
    }
}

fn body(raw: &str) -> Body {
    convert(BodySource { raw, post: 9, ..BodySource::default() }, &Shelf)
}

#[track_caller]
fn becomes(raw: &str, html: &str) {
    assert_eq!(body(raw).html, html, "{raw}");
}

fn counts(counts: &BTreeMap<String, u64>) -> Vec<(&str, u64)> {
    counts.iter().map(|(name, count)| (name.as_str(), *count)).collect()
}

#[test]
fn hostile_bodies_take_no_time() {
    let hostile = [
        "<!-- wp:group --><div>",
        "[a]",
        "[a b=\"",
        "[[a]",
        "[caption]",
        "<p>",
        "<a x=\"[",
        "[/a]",
        "<b>\n\n",
        "<!--",
        "<!-- wp:x {",
        "\n\n",
        "<br>",
        "[a_b c=",
        "<blockquote class=\"fb-post\" cite=\"https://a.example/\">",
        "[x url=\"https://a.example/\"]",
        "<img srcset=\",,,a 1w,",
        "<figure> <b>a</b> ",
        "<script data-telegram-post=\"a/1\">",
        "<td>",
        "<p></p>",
        "x[a]y[/a]",
        "https://a.example\n",
        "<li>",
        "[gallery ids=1]",
        "<!-- wp:x -->y",
    ];
    for piece in hostile {
        let raw = piece.repeat(300_000 / piece.len());
        let started = std::time::Instant::now();
        let html = body(&raw).html;
        assert!(html.len() < 60 * raw.len(), "{piece}: {}", html.len());
        assert!(started.elapsed().as_secs() < 5, "{piece}: {:?}", started.elapsed());
    }
}

#[test]
fn texts_without_a_body_lose_their_shortcodes_too() {
    assert_eq!(
        plain_without_shortcodes("A <b>lead</b> [foo_bar x=\"1\"] [sic] &amp; [caption]c[/caption]"),
        "A lead [sic] & c"
    );
}

fn fragments() -> impl Strategy<Value = String> {
    let fragments = vec![
        "<!-- wp:paragraph -->",
        "<!-- /wp:paragraph -->",
        "<!-- wp:embed {\"url\":\"https://a.example\"} /-->",
        "<!-- wp:x {",
        "-->",
        "<!--",
        "<!--more-->",
        "<!-- wp:shortcode -->",
        "<!-- /wp:shortcode -->",
        "<!-- wp:image {\"id\":1} -->",
        "<!-- /wp:image -->",
        "[caption id=\"a_1\"]",
        "[/caption]",
        "[gallery ids=\"1,2\"]",
        "[embed]",
        "[/embed]",
        "[a_b x='ж]",
        "[[",
        "]]",
        "[/a_b]",
        "[audio",
        "]",
        "\"",
        "'",
        "=",
        "ж",
        " ",
        "\n",
        "\n\n",
        "&nbsp;",
        "&",
        "<",
        ">",
        "<p>",
        "</p>",
        "<b>",
        "</b>",
        "<div>",
        "</div>",
        "<li>",
        "<td>",
        "<table>",
        "<pre>",
        "</pre>",
        "<a href=\"x",
        "<img src=x>",
        "<script>",
        "</script>",
        "<iframe src=\"//a.example\">",
        "</iframe>",
        "https://a.example/ж",
        "<figure>",
        "</figure>",
        "<br>",
        "\u{a0}",
    ];
    prop::collection::vec(prop::sample::select(fragments), 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_body_is_survived_and_holds_no_comment(raw in fragments()) {
        let html = body(&raw).html;
        prop_assert!(!html.contains("<!--"), "{}", html);
        prop_assert!(!html.chars().any(|character| character.is_control() && character != '\n'), "{}", html);
    }

    #[test]
    fn any_string_is_survived(raw in any::<String>()) {
        body(&raw);
        plain_without_shortcodes(&raw);
    }
}
