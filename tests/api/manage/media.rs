//! `/v1/manage/media`.

use reqwest::Method;
use serde_json::{Value, json};

use super::trail::{audit_rows, editor, entries, faults, outcome, told};
use crate::on_both;
use crate::support::article;

const MEDIA: &str = "/v1/manage/media";
const FIRST: &str = "/v1/manage/media/1";

fn photo() -> Value {
    json!({"guid": "photo", "url": "https://m.example/1.jpg", "alt": "A dam", "caption": "The dam.", "credit": "A. B.",
        "width": 1600, "height": 900, "mime_type": "image/jpeg", "rights": {"holder": "Agency"},
        "renditions": [{"url": "https://m.example/1-small.jpg", "width": 400}]})
}

on_both! {
    fn a_new_medium_is_complete(app: &TestApp) {
        let key = editor(app);

        let answer = app.post(MEDIA, &key, &photo());

        let mut expected = photo();
        expected["id"] = json!(1);
        expected["modified_at"] = json!("2026-06-01T12:00:00Z");
        assert_eq!((answer.status, answer.json(), answer.header("location")), (201, expected.clone(), FIRST));
        let read = app.get_as(FIRST, &key);
        assert_eq!((read.json(), read.header("etag")), (expected, answer.header("etag")));
        assert_eq!(app.get("/v1/media/1").json()["alt"], "A dam");
        assert_eq!(entries(app, 0), ["upsert media 1 updated: Everyone of Everyone"]);
        assert_eq!(audit_rows(app), ["content:read content:write: create_media media 1 1"]);
        let taken = app.post(MEDIA, &key, &photo());
        assert_eq!((faults(&taken), told(&taken)), (vec!["/guid".into()], "`photo` is the identity of the medium 1 already".into()));
    }

    fn one_without_a_guid_outlives_the_articles_that_use_it(app: &TestApp) {
        let key = editor(app);
        let first = app.post(MEDIA, &key, &json!({"url": "/x.jpg"})).json();
        let second = app.post(MEDIA, &key, &json!({"url": "/x.jpg"})).json();
        assert_ne!(first["guid"], second["guid"], "two pictures, although they look the same");
        app.store([article("a").with("hero", json!({"guid": first["guid"], "url": "/x.jpg"}))]);
        app.store([article("a")]);
        assert_eq!(app.get_as(FIRST, &key).status, 200);
    }

    fn what_is_wrong_is_told_at_once(app: &TestApp) {
        let key = editor(app);
        let bad = json!({"url": "javascript:alert(1)", "alt": "\u{0}", "width": 0, "height": -1, "mime_type": "a\u{7}"});
        assert_eq!(faults(&app.post(MEDIA, &key, &bad)), ["/width", "/height", "/url", "/alt", "/mime_type"]);
        app.post(MEDIA, &key, &photo());
        let bad = json!({"url": null, "caption": "\u{1b}", "width": 0});
        assert_eq!(faults(&app.patch(FIRST, &key, &bad)), ["/url", "/width", "/caption"]);
        for (body, place) in [(json!({"guid": "other"}), "/guid"), (json!({"rights": {"owner": "x"}}), "/rights/owner")] {
            assert_eq!(faults(&app.patch(FIRST, &key, &body)), [place], "{body}");
        }
        assert_eq!(faults(&app.post(MEDIA, &key, &json!({"alt": "x"}))), ["/url"]);
    }

    fn a_patch_tells_absent_null_and_value_apart(app: &TestApp) {
        let key = editor(app);
        let mut expected = app.post(MEDIA, &key, &photo()).json();
        let mut patch = |body: Value, changes: Value| {
            let answer = app.patch(FIRST, &key, &body);
            assert_eq!(answer.status, 200, "{}", answer.json());
            for (member, value) in changes.as_object().expect("an object") {
                expected[member] = value.clone();
            }
            expected["modified_at"] = answer.json()["modified_at"].clone();
            assert_eq!(answer.json(), expected, "{body}");
        };
        patch(json!({}), json!({}));
        patch(json!({"alt": "A weir", "width": 800}), json!({"alt": "A weir", "width": 800}));
        patch(json!({"url": "/2.jpg", "rights": {"licence": "CC0"}}), json!({"url": "/2.jpg", "rights": {"licence": "CC0"}}));
        patch(
            json!({"alt": null, "caption": null, "credit": null, "width": null, "height": null, "mime_type": null,
                "rights": null, "renditions": null}),
            json!({"alt": "", "caption": "", "credit": "", "width": null, "height": null, "mime_type": null,
                "rights": null, "renditions": []}),
        );
        let renditions = json!([{"url": "/3.webp", "width": 10, "height": 5, "mime_type": "image/webp"}]);
        patch(json!({"renditions": renditions, "mime_type": "image/png"}), json!({"renditions": renditions, "mime_type": "image/png"}));
    }

    fn a_patch_names_the_version_that_it_changes(app: &TestApp) {
        let key = editor(app);
        app.post(MEDIA, &key, &photo());
        let send = |headers: &[(&str, &str)], alt: &str| app.send(Method::PATCH, FIRST, &key, headers, &json!({"alt": alt}));
        assert_eq!(outcome(&send(&[], "x")), (428, "precondition-required".into()));
        let first = app.get_as(FIRST, &key).header("etag").to_owned();
        let second = send(&[("If-Match", &first)], "x");
        assert!(second.status == 200 && second.header("etag") != first);
        assert_eq!(outcome(&send(&[("If-Match", &first)], "y")), (412, "precondition-failed".into()));
    }

    fn the_log_tells_it_to_whoever_follows_articles(app: &TestApp) {
        let key = editor(app);
        app.post(MEDIA, &key, &photo());
        let shown = json!([{"guid": "beside", "url": "/beside.jpg"}]);
        app.store([
            article("hero").with("hero", photo()), article("text").with("media", json!([photo()])), article("other"),
            article("draft").with("hero", photo()).with("status", "draft"),
            article("both").with("hero", photo()).with("media", json!([photo(), shown[0]])),
        ]);
        let mut known = app.log_length();
        let mut told = |body: Value| {
            assert_eq!(app.patch(FIRST, &key, &body).status, 200);
            let lines = entries(app, known);
            known += lines.len();
            lines
        };
        for (body, reason) in [
            (json!({"rights": {"holder": "Agency", "usage": "Once"}}), "rights"), (json!({"alt": "A weir"}), "updated"),
            (json!({"rights": null, "alt": "Both"}), "rights"),
        ] {
            let expected = ["media 1", "article hero", "article text", "article both"]
                .map(|thing| format!("upsert {thing} {reason}: Everyone of Everyone"));
            assert_eq!(told(body), expected);
        }
        assert_eq!(told(json!({"alt": "Both"})), Vec::<String>::new(), "nothing changed");
    }

    fn the_list_has_those_of_drafts_the_newest_first(app: &TestApp) {
        let key = editor(app);
        app.store([article("draft").with("hero", json!({"guid": "d", "url": "/d.jpg"})).with("status", "draft")]);
        for n in 2..=5 {
            app.post(MEDIA, &key, &json!({"url": format!("/{n}.jpg")}));
        }
        assert_eq!((app.get("/v1/media/1").status, app.get_as(FIRST, &key).status), (404, 200));
        let list = |query: &str| app.get_as(&format!("{MEDIA}{query}"), &key);
        assert_eq!(list("").each("id"), [5, 4, 3, 2, 1]);
        assert_eq!((list("?limit=2&page=3").each("id"), list("").json()["page"]["total"].clone()), (vec![json!(1)], json!(5)));
        let mut page = list("?limit=2&cursor=*").json();
        let mut ids = Vec::new();
        loop {
            ids.extend(page["data"].as_array().expect("data").iter().map(|one| one["id"].as_i64().expect("an id")));
            let Some(next) = page["links"]["next"].as_str() else { break };
            page = app.get_as(next, &key).json();
        }
        assert_eq!(ids, [5, 4, 3, 2, 1]);
        let back = page["links"]["prev"].as_str().expect("a link");
        assert_eq!(app.get_as(back, &key).each("id"), [3, 2]);
        for id in ["0", "99", "x", "01"] {
            assert_eq!(outcome(&app.get_as(&format!("{MEDIA}/{id}"), &key)), (404, "not-found".into()), "{id}");
        }
    }

    fn a_repeated_call_writes_once(app: &TestApp) {
        let key = editor(app);
        let send = || app.send(Method::POST, MEDIA, &key, &[("Idempotency-Key", "m-1")], &json!({"url": "/x.jpg"}));
        let (first, second) = (send(), send());
        assert_eq!((first.status, first.json(), first.header("location")), (201, second.json(), second.header("location")));
        assert_eq!(app.get_as(MEDIA, &key).each("id"), [1]);
    }
}
