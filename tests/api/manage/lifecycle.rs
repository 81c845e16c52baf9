//! Actions: what the public sees after each, what the log says, and who may.

use serde_json::{Value, json};
use xabar::access::Scope;

use crate::on_both;
use crate::support::{Answer, TestApp, article};

const EDITOR: &[Scope] = &[Scope::ContentRead, Scope::ContentWrite, Scope::ContentPublish];

struct Desk<'a> {
    app: &'a TestApp,
    key: String,
    path: String,
}

impl<'a> Desk<'a> {
    /// A desk with one draft, `story`.
    fn with_draft(app: &'a TestApp) -> Self {
        let key = app.key(EDITOR);
        let made = app.post(
            "/v1/manage/articles",
            &key,
            &json!({"title": "Story", "lang": "en", "tags": [{"slug": "t", "name": "T"}]}),
        );
        assert_eq!(made.status, 201, "{}", made.json());
        let path = format!("/v1/manage/articles/{}", made.json()["id"]);
        Self { app, key, path }
    }

    fn try_to(&self, action: &str, body: Value) -> Answer {
        self.app.post(&format!("{}/{action}", self.path), &self.key, &body)
    }

    fn does(&self, action: &str, body: Value) -> Value {
        let answer = self.try_to(action, body);
        assert_eq!(answer.status, 200, "{action}: {}", answer.json());
        answer.json()
    }

    fn public_status(&self) -> u16 {
        let status = self.app.get("/v1/articles/story").status;
        let listed = self.app.get("/v1/articles?tag=t").json()["page"]["total"] == 1;
        let counted = self.app.get("/v1/tags/t").json()["article_count"] == 1;
        assert_eq!((listed, counted), (status == 200, status == 200));
        status
    }
}

