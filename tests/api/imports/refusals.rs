//! Lines that are refused: each is reported with its number and reason, and nothing of it is written.

use serde_json::json;
use xabar::clock::Clock;
use xabar::imports::{Report, ndjson};

use crate::on_both;
use crate::support::{TestApp, article};

/// Imports `bad` between two good lines, and returns why it was refused.
fn reason(app: &TestApp, bad: &[u8]) -> String {
    let text = [article("before").line().as_bytes(), b"\n", bad, b"\n", article("after").line().as_bytes()].concat();
    let report = ndjson::import(&app.db, &Clock::fixed(app.clock.now()), &text[..], |_| {}).expect("the import runs");
    let shown = String::from_utf8_lossy(bad).into_owned();
    assert_eq!((report.created + report.unchanged, report.updated), (2, 0), "{shown}: {report}");
    assert_eq!(report.faults.len(), 1, "{shown}: {report}");
    assert_eq!(report.faults[0].place, "line 2", "{shown}");
    assert!(report.to_string().starts_with(&format!("line 2: {}\n", report.faults[0].reason)), "{report}");
    assert_eq!(app.get("/v1/articles").slugs(), ["after", "before"], "{shown}");
    assert_eq!((app.get("/v1/tags").slugs(), app.get("/v1/authors").slugs()), (Vec::new(), Vec::new()), "{shown}");
    report.faults[0].reason.clone()
}

const SLUG: &str = "is no slug: lower-case letters and digits in groups joined by hyphens, not digits alone";

