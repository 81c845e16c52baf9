//! The one door for HTML: what comes out may be stored and served.
//!
//! Ammonia decides; `nesting` before it bounds the tree it builds. Sanitising is done once, when an article is written,
//! and the version is stored beside the result, so that a stricter policy can find what it has not yet seen.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::Builder;

use super::nesting::tame;
use super::policy::{ANYWHERE, DROPPED_WITH_CONTENT, ELEMENTS, SCHEMES};
use super::{escape, plain_text};

/// Raised whenever [`sanitise`] answers differently, so that stored bodies can be sanitised again.
pub const SANITISER_VERSION: i64 = 2;

/// How often a result is parsed again until it no longer changes. Markup that browsers wrote needs one or two rounds.
const MAX_ROUNDS: usize = 5;

static POLICY: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::empty();
    builder
        .tags(ELEMENTS.iter().map(|(name, _)| *name).collect())
        .tag_attributes(attributes())
        .generic_attributes(ANYWHERE.iter().copied().collect())
        .clean_content_tags(DROPPED_WITH_CONTENT.iter().copied().collect())
        .url_schemes(SCHEMES.iter().copied().collect())
        .link_rel(Some("noopener"))
        .strip_comments(true);
    builder
});

fn attributes() -> HashMap<&'static str, HashSet<&'static str>> {
    ELEMENTS.iter().map(|(name, own)| (*name, own.iter().copied().collect())).collect()
}

/// `html` with only the markup that [`super::policy`] keeps. Sanitising twice changes nothing more.
pub fn sanitise(html: &str) -> String {
    let mut tamed = tame(html);
    let mut cleaned = decide(&tamed);
    for _ in 1..MAX_ROUNDS {
        let again = tame(&cleaned);
        // The same markup makes the same tree, so there is no need to build it: that is so for nearly every article.
        if again == tamed {
            return cleaned;
        }
        tamed = again;
        let again = decide(&tamed);
        if again == cleaned {
            return cleaned;
        }
        cleaned = again;
    }
    // Parsing keeps changing it, so no two readers would see the same page: only its text is safe to serve.
    paragraphs(&cleaned)
}

/// What the policy leaves of markup that was tamed.
fn decide(tamed: &str) -> String {
    POLICY.clean(tamed).to_string()
}

