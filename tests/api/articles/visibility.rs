//! The one visibility rule, on every surface that shows articles.

use serde_json::{Value, json};

use crate::on_both;
use crate::support::{ArticleBuilder, article};

/// A story of each state that the public may not know of.
fn hidden() -> [ArticleBuilder; 6] {
    let story = |slug: &str| article(slug).tags(&["rail"]).author("dina").with("translation_group", "port");
    [
        story("draft").with("status", "draft").with("published_at", Value::Null),
        story("dated-draft").with("status", "draft"),
        story("scheduled").with("status", "scheduled").at("2026-06-01T12:00:01Z"),
        story("withdrawn").with("status", "withdrawn"),
        story("expired").with("expires_at", "2026-06-01T12:00:00Z"),
        story("embargoed").with("embargo_until", "2026-06-01T12:00:01Z"),
    ]
}

fn slugs() -> [&'static str; 6] {
    ["draft", "dated-draft", "scheduled", "withdrawn", "expired", "embargoed"]
}

on_both! {
    fn what_is_not_public_is_not_found(app: &TestApp) {
        app.store(hidden());

        let unknown = app.get("/v1/articles/unknown");
        for slug in slugs() {
            for path in ["", "/related", "/corrections"] {
                let answer = app.get(&format!("/v1/articles/{slug}{path}"));
                assert_eq!((answer.status, answer.code().as_str()), (404, "not-found"), "{slug}{path}");
                assert_eq!(answer.header("cache-control"), "no-store", "{slug}{path}");
            }
            let [mut hidden, mut unknown] = [app.get(&format!("/v1/articles/{slug}")).json(), unknown.json()];
            for problem in [&mut hidden, &mut unknown] {
                problem["request_id"] = Value::Null;
                problem["detail"] = json!(problem["detail"].as_str().map(|text| text.replace(slug, "unknown")));
            }
            assert_eq!(hidden, unknown, "{slug} looks like what does not exist");
        }
    }

    fn what_is_not_public_is_not_found_by_id(app: &TestApp) {
        for story in hidden() {
            let public = story.clone().with("status", "published").with("expires_at", Value::Null);
            let public = public.with("embargo_until", Value::Null).at("2026-05-01T09:00:00Z");
            app.store([public.with("slug", "a").with("guid", "g")]);
            let id = app.get("/v1/articles/a").json()["id"].clone();

            app.store([story.with("guid", "g")]);
            assert_eq!(app.get(&format!("/v1/articles/{id}")).status, 404);
            assert_eq!(app.get("/v1/articles/a").status, 404, "a former slug");
        }
    }

    fn what_is_not_public_is_in_no_list(app: &TestApp) {
        app.store(hidden());
        let public = article("public").tags(&["rail"]).author("dina").with("translation_group", "port");
        app.store([public.with("title", "Body")]);

        for query in [
            "", "tag=rail", "author=dina", "lang=en", "kind=news", "q=body", "q=body&sort=relevance", "tags_any=rail",
            "sort=title", "ids=1,2,3,4,5,6,7", "cursor=*&count=exact", "updated_after=2020-01-01T00:00:00Z",
        ] {
            let list = app.get(&format!("/v1/articles?{query}"));
            assert_eq!((list.slugs(), list.header("x-total-count")), (vec!["public".to_owned()], "1"), "{query}");
        }
        assert_eq!(app.get("/v1/page/tag/rail").json()["articles"]["page"]["total"], 1);
        let detail = app.get("/v1/articles/public").json();
        assert_eq!((&detail["related"], &detail["translations"]), (&json!([]), &json!([])));
        assert_eq!((&detail["next"], &detail["previous"]), (&Value::Null, &Value::Null));
    }

    fn what_is_not_public_is_in_no_count(app: &TestApp) {
        app.put(&json!({"type": "tag", "slug": "rail", "name": "Rail"}));
        app.put(&json!({"type": "author", "slug": "dina", "name": "Dina"}));
        app.store(hidden());

        assert_eq!(app.get("/v1/tags/rail").json()["article_count"], 0);
        assert_eq!(app.get("/v1/authors/dina").json()["article_count"], 0);
        let facets = app.get("/v1/articles?facets=tag,author,kind,lang,year").json()["facets"].clone();
        assert_eq!(facets, json!({"tag": [], "author": [], "kind": [], "lang": [], "year": []}));
    }

    fn an_instant_belongs_to_what_begins_at_it(app: &TestApp) {
        let now = "2026-06-01T12:00:00Z";
        app.store([
            article("live").with("status", "scheduled").at(now),
            article("freed").with("embargo_until", now),
            article("expiring").with("expires_at", "2026-06-01T12:00:00.000001Z"),
        ]);

        for slug in ["live", "freed", "expiring"] {
            assert_eq!(app.get(&format!("/v1/articles/{slug}")).status, 200, "{slug}");
        }
    }

    fn a_killed_story_is_gone_with_its_reason(app: &TestApp) {
        app.store([article("new"), article("a").with("former_slugs", json!(["older"]))]);
        let id = app.get("/v1/articles/a").json()["id"].clone();
        let reason = "Withdrawn at the source's request.";
        let kill = json!({"at": "2026-05-20T09:00:00Z", "reason": reason, "replaced_by": "new"});
        app.store([article("a").with("status", "killed").with("kill", kill)]);

        let id = id.to_string();
        for key in ["a", id.as_str(), "older"] {
            for path in ["", "/related", "/corrections", "?fields=slug"] {
                let answer = app.get(&format!("/v1/articles/{key}{path}"));
                let problem = answer.json();
                assert_eq!((answer.status, answer.code().as_str()), (410, "gone"), "{key}{path}");
                assert_eq!(problem["reason"], reason, "{key}{path}");
                assert_eq!(problem["replaced_by"], "new", "{key}{path}");
                assert_eq!(answer.header("cache-control"), "no-cache", "{key}{path}");
                assert_eq!(answer.header("content-type"), "application/problem+json", "{key}{path}");
            }
        }
        assert_eq!(app.get("/v1/articles").slugs(), ["new"]);
    }

    fn a_kill_without_a_replacement_says_none(app: &TestApp) {
        app.store([article("a").killed("Wrong.")]);

        let problem = app.get("/v1/articles/a").json();

        assert_eq!((&problem["reason"], problem.get("replaced_by")), (&json!("Wrong."), None));
    }

    fn what_was_killed_before_it_was_public_is_not_found(app: &TestApp) {
        app.store([
            article("never").with("published_at", Value::Null).killed("Wrong."),
            article("later").at("2026-07-01T09:00:00Z").killed("Wrong."),
            article("draft").with("status", "draft").with("published_at", Value::Null),
        ]);
        app.store([article("draft").with("published_at", Value::Null).killed("Wrong.")]);

        for slug in ["never", "later", "draft"] {
            assert_eq!(app.get(&format!("/v1/articles/{slug}")).status, 404, "{slug}");
        }
    }

    fn what_was_withdrawn_and_then_killed_is_gone(app: &TestApp) {
        app.store([article("a")]);
        app.store([article("a").with("status", "withdrawn")]);
        assert_eq!(app.get("/v1/articles/a").status, 404);

        app.store([article("a").with("published_at", Value::Null).killed("Wrong.")]);
        assert_eq!(app.get("/v1/articles/a").status, 410);
    }

    fn no_import_brings_a_killed_story_back(app: &TestApp) {
        app.store([article("a").killed("Wrong.")]);

        app.store([article("a")]);

        assert_eq!((app.get("/v1/articles/a").status, app.get("/v1/articles").slugs().len()), (410, 0));
    }

    fn a_withdrawn_story_comes_back_when_it_is_published_again(app: &TestApp) {
        app.store([article("a")]);
        let id = app.get("/v1/articles/a").json()["id"].clone();
        app.store([article("a").with("status", "withdrawn")]);
        app.store([article("a").at("2026-05-10T09:00:00Z")]);

        let detail = app.get("/v1/articles/a").json();

        assert_eq!((&detail["id"], &detail["version"]), (&id, &json!(3)));
        assert_eq!(detail["published_at"], "2026-05-10T09:00:00Z");
        assert_eq!(detail["first_published_at"], "2026-05-01T09:00:00Z");
    }
}
