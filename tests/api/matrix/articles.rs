//! One article in every state, and what is to be expected of each at any instant: an oracle that knows nothing of the code.

use serde_json::{Value, json};
use xabar::access::Scope;
use xabar::clock::Timestamp;
use xabar::redirects::RedirectKind;
use xabar::redirects::queries as redirects;

use crate::support::TestApp;

/// When everything is made, and the instants at which the clock changes something.
pub const START: &str = "2026-06-01T12:00:00Z";
pub const INSTANTS: [&str; 4] =
    ["2026-06-01T13:00:00Z", "2026-06-01T14:00:00Z", "2026-06-01T15:00:00Z", "2026-06-01T16:00:00Z"];

/// Who may see it, the narrowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Seen {
    ByNobody,
    UnderEmbargo,
    ByEveryone,
}

/// An article and its fate.
pub struct Case {
    pub name: &'static str,
    pub id: i64,
    pub hero: i64,
    /// From which instant on who may see it; the first begins at `START`.
    pub fate: Vec<(&'static str, Seen)>,
    /// Who could see it before `START`.
    pub before: Seen,
    pub killed: bool,
}

impl Case {
    /// Who may see it at an instant.
    pub fn seen(&self, now: Timestamp) -> Seen {
        let mut past = self.fate.iter().filter(|(at, _)| instant(at) <= now);
        past.next_back().map_or(Seen::ByNobody, |(_, seen)| *seen)
    }

    /// Who has ever been able to see it.
    pub fn known(&self, now: Timestamp) -> Seen {
        let past = self.fate.iter().filter(|(at, _)| instant(at) <= now).map(|(_, seen)| *seen);
        past.max().unwrap_or(Seen::ByNobody).max(self.before)
    }
}

pub fn instant(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

/// A name, what is done with the article, what becomes of it, and who could see it before.
type Plan = (&'static str, Vec<(&'static str, Value)>, Vec<(&'static str, Seen)>, Seen);

/// Makes one article for each state and each way through the clock's changes.
pub fn make(app: &TestApp) -> Vec<Case> {
    use Seen::{ByEveryone, ByNobody, UnderEmbargo};
    let [one, two, three, four] = INSTANTS;
    let stays = |seen: Seen| vec![(START, seen)];
    let plans: Vec<Plan> = vec![
        ("draft", vec![], stays(ByNobody), ByNobody),
        (
            "scheduled",
            vec![("schedule", json!({"published_at": one}))],
            vec![(START, ByNobody), (one, ByEveryone)],
            ByNobody,
        ),
        (
            "embargoed",
            vec![("embargo", json!({"until": two})), ("publish", json!({}))],
            vec![(START, UnderEmbargo), (two, ByEveryone)],
            ByNobody,
        ),
        ("published", vec![("publish", json!({}))], stays(ByEveryone), ByNobody),
        ("unpublished", vec![("publish", json!({})), ("unpublish", json!({}))], stays(ByNobody), ByEveryone),
        (
            "expiring",
            vec![("publish", json!({"expires_at": three}))],
            vec![(START, ByEveryone), (three, ByNobody)],
            ByNobody,
        ),
        ("killed", vec![("publish", json!({})), ("kill", json!({"reason": "Wrong."}))], stays(ByNobody), ByEveryone),
        ("killed-draft", vec![("kill", json!({"reason": "Wrong."}))], stays(ByNobody), ByNobody),
        (
            "killed-under-embargo",
            vec![("embargo", json!({"until": two})), ("publish", json!({})), ("kill", json!({"reason": "Wrong."}))],
            stays(ByNobody),
            UnderEmbargo,
        ),
        (
            "corrected",
            vec![("publish", json!({})), ("correct", json!({"text": "It was so."}))],
            stays(ByEveryone),
            ByNobody,
        ),
        (
            "restored",
            vec![("publish", json!({})), ("kill", json!({"reason": "Wrong."})), ("restore", json!({}))],
            stays(ByNobody),
            ByEveryone,
        ),
        (
            "whole-life",
            vec![("embargo", json!({"until": two})), ("schedule", json!({"published_at": one, "expires_at": four}))],
            vec![(START, ByNobody), (one, UnderEmbargo), (two, ByEveryone), (four, ByNobody)],
            ByNobody,
        ),
    ];
    let editor = app.key(&[Scope::ContentRead, Scope::ContentWrite, Scope::ContentPublish, Scope::ContentRestore]);
    plans.into_iter().map(|(name, actions, fate, before)| made(app, &editor, name, &actions, fate, before)).collect()
}

fn made(
    app: &TestApp,
    editor: &str,
    name: &'static str,
    actions: &[(&str, Value)],
    fate: Vec<(&'static str, Seen)>,
    before: Seen,
) -> Case {
    let word = name.replace('-', "");
    let medium = json!({"guid": format!("hero-{name}"), "url": format!("https://m.example/{name}.jpg")});
    let draft = json!({
        "title": format!("Matrix {word}"), "lang": "en", "slug": format!("working-{name}"), "body": "<p>Words.</p>",
        "tags": [{"slug": "all", "name": "All"}, {"slug": format!("of-{name}"), "name": name}],
        "authors": [{"slug": format!("by-{name}"), "name": name}], "hero": medium,
    });
    let answer = app.post("/v1/manage/articles", editor, &draft);
    assert_eq!(answer.status, 201, "{}", answer.json());
    let id = answer.json()["id"].as_i64().expect("an id");
    let path = format!("/v1/manage/articles/{id}");
    assert_eq!(app.patch(&path, editor, &json!({"slug": name})).status, 200);
    // As an import brings it: what only the newsroom called a story leads nowhere.
    let (now, former) = (app.clock.now(), format!("former-{name}"));
    let led = app.db.write_here(|conn| redirects::insert(conn, now, RedirectKind::Article, &former, id));
    led.expect("the database works");
    for (action, body) in actions {
        let answer = app.post(&format!("{path}/{action}"), editor, body);
        assert_eq!(answer.status, 200, "{name}: {action}: {}", answer.json());
    }
    let guid = format!("hero-{name}");
    let hero = app.db.read_here(|conn| medium_id(conn, &guid)).expect("the database works");
    Case { name, id, hero, fate, before, killed: name.starts_with("killed") }
}

fn medium_id(conn: &mut xabar::db::DbConnection, guid: &str) -> Result<i64, xabar::db::DbError> {
    use diesel::prelude::*;
    use xabar::db::schema::media;
    Ok(media::table.filter(media::guid.eq(guid)).select(media::id).first(conn)?)
}
