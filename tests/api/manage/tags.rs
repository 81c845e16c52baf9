//! `/v1/manage/tags`: creating and changing one.

use reqwest::Method;
use serde_json::{Value, json};
use xabar::access::Scope;

use super::trail::{audit_rows, editor, entries, faults, outcome, told, without};
use crate::on_both;
use crate::support::{TestApp, article};

const TAGS: &str = "/v1/manage/tags";

fn at(slug: &str) -> String {
    format!("{TAGS}/{slug}")
}

fn aliases(app: &TestApp, slug: &str) -> Value {
    app.get(&format!("/v1/tags/{slug}")).json()["aliases"].clone()
}

on_both! {
    fn a_new_tag_is_complete_and_public(app: &TestApp) {
        let key = editor(app);
        let sent = json!({"slug": "uzbekistan", "name": "Uzbekistan", "kind": "country", "description": "On the Amu.",
            "aliases": ["ozbekiston", "uz"]});

        let answer = app.post(TAGS, &key, &sent);

        let expected = json!({"id": 1, "slug": "uzbekistan", "name": "Uzbekistan", "kind": "country",
            "description": "On the Amu.", "aliases": ["ozbekiston", "uz"], "article_count": 0, "merged_into": null,
            "public": true, "modified_at": "2026-06-01T12:00:00Z"});
        assert_eq!((answer.status, answer.json()), (201, expected.clone()));
        assert_eq!(answer.header("location"), "/v1/manage/tags/uzbekistan");
        let read = app.get_as(answer.header("location"), &key);
        assert_eq!((read.status, read.json(), read.header("etag")), (200, expected.clone(), answer.header("etag")));
        assert_eq!(app.get("/v1/tags/uzbekistan").json(), without(expected, &["merged_into", "public", "modified_at"]));
        assert_eq!(app.get("/v1/tags/uz").header("location"), "/v1/tags/uzbekistan");
        assert_eq!(entries(app, 0), ["upsert tag uzbekistan updated: Everyone of Everyone"]);
        assert_eq!(audit_rows(app), ["content:read content:write: create_tag tag 1 uzbekistan"]);
    }

    fn a_slug_is_made_of_the_name_in_any_of_the_region_s_scripts(app: &TestApp) {
        let key = editor(app);
        for (name, slug) in [
            ("Железная дорога", "zheleznaia-doroga"), ("Oʻzbekiston", "ozbekiston"), ("Қазақстан үкіметі", "kazakstan-ukimeti"),
            ("Тоҷикистон", "tojikiston"), ("Türkmenistanyň gazy", "turkmenistanyn-gazy"), ("2026", "n-2026"),
            ("Oʻzbekiston", "ozbekiston-2"), ("O'zbekiston", "ozbekiston-3"),
        ] {
            let answer = app.post(TAGS, &key, &json!({"name": name}));
            assert_eq!((answer.status, answer.json()["slug"].clone()), (201, json!(slug)), "{name}");
        }
        app.put(&json!({"type": "tag", "slug": "rail", "name": "Rail", "aliases": ["rail-2"]}));
        let answer = app.post(TAGS, &key, &json!({"name": "Rail", "aliases": ["rail-3"]}));
        assert_eq!(answer.json()["slug"], "rail-4", "an alias is no free slug, not even its own");
    }

    fn what_is_wrong_with_a_new_tag_is_told_at_once(app: &TestApp) {
        let key = editor(app);
        let bad = json!({"slug": "A b", "name": " ", "description": "a\u{0}b", "aliases": ["ok", "not ok", "12"]});
        assert_eq!(faults(&app.post(TAGS, &key, &bad)), ["/slug", "/name", "/description", "/aliases/1", "/aliases/2"]);
        for (body, places) in [
            (json!({"name": " — "}), vec!["/slug"]), (json!({"name": "a\u{1b}b"}), vec!["/name"]),
            (json!({"slug": "a"}), vec!["/name"]), (json!({"name": "A", "colour": "red"}), vec!["/colour"]),
            (json!({"name": "A", "kind": "planet"}), vec!["/kind"]), (json!({"name": 5}), vec!["/name"]),
            (json!({"name": "A", "slug": "a", "aliases": ["b", "a"]}), vec!["/aliases/1"]),
        ] {
            assert_eq!(faults(&app.post(TAGS, &key, &body)), places, "{body}");
        }
        assert_eq!((app.log_length(), audit_rows(app)), (0, vec![]));
    }

    fn a_slug_that_is_in_use_names_its_tag(app: &TestApp) {
        let key = editor(app);
        app.put(&json!({"type": "tag", "slug": "rail", "name": "Rail", "aliases": ["trains"]}));

        let answer = app.post(TAGS, &key, &json!({"slug": "trains", "name": "T", "aliases": ["x", "rail"]}));

        assert_eq!(faults(&answer), ["/slug", "/aliases/1"]);
        assert_eq!(answer.json()["errors"][0]["detail"], "`trains` leads to the tag `rail` already");
        app.put(&json!({"type": "tag", "slug": "sea", "name": "Sea"}));
        let taken = app.patch(&at("sea"), &key, &json!({"slug": "trains"}));
        assert_eq!((faults(&taken), told(&taken)), (vec!["/slug".into()], "`trains` leads to the tag `rail` already".into()));
        let taken = app.post(&at("sea/aliases"), &key, &json!({"slug": "trains"}));
        assert_eq!((faults(&taken), told(&taken)), (vec!["/slug".into()], "`trains` leads to the tag `rail` already".into()));
        assert_eq!((aliases(app, "rail"), aliases(app, "sea")), (json!(["trains"]), json!([])));
    }

    fn a_patch_tells_absent_null_and_value_apart(app: &TestApp) {
        let key = editor(app);
        app.put(&json!({"type": "tag", "slug": "rail", "name": "Rail", "kind": "section", "description": "Trains."}));
        let shown = |body: Value| {
            let answer = app.patch(&at("rail"), &key, &body);
            assert_eq!(answer.status, 200, "{}", answer.json());
            let json = answer.json();
            [json["name"].clone(), json["kind"].clone(), json["description"].clone()]
        };
        assert_eq!(shown(json!({})), ["Rail", "section", "Trains."]);
        assert_eq!(shown(json!({"name": "Railways"})), ["Railways", "section", "Trains."]);
        assert_eq!(shown(json!({"description": "Trains & stations."})), ["Railways", "section", "Trains & stations."]);
        assert_eq!(shown(json!({"kind": null, "description": null})), ["Railways", "topic", ""]);
        assert_eq!(faults(&app.patch(&at("rail"), &key, &json!({"name": null, "slug": null}))), ["/slug", "/name"]);
        let both = json!({"name": null, "slug": "NOT A SLUG", "description": "a\u{7}"});
        assert_eq!(faults(&app.patch(&at("rail"), &key, &both)), ["/name", "/slug", "/description"]);
        assert_eq!(app.get("/v1/tags/rail").json()["name"], "Railways");
    }

    fn a_patch_names_the_version_that_it_changes(app: &TestApp) {
        let key = editor(app);
        app.put(&json!({"type": "tag", "slug": "rail", "name": "Rail"}));
        let send = |tag: &[(&str, &str)], name: &str| {
            app.send(Method::PATCH, &at("rail"), &key, tag, &json!({"name": name}))
        };
        assert_eq!(outcome(&send(&[], "A")), (428, "precondition-required".into()));
        let first = app.get_as(&at("rail"), &key).header("etag").to_owned();
        let second = send(&[("If-Match", &first)], "A");
        assert_eq!(second.status, 200);
        assert_ne!(second.header("etag"), first, "the clock stands still, and yet the two differ");
        assert_eq!(outcome(&send(&[("If-Match", &first)], "B")), (412, "precondition-failed".into()));
        assert_eq!(outcome(&send(&[("If-Match", &format!("W/{}", second.header("etag")))], "B")).0, 412);
        assert_eq!(app.get("/v1/tags/rail").json()["name"], "A");
        let unchanged = send(&[("If-Match", second.header("etag"))], "A");
        assert_eq!((unchanged.status, unchanged.header("etag")), (200, second.header("etag")), "nothing changed");
        assert_eq!(send(&[("If-Match", "*")], "C").status, 200);
        let alias = app.send(Method::POST, &at("rail/aliases"), &key, &[("If-Match", &first)], &json!({"slug": "x"}));
        assert_eq!(outcome(&alias).0, 412);
    }

    fn a_changed_slug_leaves_the_old_one_as_an_alias(app: &TestApp) {
        let key = editor(app);
        app.store([article("a").tags(&["rail"]), article("b")]);
        app.put(&json!({"type": "tag", "slug": "rail", "name": "Rail", "aliases": ["trains"]}));

        let answer = app.patch(&at("rail"), &key, &json!({"slug": "railways"}));

        assert_eq!((answer.status, answer.json()["aliases"].clone()), (200, json!(["rail", "trains"])));
        for old in ["rail", "trains"] {
            assert_eq!(app.get(&format!("/v1/tags/{old}")).header("location"), "/v1/tags/railways");
            let managed = app.get_as(&at(old), &key);
            assert_eq!((managed.status, managed.header("location")), (301, "/v1/manage/tags/railways"));
            assert_eq!(app.get(&format!("/v1/articles?tag={old}")).slugs(), ["a"], "{old}");
            assert_eq!(app.get(&format!("/v1/page/tag/{old}")).status, 301);
            let gone = app.send(Method::PATCH, &at(old), &key, &[("If-Match", "*")], &json!({"name": "X"}));
            assert_eq!(outcome(&gone), (409, "conflict".into()), "{old}");
        }
        assert_eq!(app.get("/v1/articles/a").json()["tags"][0]["slug"], "railways");
        assert_eq!(app.get("/v1/redirects?type=tag").each("from"), ["trains", "rail"]);
        let back = app.patch(&at("railways"), &key, &json!({"slug": "rail"}));
        assert_eq!((back.status, back.json()["aliases"].clone()), (200, json!(["railways", "trains"])));
        assert_eq!(app.get("/v1/articles?tag=railways").slugs(), ["a"]);
        app.store([article("c").tags(&["railways"])]);
        assert_eq!(app.get("/v1/tags/rail").json()["article_count"], json!(2), "a mention under the old slug");
    }

    fn aliases_come_and_go(app: &TestApp) {
        let key = editor(app);
        app.put(&json!({"type": "tag", "slug": "rail", "name": "Rail"}));
        let add = |alias: &str| app.post(&at("rail/aliases"), &key, &json!({"slug": alias}));
        assert_eq!(add("поезда").json()["aliases"], json!(["поезда"]));
        let (known, tag) = (app.log_length(), add("trains").header("etag").to_owned());
        assert_eq!(entries(app, known), ["upsert tag rail updated: Everyone of Everyone"]);
        let again = add("trains");
        assert_eq!((again.status, again.header("etag"), app.log_length()), (200, &*tag, known + 1), "it is there already");
        assert_eq!(faults(&add("rail")), ["/slug"], "its own slug is no alias");
        assert_eq!(faults(&add("Not a slug")), ["/slug"]);

        let remove = |alias: &str, headers: &[(&str, &str)]| {
            app.send(Method::DELETE, &at(&format!("rail/aliases/{alias}")), &key, headers, &json!({}))
        };
        assert_eq!(outcome(&remove("trains", &[])).0, 428);
        assert_eq!(outcome(&remove("trains", &[("If-Match", "\"old\"")])).0, 412);
        let gone = remove("trains", &[("If-Match", &tag)]);
        assert_eq!((gone.status, gone.json()["aliases"].clone()), (200, json!(["поезда"])));
        assert_ne!(gone.header("etag"), tag);
        assert_eq!(app.get("/v1/tags/trains").status, 404);
        for alias in ["trains", "rail", "nothing"] {
            assert_eq!(outcome(&remove(alias, &[("If-Match", "*")])), (404, "not-found".into()), "{alias}");
        }
        assert_eq!(remove("%D0%BF%D0%BE%D0%B5%D0%B7%D0%B4%D0%B0", &[("If-Match", "*")]).json()["aliases"], json!([]));
        assert_eq!(app.post(TAGS, &key, &json!({"name": "Trains"})).json()["slug"], "trains", "a freed slug");
    }

    fn an_alias_of_another_tag_can_t_be_taken_away_here(app: &TestApp) {
        let key = editor(app);
        app.put(&json!({"type": "tag", "slug": "rail", "name": "Rail", "aliases": ["trains"]}));
        app.put(&json!({"type": "tag", "slug": "sea", "name": "Sea"}));
        let path = at("sea/aliases/trains");
        assert_eq!(app.send(Method::DELETE, &path, &key, &[("If-Match", "*")], &json!({})).status, 404);
        assert_eq!(aliases(app, "rail"), json!(["trains"]));
    }

    fn a_repeated_call_writes_once(app: &TestApp) {
        let key = editor(app);
        let send = |name: &str| {
            app.send(Method::POST, TAGS, &key, &[("Idempotency-Key", "k-1")], &json!({"name": name}))
        };
        let (first, second) = (send("Rail"), send("Rail"));
        assert_eq!((first.status, second.status, second.header("idempotent-replayed")), (201, 201, "true"));
        assert_eq!((first.json(), first.header("etag")), (second.json(), second.header("etag")));
        assert_eq!(app.get("/v1/tags").slugs(), ["rail"]);
        assert_eq!((app.log_length(), audit_rows(app).len()), (1, 1));
        assert_eq!(outcome(&send("Sea")), (422, "validation-failed".into()), "another body under the same key");
    }

    fn what_is_not_there_is_not_found(app: &TestApp) {
        let key = editor(app);
        for (method, path, body) in [
            (Method::GET, at("x"), Value::Null), (Method::PATCH, at("x"), json!({"name": "X"})),
            (Method::POST, at("x/aliases"), json!({"slug": "y"})), (Method::DELETE, at("x/aliases/y"), json!({})),
            (Method::POST, at("x/merge"), json!({"into": "y"})),
        ] {
            let answer = app.send(method.clone(), &path, &key, &[("If-Match", "*")], &body);
            assert_eq!(outcome(&answer), (404, "not-found".into()), "{method} {path}");
        }
    }

    fn the_newsroom_s_list_has_pages_filters_and_the_merged(app: &TestApp) {
        let key = editor(app);
        for (slug, name, kind) in [("a", "Abacus", "topic"), ("b", "Baku", "section"), ("c", "Coal", "topic"), ("d", "Dam", "topic")] {
            app.put(&json!({"type": "tag", "slug": slug, "name": name, "kind": kind}));
        }
        assert_eq!(app.post(&at("c/merge"), &key, &json!({"into": "d"})).status, 200);
        let list = |query: &str| app.get_as(&format!("{TAGS}{query}"), &key);
        assert_eq!((list("").slugs(), app.get("/v1/tags").slugs()), (
            ["a", "b", "c", "d"].map(str::to_owned).to_vec(), ["a", "b", "d"].map(str::to_owned).to_vec()
        ));
        assert_eq!(list("").each("merged_into"), [Value::Null, Value::Null, json!("d"), Value::Null]);
        assert_eq!((list("?kind=section").slugs(), list("?q=co").slugs()), (vec!["b".into()], vec!["c".into()]));
        let second = list("?limit=3&page=2").json();
        assert_eq!((&second["data"][0]["slug"], &second["page"]["total"]), (&json!("d"), &json!(4)));
        let first = list("?limit=3&cursor=*").json();
        let next = first["links"]["next"].as_str().expect("a link");
        assert_eq!(app.get_as(next, &key).slugs(), ["d"]);
        let merged = app.get_as(&at("c"), &key);
        assert_eq!((merged.status, merged.json()["merged_into"].clone()), (200, json!("d")));
    }

    fn writing_needs_no_right_to_publish_but_words(app: &TestApp) {
        let key = app.key(&[Scope::ContentWrite]);
        assert_eq!(app.post(TAGS, &key, &json!({"name": "Rail"})).status, 201);
        let bearer = format!("Bearer {key}");
        let sent = app.request(Method::POST, TAGS, &[("Authorization", &bearer)]);
        assert_eq!(outcome(&sent), (422, "validation-failed".into()));
    }
}