on_both! {
    fn a_kill_is_told_under_the_slug_that_was_known(app: &TestApp) {
        let key = app.key(&[Scope::ContentRead, Scope::ContentWrite, Scope::ContentPublish]);
        app.store([article("known")]);
        let token = app.get("/v1/changes?since=now").json()["token"].as_str().expect("a token").to_owned();
        let path = "/v1/manage/articles/1";
        assert_eq!(app.post(&format!("{path}/unpublish"), &key, &json!({})).status, 200);
        assert_eq!(app.patch(path, &key, &json!({"slug": "never-told"})).status, 200);
        assert_eq!(app.post(&format!("{path}/kill"), &key, &json!({"reason": "Wrong."})).status, 200);
        let told = app.get(&format!("/v1/changes?since={token}")).json()["data"].clone();
        assert_eq!((&told[0]["slug"], &told[0]["reason"], &told[1]), (&json!("known"), &json!("killed"), &Value::Null));
        let statuses = ["known", "never-told", "1"].map(|key| app.get(&format!("/v1/articles/{key}")).status);
        assert_eq!(statuses, [410, 404, 410]);
    }

    fn a_story_from_draft_to_kill(app: &TestApp) {
        let desk = Desk::with_draft(app);
        let known = app.log_length();
        assert_eq!(desk.public_status(), 404);
        assert_eq!(desk.does("publish", json!({}))["state"], "published");
        assert_eq!(desk.public_status(), 200);
        app.set_time("2026-06-01T13:00:00Z");
        let corrected = desk.does("correct", json!({"text": "The bridge is in Osh."}));
        assert_eq!(corrected["corrections"], json!([{"at": "2026-06-01T13:00:00Z", "text": "The bridge is in Osh."}]));
        assert_eq!(app.get("/v1/articles/story/corrections").json()["data"][0]["text"], "The bridge is in Osh.");
        assert_eq!(desk.does("unpublish", json!({}))["state"], "unpublished");
        assert_eq!(desk.public_status(), 404);
        let back = desk.does("publish", json!({}));
        assert_eq!((&back["published_at"], desk.public_status()), (&json!("2026-06-01T12:00:00Z"), 200), "it keeps its date");
        app.store([article("better")]);
        desk.does("kill", json!({"reason": "It was another bridge.", "replaced_by": "better"}));
        let gone = app.get("/v1/articles/story");
        assert_eq!((gone.status, gone.header("cache-control")), (410, "no-cache"));
        assert_eq!((&gone.json()["reason"], &gone.json()["replaced_by"]), (&json!("It was another bridge."), &json!("better")));
        let lines: Vec<String> = app.log_after(known).into_iter().filter(|line| line.contains(" story ")).collect();
        assert_eq!(lines, [
            "upsert article story v2 published", "upsert article story v3 corrected", "delete article story v4 unpublished",
            "upsert article story v5 published", "delete article story v6 killed",
        ]);
    }

    fn a_killed_story_comes_back_by_restore_alone(app: &TestApp) {
        let desk = Desk::with_draft(app);
        desk.does("publish", json!({}));
        desk.does("kill", json!({"reason": "Wrong."}));
        for (action, body) in [("publish", json!({})), ("unpublish", json!({})), ("kill", json!({"reason": "Again."})), ("correct", json!({"text": "x"}))] {
            let answer = desk.try_to(action, body);
            assert_eq!((answer.status, answer.code().as_str()), (409, "conflict"), "{action}");
        }
        assert_eq!(app.patch(&desk.path, &desk.key, &json!({"title": "B"})).status, 409);
        assert_eq!(desk.try_to("restore", json!({})).status, 403, "a publisher may not");
        let restored = app.post(&format!("{}/restore", desk.path), &app.key(&[Scope::ContentRestore]), &json!({}));
        assert_eq!((restored.status, &restored.json()["state"]), (200, &json!("unpublished")));
        assert_eq!(desk.public_status(), 404);
        desk.does("publish", json!({}));
        assert_eq!(desk.public_status(), 200);
    }

    fn what_was_never_public_is_not_gone_but_not_there(app: &TestApp) {
        let desk = Desk::with_draft(app);
        desk.does("kill", json!({"reason": "Libel."}));
        assert_eq!(desk.public_status(), 404);
        let held = app.post("/v1/manage/articles", &desk.key, &json!({"title": "Held", "lang": "en", "embargo_until": "2026-07-01T00:00:00Z"})).json();
        let path = format!("/v1/manage/articles/{}", held["id"]);
        assert_eq!(app.post(&format!("{path}/publish"), &desk.key, &json!({})).json()["state"], "embargoed");
        let partner = app.key(&[Scope::ContentEmbargoed]);
        assert_eq!((app.get("/v1/articles/held").status, app.get_as("/v1/articles/held", &partner).status), (404, 200));
        app.post(&format!("{path}/kill"), &desk.key, &json!({"reason": "Libel."}));
        assert_eq!(app.get("/v1/articles/held").status, 404, "the public never saw it");
        assert_eq!(app.get_as("/v1/articles/held", &partner).status, 410, "partners did");
    }

    fn scheduled_embargoed_and_expiring_by_the_clock(app: &TestApp) {
        let desk = Desk::with_draft(app);
        let body = json!({"published_at": "2026-06-01T14:00:00Z", "expires_at": "2026-06-01T16:00:00Z"});
        assert_eq!(desk.does("schedule", body)["state"], "scheduled");
        assert_eq!(desk.does("embargo", json!({"until": "2026-06-01T15:00:00Z"}))["state"], "scheduled");
        for (at, state, status) in [
            ("2026-06-01T13:59:59.999999Z", "scheduled", 404), ("2026-06-01T14:00:00Z", "embargoed", 404),
            ("2026-06-01T14:59:59.999999Z", "embargoed", 404), ("2026-06-01T15:00:00Z", "published", 200),
            ("2026-06-01T15:59:59.999999Z", "published", 200), ("2026-06-01T16:00:00Z", "expired", 404),
        ] {
            app.set_time(at);
            app.let_the_clock_work();
            assert_eq!(app.get_as(&desk.path, &desk.key).json()["state"], state, "{at}");
            assert_eq!(desk.public_status(), status, "{at}");
        }
        let again = desk.does("publish", json!({}));
        assert_eq!((&again["state"], again.get("expires_at")), (&json!("published"), None));
    }

    fn an_embargo_hides_what_is_public_and_lifts(app: &TestApp) {
        let desk = Desk::with_draft(app);
        desk.does("publish", json!({}));
        assert_eq!(desk.does("embargo", json!({"until": "2026-06-02T00:00:00Z"}))["state"], "embargoed");
        assert_eq!(desk.public_status(), 404);
        assert_eq!(desk.does("embargo", json!({"until": null}))["state"], "published");
        assert_eq!(desk.public_status(), 200);
        assert_eq!(desk.try_to("embargo", json!({})).status, 422, "null must be said");
    }

    fn instants_that_make_no_sense_are_refused_at_their_field(app: &TestApp) {
        let desk = Desk::with_draft(app);
        for (action, body, pointer) in [
            ("schedule", json!({"published_at": "2026-06-01T12:00:00Z"}), "/published_at"), ("schedule", json!({}), "/published_at"),
            ("publish", json!({"published_at": "2026-06-01T12:00:01Z"}), "/published_at"),
            ("publish", json!({"expires_at": "2026-06-01T12:00:00Z"}), "/expires_at"),
            ("embargo", json!({"until": "2026-06-01T12:00:00Z"}), "/until"), ("kill", json!({"reason": ""}), "/reason"),
            ("kill", json!({"reason": "x", "replaced_by": "nothing"}), "/replaced_by"),
            ("kill", json!({"reason": "x", "replaced_by": "story"}), "/replaced_by"), ("publish", json!({"at": "now"}), "/at"),
        ] {
            let answer = desk.try_to(action, body.clone());
            assert_eq!((answer.status, &answer.json()["errors"][0]["pointer"]), (422, &json!(pointer)), "{action} {body}");
        }
        assert_eq!(app.get_as(&desk.path, &desk.key).json()["version"], 1);
    }

    fn an_action_without_words_needs_no_body(app: &TestApp) {
        let desk = Desk::with_draft(app);
        let key = format!("Bearer {}", desk.key);
        let answer = app.request(reqwest::Method::POST, &format!("{}/publish", desk.path), &[("Authorization", &key)]);
        assert_eq!(answer.status, 200, "{}", answer.json());
    }

    fn words_of_a_public_story_need_the_right_to_publish(app: &TestApp) {
        let desk = Desk::with_draft(app);
        let writer = app.key(&[Scope::ContentRead, Scope::ContentWrite]);
        assert_eq!(app.patch(&desk.path, &writer, &json!({"title": "B"})).status, 200);
        desk.does("schedule", json!({"published_at": "2026-06-01T14:00:00Z"}));
        assert_eq!(app.patch(&desk.path, &writer, &json!({"title": "C"})).status, 403);
        desk.does("unpublish", json!({}));
        assert_eq!(app.patch(&desk.path, &writer, &json!({"title": "C"})).status, 200);
    }

    fn the_date_of_the_last_edit_moves_with_words_alone(app: &TestApp) {
        let desk = Desk::with_draft(app);
        app.set_time("2026-06-01T13:00:00Z");
        assert_eq!(desk.does("publish", json!({}))["updated_at"], "2026-06-01T12:00:00Z");
        app.set_time("2026-06-01T14:00:00Z");
        let changed = app.patch(&desk.path, &desk.key, &json!({"title": "B"})).json();
        assert_eq!((&changed["updated_at"], &changed["modified_at"]), (&json!("2026-06-01T14:00:00Z"), &json!("2026-06-01T14:00:00Z")));
        app.set_time("2026-06-01T15:00:00Z");
        let hidden = desk.does("unpublish", json!({}));
        assert_eq!((&hidden["updated_at"], &hidden["modified_at"]), (&json!("2026-06-01T14:00:00Z"), &json!("2026-06-01T15:00:00Z")));
    }
}
