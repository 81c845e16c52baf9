//! Creating, reading and changing articles.

use reqwest::Method;
use serde_json::{Value, json};
use xabar::access::Scope;
use xabar::db::schema::{article_bodies, audit};
use xabar::db::{Db, DbError};

use diesel::prelude::*;

use crate::on_both;
use crate::support::{Answer, TestApp, article};

const EDITOR: &[Scope] = &[Scope::ContentRead, Scope::ContentWrite, Scope::ContentPublish];

/// The pointers and details of a 422.
fn faults(answer: &Answer) -> Vec<String> {
    assert_eq!((answer.status, answer.code().as_str()), (422, "validation-failed"), "{}", answer.json());
    let json = answer.json();
    let faults = json["errors"].as_array().expect("errors");
    faults.iter().map(|fault| fault["pointer"].as_str().expect("a pointer").to_owned()).collect()
}

/// The audit trail: who did what to which version.
fn trail(db: &Db) -> Vec<String> {
    let columns = (audit::action, audit::type_, audit::slug, audit::version);
    let rows: Vec<(String, String, String, i64)> = db
        .read_here(|conn| Ok::<_, DbError>(audit::table.select(columns).order(audit::id).load(conn)?))
        .expect("the trail can be read");
    rows.into_iter().map(|(action, of, slug, version)| format!("{action} {of} {slug} v{version}")).collect()
}

fn draft(app: &TestApp, key: &str, body: &Value) -> Value {
    let answer = app.post("/v1/manage/articles", key, body);
    assert_eq!(answer.status, 201, "{}", String::from_utf8_lossy(&answer.body));
    answer.json()
}