fn paragraphs(html: &str) -> String {
    let text = plain_text(html);
    let marked: String = text.split("\n\n").map(|text| format!("<p>{}</p>", escape::html(text))).collect();
    decide(&tame(&marked))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn editorial_markup_is_kept() {
        for html in [
            "<p lang=\"uz\" dir=\"ltr\">Oʻzbekiston <em>soʻmi</em></p>",
            "<figure><img src=\"/a.jpg\" alt=\"Бозор\" width=\"6\" height=\"4\" srcset=\"/a.jpg 1x, /b.jpg 2x\" sizes=\"100vw\" loading=\"lazy\"><figcaption>Сурат</figcaption></figure>",
            "<table><caption>Kurs</caption><thead><tr><th scope=\"col\">USD</th></tr></thead><tbody><tr><td colspan=\"2\" rowspan=\"1\">12,5</td></tr></tbody></table>",
            "<video src=\"https://x/v.mp4\" poster=\"/p.jpg\" controls=\"\" width=\"1\" height=\"2\"><source src=\"v.webm\" type=\"video/webm\"><track src=\"s.vtt\" kind=\"captions\" srclang=\"ky\" label=\"Кыргызча\"></video>",
            "<ol start=\"5\" reversed=\"\" type=\"a\"><li value=\"9\">бап</li></ol>",
            "<details><summary>Тағы</summary><p>мәтін</p></details><hr><p>a<br>b <time datetime=\"2026-05-18\">18 мая</time></p>",
            "<dl><dt>som</dt><dd>KGS</dd></dl><pre><code>x\n  y</code></pre><ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby>",
        ] {
            assert_eq!(sanitise(html), html);
        }
        assert_eq!(
            sanitise("<a href='https://x/?a=1&b=2' title=t target=_blank rel=opener>x</a>"),
            "<a href=\"https://x/?a=1&amp;b=2\" title=\"t\" rel=\"noopener\">x</a>"
        );
    }

    #[test]
    fn what_runs_or_embeds_is_gone() {
        for (html, expected) in [
            ("<p onclick=x() style=color:red class=c id=i>a</p>", "<p>a</p>"),
            ("a<script>b()</script><style>c{}</style><iframe>d</iframe><object>e</object><form>f<input></form>g", "ag"),
            ("<a href=' java&#x09;script:alert(1)'>x</a>", "<a rel=\"noopener\">x</a>"),
            ("<img src=x onerror=alert(1)>", "<img src=\"x\">"),
            ("<img srcset='javascript:x 1x, /ok.png 2x'>", "<img srcset=\"/ok.png 2x\">"),
            ("<img src='data:image/svg+xml,x'>", ""),
            ("<video poster='javascript:x'></video>", "<video></video>"),
            ("<!-- wp:paragraph --><p>a</p><!-- /wp:paragraph -->", "<p>a</p>"),
            (
                "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
                "",
            ),
            ("<svg><p><style><g title=\"</style><img src onerror=alert(1)>\">x</svg>y", "y"),
            ("<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">a</noscript>", "<p>a</p>"),
        ] {
            assert_eq!(sanitise(html), expected, "{html}");
        }
    }

    #[test]
    fn misnested_formatting_is_repaired_as_browsers_do() {
        assert_eq!(sanitise("<p><em>а</p><p>б</em> в</p>"), "<p><em>а</em></p><p><em>б</em> в</p>");
        assert_eq!(sanitise("<b><p>а</b> б</p>"), "<b></b><p><b>а</b> б</p>");
        assert_eq!(sanitise("<b>а<i>б</b>в</i>"), "<b>а<i>б</i></b><i>в</i>");
    }

    #[test]
    fn leading_newlines_of_pre_do_not_erode() {
        assert_eq!(sanitise("<pre>\n\n a\n</pre>"), "<pre> a\n</pre>");
    }

    #[test]
    fn hostile_depth_and_size_are_survived() {
        let closed = |tag: &str| format!("<{tag}>").repeat(200_000);
        for html in [
            closed("div"),
            closed("b"),
            closed("table><tr><td"),
            closed("p><b lang=x"),
            closed("a"),
            closed("x-y"),
            closed("/p"),
        ] {
            let clean = sanitise(&format!("{html}дно"));
            assert!(clean.contains("дно"), "{}", &html[..20]);
            assert!(clean.len() < 40_000_000, "{} {}", &html[..20], clean.len());
        }
    }

    fn tags() -> impl Strategy<Value = String> {
        let names = "p b i a em div table tr td th tbody caption li ul ol h2 h3 pre span dt dd dl ruby rt code figure \
                     figcaption blockquote form svg select font details summary br hr q center";
        let names: Vec<&str> = names.split_whitespace().collect();
        let piece = prop_oneof![
            4 => prop::sample::select(names.clone()).prop_map(|name| format!("<{name}>")),
            3 => prop::sample::select(names).prop_map(|name| format!("</{name}>")),
            2 => "[а-яa-z \n\u{a0}&<>\"';]{1,4}",
            1 => prop::sample::select(vec!["<!--", "<img src=x>", "<b lang=x>", "</br>"]).prop_map(str::to_owned),
        ];
        prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]

        #[test]
        fn sanitising_twice_changes_nothing(html in tags()) {
            let once = sanitise(&html);
            prop_assert_eq!(sanitise(&once), once);
        }

        #[test]
        fn any_string_is_survived(html in any::<String>()) {
            let once = sanitise(&html);
            prop_assert_eq!(sanitise(&once), once);
        }
    }
}