on_both! {
    fn what_is_no_record_is_refused(app: &TestApp) {
        for (bad, expected) in [
            (&b"nonsense"[..], "expected ident at line 1 column 2"),
            (b"{\"slug\":\"a\"", "EOF while parsing an object"),
            (b"[]", "expected a JSON object"),
            (b"null", "expected a JSON object"),
            (b"{\"slug\":\"\xff\"}", "is not UTF-8: invalid utf-8 sequence of 1 bytes from index 9"),
            (b"{\"type\":\"video\",\"slug\":\"a\"}", "type: is not one of article, tag, author, media"),
            (b"{\"type\":1}", "type: is not one of article, tag, author, media"),
            (b"{} {}", "trailing characters"),
        ] {
            let reason = reason(app, bad);
            assert!(reason.contains(expected), "{}: {reason}", String::from_utf8_lossy(bad));
        }
    }

    fn a_field_that_is_unknown_missing_or_of_another_type_is_named(app: &TestApp) {
        let tagged = || article("bad").tags(&["bad-tag"]).author("bad-author");
        let mut missing: serde_json::Value = serde_json::from_str(&tagged().line()).expect("JSON");
        missing.as_object_mut().expect("an object").remove("title");
        for (bad, expected) in [
            (tagged().with("colour", "red").line(), "unknown field `colour`"),
            (missing.to_string(), "missing field `title`"),
            (tagged().with("title", 5).line(), "invalid type: integer `5`, expected a string"),
            (tagged().with("kind", "rumour").line(), "unknown variant `rumour`, expected one of `news`"),
            (tagged().with("status", "live").line(), "unknown variant `live`"),
            (tagged().with("published_at", "yesterday").line(), "not an RFC 3339 time such as 2025-04-03T09:00:00Z"),
            (tagged().with("published_at", "2026-02-30T00:00:00Z").line(), "not an RFC 3339 time"),
            (tagged().with("published_at", 1_700_000_000).line(), "invalid type: integer"),
            (tagged().with("tags", json!([{"slug": "x", "name": "X", "color": 1}])).line(), "unknown field `color`"),
        ] {
            let reason = reason(app, bad.as_bytes());
            assert!(reason.contains(expected), "{bad}: {reason}");
        }
    }

    fn a_slug_is_lower_case_words_and_not_digits_alone(app: &TestApp) {
        for slug in ["", "12345", "Upper", "two words", "a--b", "-a", "a-", "a_b", "a/b", "a.b", "..", "a\u{0}b"] {
            let bad = article("x").with("slug", slug).tags(&["bad-tag"]).line();
            assert_eq!(reason(app, bad.as_bytes()), format!("slug: {slug:?} {SLUG}"));
        }
        let bad = article("fine").tags(&["007"]).line();
        assert_eq!(reason(app, bad.as_bytes()), format!("tags[0].slug: \"007\" {SLUG}"));
        let bad = article("fine").with("former_slugs", json!(["Old"])).line();
        assert_eq!(reason(app, bad.as_bytes()), format!("former_slugs: \"Old\" {SLUG}"));
    }

    fn nul_and_control_characters_are_refused_wherever_they_are(app: &TestApp) {
        for (bad, expected) in [
            (article("bad").with("title", "a\u{0}b"), "title: has control characters"),
            (article("bad").with("title", "a\u{7f}b"), "title: has control characters"),
            (article("bad").with("standfirst", "a\u{0}"), "standfirst: has control characters"),
            (article("bad").with("body", "<p>a\u{0}</p>"), "body: has a NUL character"),
            (article("bad").with("guid", "a\u{0}"), "guid: is not 1 to 500 characters without control characters"),
            (article("bad").with("tags", json!([{"slug": "t", "name": "a\u{0}"}])), "tags[0].name: has control characters"),
            (article("bad").with("hero", json!({"url": "/a", "alt": "\u{0}"})), "hero.alt: has control characters"),
            (article("bad").with("translation_group", "\u{0}"), "translation_group: is not 1 to 500 characters without control characters"),
        ] {
            assert_eq!(reason(app, bad.line().as_bytes()), expected);
        }
    }

    fn dates_and_kills_must_make_sense(app: &TestApp) {
        let kill = json!({"at": "2026-05-02T00:00:00Z", "reason": "Wrong."});
        for (bad, expected) in [
            (article("bad").with("status", "killed"), "kill: goes with the status `killed`, and with no other"),
            (article("bad").with("kill", kill), "kill: goes with the status `killed`, and with no other"),
            (article("bad").with("expires_at", "2026-04-01T00:00:00Z"), "expires_at: is not after published_at"),
            (article("bad").with("expires_at", "2026-05-01T09:00:00Z"), "expires_at: is not after published_at"),
            (article("bad").with("published_at", json!(null)), "published_at: is required when the status is published"),
            (
                article("bad").with("published_at", json!(null)).with("status", "scheduled"),
                "published_at: is required when the status is scheduled",
            ),
        ] {
            assert_eq!(reason(app, bad.tags(&["bad-tag"]).line().as_bytes()), expected);
        }
    }

    fn every_fault_of_a_line_is_told_at_once(app: &TestApp) {
        let bad = article("Bad").with("lang", "English").with("canonical_url", "javascript:x()").with("title", "t".repeat(2001));
        let expected = format!(
            "lang: is not a language tag such as `en` or `uz-Cyrl`; slug: \"Bad\" {SLUG}; title: is longer than 2000 characters; \
             canonical_url: \"javascript:x()\" is no http or https address"
        );
        assert_eq!(reason(app, bad.line().as_bytes()), expected);
    }

    fn a_slug_of_another_identity_is_refused(app: &TestApp) {
        app.store([article("taken").with("guid", "first")]);
        let report = app.import(&article("taken").with("guid", "second").tags(&["bad-tag"]).author("bad-author").line());
        assert_eq!((report.changes(), report.faults.len()), (0, 1));
        assert_eq!(report.faults[0].to_owned().reason, "slug: belongs to another article, first");
        assert_eq!(app.get("/v1/articles/taken").json()["guid"], "first");
        assert_eq!((app.get("/v1/tags").slugs(), app.get("/v1/authors").slugs()), (Vec::new(), Vec::new()));
        app.store([article("free").with("guid", "second")]);
        let report = app.import(&article("taken").with("guid", "second").line());
        assert_eq!((report.changes(), report.faults.len()), (0, 1), "nor may one move there");
        assert_eq!(app.get("/v1/articles/free").status, 200);
    }

    fn the_report_adds_up(app: &TestApp) {
        app.store([article("same"), article("changed")]);
        let kill = json!({"at": "2026-05-02T00:00:00Z", "reason": "Wrong."});
        app.store([article("dead").with("status", "killed").with("kill", kill)]);
        let lines = [
            article("same").line(), article("changed").with("title", "New").line(), article("created").line(),
            article("dead").line(), "nonsense".to_owned(), article("Bad").line(),
        ];
        let report = app.import(&lines.join("\n"));
        let places: Vec<&str> = report.faults.iter().map(|fault| fault.place.as_str()).collect();
        assert_eq!(places, ["line 5", "line 6"]);
        let last = report.to_string().lines().last().expect("a line").to_owned();
        assert_eq!(last, "2 changes: 1 created, 1 updated; 1 unchanged, 1 skipped, 2 refused");
        let Report { created, updated, unchanged, .. } = report;
        assert_eq!((created, updated, unchanged), (1, 1, 1));
    }
}