on_both! {
    fn a_body_is_given_back_as_it_was_written(app: &TestApp) {
        let key = app.key(EDITOR);
        let written = [
            ("<p>Clean already.</p>", "html", "<p>Clean already.</p>"),
            ("<p onclick=\"x()\">Not clean.</p>", "html", "<p>Not clean.</p>"),
            ("<p>The same in both.</p>\n", "markdown", "<p>The same in both.</p>\n"),
            ("Some *words*.", "markdown", "<p>Some <em>words</em>.</p>"),
            ("", "html", ""),
        ];
        for (number, (body, format, html)) in written.into_iter().enumerate() {
            let slug = format!("a-{number}");
            let made = draft(app, &key, &json!({"title": slug, "slug": slug, "lang": "en", "body": body, "body_format": format}));
            let own = app.get_as(&format!("/v1/manage/articles/{}", made["id"]), &key).json();
            assert_eq!((&own["body"], &own["body_format"]), (&json!(body), &json!(format)));
            app.post(&format!("/v1/manage/articles/{}/publish", made["id"]), &key, &json!({}));
            assert_eq!(app.get(&format!("/v1/articles/{slug}")).json()["body"].as_str().map(str::trim), Some(html.trim()));
        }
        let sources = article_bodies::table.select(article_bodies::source).order(article_bodies::article_id);
        let sources: Vec<String> = app.db.read_here(|conn| Ok::<_, DbError>(sources.load(conn)?)).expect("the sources can be read");
        let stored = ["", written[1].0, written[2].0, written[3].0, ""];
        assert_eq!(sources, stored, "what is served as it was written is kept once");
    }

    fn lists_have_their_links_and_totals_in_headers(app: &TestApp) {
        app.store([article("a").tags(&["t"]).author("w").with("hero", json!({"url": "https://m.example/1.jpg"}))]);
        let key = app.key(EDITOR);
        for list in ["articles", "tags", "authors", "media"] {
            let path = format!("/v1/manage/{list}?limit=1");
            let answer = app.get_as(&path, &key);
            assert_eq!((answer.status, answer.header("x-total-count")), (200, "1"), "{list}");
            assert!(answer.header("link").starts_with(&format!("<{path}&page=1>; rel=\"self\"")), "{list}: {}", answer.header("link"));
        }
    }

    fn a_draft_has_what_it_was_given_and_is_not_public(app: &TestApp) {
        app.put(&json!({"type": "tag", "slug": "energy", "name": "Energy", "aliases": ["power"]}));
        app.put(&json!({"type": "author", "slug": "dina", "name": "Dina V."}));
        let key = app.key(EDITOR);
        let answer = app.post("/v1/manage/articles", &key, &json!({
            "title": "Қазақстан: жаңа желі", "lang": "kk", "standfirst": "Қысқаша.", "body": "# A\n\n**b** <script>x</script>",
            "body_format": "markdown", "authors": [{"slug": "dina"}, {"slug": "new", "name": "New One"}],
            "tags": [{"slug": "power"}, {"slug": "grid", "name": "Grid", "kind": "organisation"}],
            "hero": {"url": "https://m.example/1.jpg", "alt": "A line"},
        }));
        assert_eq!(answer.status, 201, "{}", answer.json());
        let made = answer.json();
        assert_eq!(answer.header("location"), format!("/v1/manage/articles/{}", made["id"]));
        assert_eq!((answer.header("cache-control"), answer.header("etag").is_empty()), ("no-store", false));
        assert_eq!((&made["slug"], &made["state"], &made["version"]), (&json!("kazakstan-zhana-zheli"), &json!("draft"), &json!(1)));
        assert_eq!(made["body"], "# A\n\n**b** <script>x</script>", "what was written is kept");
        assert_eq!(made["authors"], json!([{"slug": "dina", "name": "Dina V."}, {"slug": "new", "name": "New One"}]));
        assert_eq!(made["tags"][0]["slug"], "energy", "an alias is followed");
        let (id, slug) = (made["id"].clone(), made["slug"].as_str().expect("a slug"));
        assert_eq!(app.get(&format!("/v1/articles/{slug}")).status, 404);
        assert_eq!(app.get("/v1/articles").json()["page"]["total"], 0);
        let read = app.get_as(&format!("/v1/manage/articles/{id}"), &key);
        assert_eq!((read.json(), read.header("etag")), (made, answer.header("etag")));
        assert_eq!(app.post(&format!("/v1/manage/articles/{id}/publish"), &key, &json!({})).status, 200);
        let shown = app.get("/v1/articles/kazakstan-zhana-zheli").json();
        assert_eq!(shown["body"], "<h1>A</h1>\n<p><strong>b</strong> </p>\n", "what is served is sanitised");
        assert_eq!(trail(&app.db), [
            "create_article article kazakstan-zhana-zheli v1", "publish_article article kazakstan-zhana-zheli v2",
        ]);
    }

    fn slugs_are_made_of_titles_and_never_twice(app: &TestApp) {
        let key = app.key(EDITOR);
        app.store([article("grain-terminal").with("former_slugs", json!(["grain-terminal-2"]))]);
        for (title, slug) in [
            ("Grain terminal", "grain-terminal-3"), ("Grain terminal", "grain-terminal-4"), ("!!!", "article"), ("—", "article-2"),
            ("2026", "n-2026"), ("Oʻzbekiston", "ozbekiston"), ("Türkmenistan", "turkmenistan"), ("Тоҷикистон", "tojikiston"),
        ] {
            assert_eq!(draft(app, &key, &json!({"title": title, "lang": "en"}))["slug"], slug, "{title}");
        }
        let taken = app.post("/v1/manage/articles", &key, &json!({"title": "A", "lang": "en", "slug": "grain-terminal"}));
        assert_eq!(faults(&taken), ["/slug"]);
    }

    fn nobody_begins_a_story_without_a_title(app: &TestApp) {
        let key = app.key(EDITOR);
        for title in ["", "  ", "\u{a0}\n", "\u{200b}\u{feff}"] {
            assert_eq!(faults(&app.post("/v1/manage/articles", &key, &json!({"title": title, "lang": "en"}))), ["/title"], "{title:?}");
        }
        let made = draft(app, &key, &json!({"title": "A", "lang": "en"}));
        let path = format!("/v1/manage/articles/{}", made["id"]);
        assert_eq!(faults(&app.patch(&path, &key, &json!({"title": " "}))), ["/title"]);
        // What came without one can be edited for all that.
        app.store([article("nameless").with("title", "")]);
        let nameless = app.get("/v1/articles/nameless").json()["id"].clone();
        assert_eq!(app.patch(&format!("/v1/manage/articles/{nameless}"), &key, &json!({"standfirst": "B"})).status, 200);
    }

    fn a_letter_has_one_spelling_in_a_slug_and_a_language(app: &TestApp) {
        let key = app.key(EDITOR);
        let made = draft(app, &key, &json!({"title": "A", "lang": "UZ-cyrl-uz", "slug": "и\u{306}од"}));
        assert_eq!((&made["slug"], &made["lang"]), (&json!("йод"), &json!("uz-Cyrl-UZ")));
        assert_eq!(faults(&app.post("/v1/manage/articles", &key, &json!({"title": "A", "lang": "en", "slug": "йод"}))), ["/slug"]);
        let path = format!("/v1/manage/articles/{}", made["id"]);
        let same = app.patch(&path, &key, &json!({"lang": "uz-CYRL-uz", "slug": "и\u{306}од"}));
        assert_eq!((same.status, &same.json()["version"]), (200, &json!(1)));
        app.store([article("ўз").with("lang", "uz-latn").tags(&["ўрта"])]);
        assert_eq!(app.get("/v1/articles/у\u{306}з").json()["lang"], "uz-Latn");
        assert_eq!(app.get("/v1/articles?lang=UZ-LATN&tag=у\u{306}рта").slugs(), ["ўз"]);
    }

    fn what_wordpress_left_in_a_text_is_not_shown(app: &TestApp) {
        let key = app.key(EDITOR);
        let made = draft(app, &key, &json!({"title": "A", "lang": "en", "body": "<p>Before. [gallery ids=\"1,2\"]</p><p>[video] [sic]</p>"}));
        assert_eq!(app.post(&format!("/v1/manage/articles/{}/publish", made["id"]), &key, &json!({})).status, 200);
        let shown = app.get("/v1/articles/a").json();
        assert_eq!((&shown["body"], &shown["excerpt"]), (&json!("<p>Before. </p><p>[video] [sic]</p>"), &json!("Before. [video] [sic]")));
        assert_eq!(app.get("/v1/articles?q=gallery").json()["page"]["total"], 0);
        assert_eq!(made["body"], "<p>Before. [gallery ids=\"1,2\"]</p><p>[video] [sic]</p>", "what was written is kept");
    }

    fn a_coded_body_is_refused(app: &TestApp) {
        let key = app.key(EDITOR);
        let send = |coding: &str| app.send(Method::POST, "/v1/manage/articles", &key, &[("Content-Encoding", coding)], &json!({"title": "A", "lang": "en"}));
        assert_eq!((send("gzip").status, send("identity").status), (415, 201));
    }

    fn a_fault_of_a_body_is_told_in_json_s_words(app: &TestApp) {
        let key = app.key(EDITOR);
        let why = |body: Value| app.post("/v1/manage/articles", &key, &body).json()["errors"][0]["detail"].clone();
        assert_eq!(why(Value::Null), "invalid type: null, expected an object");
        let hero = why(json!({"title": "A", "lang": "en", "hero": {"id": "174"}}));
        assert_eq!(hero, "is neither `{\"id\": NUMBER}` of a medium that is there nor a new one, which has a `url`");
    }

    fn every_field_at_fault_is_named_at_once(app: &TestApp) {
        let key = app.key(EDITOR);
        let answer = app.post("/v1/manage/articles", &key, &json!({
            "title": "A", "lang": "English", "slug": "No Slug", "canonical_url": "javascript:alert(1)",
            "authors": [{"slug": "nobody"}], "tags": [{"slug": "nothing"}, {"slug": "x", "name": ""}], "hero": {"id": 99},
        }));
        assert_eq!(faults(&answer), ["/authors/0/slug", "/tags/0/slug", "/hero/id", "/lang", "/slug", "/canonical_url", "/tags/1/name"]);
        let answer = app.post("/v1/manage/articles", &key, &json!({
            "title": "A", "lang": "English", "slug": "No Slug", "canonical_url": "javascript:alert(1)", "tags": [{"slug": "x", "name": ""}],
        }));
        assert_eq!(faults(&answer), ["/lang", "/slug", "/canonical_url", "/tags/0/name"]);
        for (body, pointer) in [
            (json!({"lang": "en"}), "/title"), (json!({"title": 5, "lang": "en"}), "/title"), (json!({"title": "A", "lang": "en", "kind": "poem"}), "/kind"),
            (json!({"title": "A", "lang": "en", "titel": "B"}), "/titel"), (json!([]), ""), (json!({"title": "A", "lang": "en", "status": "published"}), "/status"),
        ] {
            let pointers = faults(&app.post("/v1/manage/articles", &key, &body));
            assert!(pointers.len() == 1 && pointers[0] == pointer, "{body}: {pointers:?}");
        }
        assert_eq!(trail(&app.db), Vec::<String>::new());
        assert_eq!(app.get_as("/v1/manage/articles", &key).json()["page"]["total"], 0);
    }

    fn bodies_must_be_json(app: &TestApp) {
        let key = format!("Bearer {}", app.key(EDITOR));
        let send = |kind: &str, body: &str| {
            let length = body.len();
            let request = format!("POST /v1/manage/articles HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: {key}\r\n{kind}Content-Length: {length}\r\n\r\n{body}");
            String::from_utf8_lossy(&app.raw(request.as_bytes()))[9..12].to_owned()
        };
        let good = r#"{"title":"A","lang":"en"}"#;
        assert_eq!(send("Content-Type: application/json\r\n", good), "201");
        assert_eq!(send("Content-Type: application/json; charset=utf-8\r\n", good), "201");
        assert_eq!(send("Content-Type: application/json; charset=koi8-r\r\n", good), "415");
        assert_eq!(send("Content-Type: text/plain\r\n", good), "415");
        assert_eq!(send("", good), "415");
        assert_eq!(send("", ""), "422", "no words are no draft");
        for bad in ["", "{", r#"{"title":5"#, r#"[["a""#, "nul", r#"{"title":"A","lang":"en"}{}"#, "\u{feff}{}", r#"{"title":"\ud800","lang":"en"}"#] {
            assert_eq!(send("Content-Type: application/json\r\n", bad), "400", "{bad}");
        }
        assert_eq!(send("Content-Type: application/json\r\n", r#"{"title":"A","title":"B","lang":"en"}"#), "422");
        assert_eq!(send("Content-Type: application/json\r\n", r#"{"title":"A\u0000","lang":"en"}"#), "422");
    }

    fn a_list_is_no_object_and_nul_is_nowhere(app: &TestApp) {
        let key = app.key(EDITOR);
        let made = draft(app, &key, &json!({"title": "A", "lang": "en"}));
        let path = format!("/v1/manage/articles/{}", made["id"]);
        for (body, pointer) in [
            (json!({"title": "B", "lang": "en", "authors": [["dina", "Dina"]]}), "/authors"),
            (json!({"title": "B", "lang": "en", "hero": ["/x.jpg"]}), "/hero"), (json!(["B", "en"]), ""),
            (json!({"title": "B", "lang": "en", "tags": [{"slug": "t\0"}]}), "/tags/0/slug"),
        ] {
            assert_eq!(faults(&app.post("/v1/manage/articles", &key, &body)), [pointer], "{body}");
        }
        let kill = json!({"reason": "x", "replaced_by": "a\0"});
        assert_eq!(faults(&app.post(&format!("{path}/kill"), &key, &kill)), ["/replaced_by"]);
        assert_eq!(faults(&app.post(&format!("{path}/preview"), &key, &json!([]))), [""]);
        assert_eq!(app.send(Method::PATCH, &path, &key, &[("If-Match", "*")], &json!(null)).status, 422);
    }

    fn a_patch_tells_absent_null_and_value_apart(app: &TestApp) {
        let key = app.key(EDITOR);
        let made = draft(app, &key, &json!({"title": "A", "lang": "en", "standfirst": "Lead.", "rights": {"holder": "H"}, "tags": [{"slug": "t", "name": "T"}]}));
        let path = format!("/v1/manage/articles/{}", made["id"]);
        app.set_time("2026-06-01T13:00:00Z");
        let answer = app.patch(&path, &key, &json!({"standfirst": null, "title": "B"}));
        assert_eq!(answer.status, 200, "{}", answer.json());
        let changed = answer.json();
        assert_eq!((&changed["title"], changed.get("standfirst"), &changed["rights"]), (&json!("B"), None, &json!({"holder": "H"})));
        assert_eq!((&changed["version"], &changed["updated_at"]), (&json!(2), &json!("2026-06-01T13:00:00Z")));
        assert_eq!(changed["tags"], made["tags"]);
        let answer = app.patch(&path, &key, &json!({"tags": [], "rights": {"licence": "CC0"}}));
        assert_eq!((&answer.json()["tags"], &answer.json()["rights"]), (&json!([]), &json!({"licence": "CC0"})));
        assert_eq!(faults(&app.patch(&path, &key, &json!({"title": null, "tags": null, "lang": null}))), ["/title", "/lang", "/tags"]);
        let same = app.patch(&path, &key, &json!({"title": "B"}));
        assert_eq!((same.status, &same.json()["version"]), (200, &json!(3)), "what changes nothing writes nothing");
        let merge = app.send(Method::PATCH, &path, &key, &[("If-Match", same.header("etag"))], &json!({}));
        assert_eq!(merge.status, 200);
    }

    fn a_change_says_which_version_it_changes(app: &TestApp) {
        let key = app.key(EDITOR);
        let made = draft(app, &key, &json!({"title": "A", "lang": "en"}));
        let path = format!("/v1/manage/articles/{}", made["id"]);
        let first = app.get_as(&path, &key).header("etag").to_owned();
        let send = |tag: Option<&str>, title: &str| {
            let headers: Vec<(&str, &str)> = tag.map(|tag| ("If-Match", tag)).into_iter().collect();
            app.send(Method::PATCH, &path, &key, &headers, &json!({"title": title}))
        };
        assert_eq!((send(None, "B").status, send(None, "B").code().as_str()), (428, "precondition-required"));
        assert_eq!(send(Some("\"other\""), "B").status, 412);
        assert_eq!(send(Some(&format!("W/{first}")), "B").status, 412, "a weak tag never matches");
        let changed = send(Some(&format!("\"other\", {first}")), "B");
        assert_eq!(changed.status, 200);
        let stale = send(Some(&first), "C");
        assert_eq!((stale.status, stale.code().as_str()), (412, "precondition-failed"));
        assert_eq!(send(Some("*"), "D").status, 200);
        assert_eq!(app.get_as(&path, &key).json()["title"], "D");
    }

    fn a_new_slug_leaves_the_old_one_leading_to_it(app: &TestApp) {
        let key = app.key(EDITOR);
        app.store([article("old-name"), article("other")]);
        let id = app.get("/v1/articles/old-name").json()["id"].clone();
        let path = format!("/v1/manage/articles/{id}");
        assert_eq!(app.patch(&path, &key, &json!({"slug": "new-name"})).status, 200);
        let moved = app.get("/v1/articles/old-name");
        assert_eq!((moved.status, moved.header("location")), (301, "/v1/articles/new-name"));
        assert_eq!(faults(&app.patch(&path, &key, &json!({"slug": "other"}))), ["/slug"]);
        assert_eq!(faults(&app.patch(&path, &key, &json!({"slug": "123"}))), ["/slug"]);
        assert_eq!(app.patch(&path, &key, &json!({"slug": "old-name"})).json()["former_slugs"], json!(["new-name"]));
        assert_eq!(app.get("/v1/articles/old-name").status, 200);
        assert_eq!(app.get("/v1/articles/new-name").status, 301);
    }

    fn an_import_of_the_same_file_leaves_the_editors_work_alone(app: &TestApp) {
        let key = app.key(EDITOR);
        app.store([article("a")]);
        let path = "/v1/manage/articles/1";
        assert_eq!(app.patch(path, &key, &json!({"title": "Better"})).status, 200);
        assert_eq!(app.import(&article("a").line()).unchanged, 1);
        assert_eq!(app.get("/v1/articles/a").json()["title"], "Better");
        assert_eq!(app.import(&article("a").with("title", "From the file").line()).updated, 1);
        assert_eq!(app.get("/v1/articles/a").json()["title"], "From the file");
    }

    fn each_operation_wants_its_scope(app: &TestApp) {
        app.store([article("public"), article("draft").with("status", "draft")]);
        let (public, draft) = ("/v1/manage/articles/1", "/v1/manage/articles/2");
        let attempt = |method: &str, path: &str, body: &Value, key: &str| {
            let method: Method = method.parse().expect("a method");
            app.send(method, path, key, &[("If-Match", "*")], body).status
        };
        let none = json!({});
        let title = json!({"title": "B"});
        let cases: Vec<(&str, String, &Value, &[Scope])> = vec![
            ("GET", "/v1/manage/articles".to_owned(), &none, &[Scope::ContentRead]),
            ("GET", public.to_owned(), &none, &[Scope::ContentRead]),
            ("GET", format!("{public}/revisions"), &none, &[Scope::ContentRead]),
            ("POST", format!("{public}/preview"), &none, &[Scope::ContentRead]),
            ("PATCH", draft.to_owned(), &title, &[Scope::ContentWrite]),
            ("PATCH", public.to_owned(), &title, &[Scope::ContentWrite, Scope::ContentPublish]),
            ("POST", format!("{draft}/publish"), &none, &[Scope::ContentPublish]),
        ];
        let all = [
            Scope::ContentRead, Scope::ContentWrite, Scope::ContentPublish, Scope::ContentRestore, Scope::ContentEmbargoed,
            Scope::RatesWrite, Scope::PartnersAdmin, Scope::KeysAdmin,
        ];
        for (method, path, body, needed) in cases {
            assert_eq!(attempt(method, &path, body, ""), 401, "{method} {path}");
            for lacking in needed {
                let others: Vec<Scope> = all.iter().copied().filter(|scope| scope != lacking).collect();
                assert_eq!(attempt(method, &path, body, &app.key(&others)), 403, "{method} {path} without {lacking}");
            }
            assert_eq!(attempt(method, &path, body, &app.key(needed)), 200, "{method} {path}");
        }
    }

    fn the_newsrooms_list_has_everything_the_last_changed_first(app: &TestApp) {
        let key = app.key(EDITOR);
        app.store([
            article("public").tags(&["t"]).author("w"), article("draft").with("status", "draft"), article("later").at("2026-07-01T00:00:00Z"),
            article("held").with("embargo_until", "2026-07-01T00:00:00Z"), article("over").with("expires_at", "2026-05-02T00:00:00Z"),
            article("back").with("status", "withdrawn"), article("dead").killed("Wrong."),
        ]);
        app.set_time("2026-06-01T12:30:00Z");
        app.patch("/v1/manage/articles/2", &key, &json!({"title": "Z"}));
        let all = app.get_as("/v1/manage/articles", &key);
        assert_eq!((all.slugs()[0].as_str(), &all.json()["page"]["total"], all.header("cache-control")), ("draft", &json!(7), "no-store"));
        for (state, slug) in [
            ("draft", "draft"), ("scheduled", "later"), ("embargoed", "held"), ("published", "public"), ("unpublished", "back"),
            ("expired", "over"), ("killed", "dead"),
        ] {
            let found = app.get_as(&format!("/v1/manage/articles?state={state}"), &key);
            assert_eq!(found.slugs(), [slug], "{state}");
            assert_eq!(found.each("state"), [state]);
        }
        let mut walked = Vec::new();
        let mut next = json!("/v1/manage/articles?cursor=*&limit=2&sort=-created_at");
        while let Some(path) = next.as_str() {
            let page = app.get_as(path, &key);
            walked.extend(page.slugs());
            next = page.json()["links"]["next"].clone();
        }
        assert_eq!(walked, ["dead", "back", "over", "held", "later", "draft", "public"]);
        assert_eq!(app.get_as("/v1/manage/articles?stat=draft", &key).status, 400);
    }

    fn what_is_not_there_is_a_404(app: &TestApp) {
        let key = app.key(EDITOR);
        for id in ["1", "0", "01", "a", "99999999999999999999", "%31"] {
            let answer = app.get_as(&format!("/v1/manage/articles/{id}"), &key);
            assert_eq!(answer.status, 404, "{id}");
            let answer = app.send(Method::PATCH, &format!("/v1/manage/articles/{id}"), &key, &[("If-Match", "*")], &json!({}));
            assert_eq!(answer.status, 404, "{id}");
        }
    }

    fn a_repeated_post_creates_one_article(app: &TestApp) {
        let key = app.key(EDITOR);
        let send = |title: &str| {
            let body = json!({"title": title, "lang": "en"});
            app.send(Method::POST, "/v1/manage/articles", &key, &[("Idempotency-Key", "one")], &body)
        };
        let (first, second) = (send("A"), send("A"));
        assert_eq!((first.status, first.body.clone(), first.header("etag")), (201, second.body.clone(), second.header("etag")));
        assert_eq!((first.header("idempotent-replayed"), second.header("idempotent-replayed")), ("", "true"));
        assert_eq!(second.header("location"), first.header("location"));
        let other = send("B");
        assert_eq!((other.status, other.code().as_str()), (422, "validation-failed"));
        assert_eq!(app.get_as("/v1/manage/articles", &key).json()["page"]["total"], 1);
        assert_eq!(trail(&app.db).len(), 1);
        app.set_time("2026-06-02T12:00:01Z");
        assert_eq!(send("B").status, 201, "after a day the key is new again");
    }

    fn a_quoted_key_is_the_key_and_a_quotation_mark_is_one(app: &TestApp) {
        let key = app.key(EDITOR);
        let send = |repeated: &str| {
            let body = json!({"title": "A", "lang": "en"});
            app.send(Method::POST, "/v1/manage/articles", &key, &[("Idempotency-Key", repeated)], &body)
        };
        assert_eq!(send("\"one\"").body, send("one").body);
        let marks: Vec<Answer> = ["\"", "\"\"", "\"one"].into_iter().map(send).collect();
        assert!(marks.iter().all(|answer| answer.status == 201), "{marks:?}");
        assert_eq!(app.get_as("/v1/manage/articles", &key).json()["page"]["total"], 4);
        assert_eq!([send("").status, send("a b").status, send("é").status], [400; 3]);
    }

    fn a_repeated_post_at_the_same_time_creates_one_article_too(app: &TestApp) {
        let key = app.key(EDITOR);
        let body = json!({"title": "A", "lang": "en"});
        let statuses: Vec<u16> = std::thread::scope(|scope| {
            let send = || app.send(Method::POST, "/v1/manage/articles", &key, &[("Idempotency-Key", "one")], &body).status;
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(send)).collect();
            threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
        });
        assert!(statuses.iter().all(|status| matches!(status, 201 | 409)), "{statuses:?}");
        assert!(statuses.contains(&201));
        assert_eq!(app.get_as("/v1/manage/articles", &key).json()["page"]["total"], 1);
    }

    fn every_field_s_fault_is_told_at_once(app: &TestApp) {
        let key = app.key(EDITOR);
        let create = |body: &Value| faults(&app.post("/v1/manage/articles", &key, body));
        // Of another type, missing, unknown.
        let body = json!({"title": 7, "kind": "poem", "colour": "red", "tags": [{"slug": 1}, {"name": "x"}], "hero": 5, "body": null});
        assert_eq!(sorted(create(&body)), ["/body", "/colour", "/hero", "/kind", "/lang", "/tags/0/slug", "/tags/1/slug", "/title"]);
        let missing = app.post("/v1/manage/articles", &key, &json!({})).json();
        assert_eq!(missing["errors"][1]["pointer"], "/lang");
        assert_eq!(missing["errors"][1]["detail"], "is missing");
        for (body, all) in [
            (json!({"title": 5, "media": [{"id": "x"}], "zzz": 1, "body": [1], "expires_at": "x"}),
                vec!["/body", "/expires_at", "/lang", "/media/0", "/title", "/zzz"]),
            (json!({"title": "x", "lang": "en", "a/b": 1, "a.b": 2, "x~y": 3, "": 4, "body": [1]}), vec!["/", "/a.b", "/a~1b", "/body", "/x~0y"]),
            (json!({"title": "x", "lang": "en", "slug": "\0", "tags": [{"slug": "\0"}, {"slug": "a\0"}], "authors": [["a"]], "rights": [1]}),
                vec!["/authors", "/rights", "/slug", "/tags/0/slug", "/tags/1/slug"]),
            (json!({"title": "x", "lang": "en", "tags": [{"slug": "t"}, 5]}), vec!["/tags/1"]),
        ] {
            assert_eq!(sorted(create(&body)), all, "{body}");
        }
        let many: Vec<Value> = (0..60).map(|number| json!({"slug": number})).collect();
        assert_eq!(create(&json!({"title": "x", "lang": "en", "tags": many})).len(), 60);
        // References that lead nowhere, beside what is wrong in itself.
        let body = json!({"title": "A\u{1}", "lang": "?", "slug": "A B", "tags": [{"slug": "none"}],
            "authors": [{"slug": "nobody"}], "hero": {"id": 99}});
        let all = ["/authors/0/slug", "/hero/id", "/lang", "/slug", "/tags/0/slug", "/title"];
        assert_eq!(sorted(create(&body)), all);
        let made = draft(app, &key, &json!({"title": "A", "lang": "en", "guid": "known"}));
        let patched = app.patch(&format!("/v1/manage/articles/{}", made["id"]), &key, &body);
        assert_eq!(sorted(faults(&patched)), all);
        assert_eq!(sorted(create(&json!({"title": "B", "lang": "?", "guid": "known"}))), ["/guid", "/lang"]);
        assert_eq!(app.get_as("/v1/manage/articles", &key).json()["page"]["total"], 1);
    }

    fn if_match_may_come_in_several_lines_and_must_be_tags(app: &TestApp) {
        let key = app.key(EDITOR);
        let answer = app.post("/v1/manage/articles", &key, &json!({"title": "A", "lang": "en"}));
        let (path, tag) = (answer.header("location").to_owned(), answer.header("etag").to_owned());
        let send = |headers: &[(&str, &str)]| app.send(Method::PATCH, &path, &key, headers, &json!({"title": "A"})).status;
        assert_eq!(send(&[("If-Match", "\"other\""), ("If-Match", &tag)]), 200);
        assert_eq!(send(&[("If-Match", &format!("\"other\", {tag}"))]), 200);
        assert_eq!(send(&[("If-Match", "\"other\"")]), 412);
        for malformed in ["", tag.trim_matches('"'), "*, *", "\"open"] {
            assert_eq!(send(&[("If-Match", malformed)]), 412, "{malformed}");
        }
    }

    fn a_long_slug_is_found_in_the_newsroom_s_list(app: &TestApp) {
        let key = app.key(EDITOR);
        let slug = "a".repeat(200);
        draft(app, &key, &json!({"title": "A", "lang": "en", "slug": slug}));
        assert_eq!(app.get_as(&format!("/v1/manage/articles?slug={slug}"), &key).slugs(), [slug]);
    }
}

fn sorted(mut pointers: Vec<String>) -> Vec<String> {
    pointers.sort();
    pointers
}
