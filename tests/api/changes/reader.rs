//! A client of the change log, as a stranger would write one.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::{Answer, TestApp};

/// Reads the log until there is no more of it.
pub struct Reader<'a> {
    app: &'a TestApp,
    key: String,
    query: String,
    pub token: Option<String>,
}

impl<'a> Reader<'a> {
    /// A reader who begins at the beginning. `query` is what is asked for beside the place: `types=article&mode=full`.
    pub fn new(app: &'a TestApp, key: &str, query: &str) -> Self {
        Self { app, key: key.to_owned(), query: query.to_owned(), token: None }
    }

    /// The same at a token.
    pub fn at(self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self }
    }

    /// The next page, which must be one.
    pub fn page(&mut self) -> (Vec<Value>, bool) {
        let answer = get(self.app, &self.key, &self.query, self.token.as_deref());
        assert_eq!(answer.status, 200, "{answer:?}");
        let json = answer.json();
        self.token = Some(json["token"].as_str().expect("a token").to_owned());
        (json["data"].as_array().expect("a list").clone(), json["has_more"] == true)
    }

    /// Everything that there is.
    pub fn all(&mut self) -> Vec<Value> {
        let mut all = Vec::new();
        loop {
            let (entries, more) = self.page();
            all.extend(entries);
            if !more {
                return all;
            }
        }
    }

    /// The lines of everything that there is.
    pub fn lines(&mut self) -> Vec<String> {
        self.all().iter().map(line).collect()
    }
}

/// Asks for a page.
pub fn get(app: &TestApp, key: &str, query: &str, since: Option<&str>) -> Answer {
    let since = since.map(|token| format!("since={token}&")).unwrap_or_default();
    let path = format!("/v1/changes?{since}{query}");
    if key.is_empty() { app.get(&path) } else { app.get_as(&path, key) }
}

/// An entry on a line.
pub fn line(entry: &Value) -> String {
    let text = |name: &str| entry[name].as_str().expect("a text").to_owned();
    format!("{} {} {} v{} {}", text("op"), text("type"), text("slug"), entry["version"], text("reason"))
}

/// The token of the present.
pub fn now(app: &TestApp, key: &str) -> String {
    get(app, key, "", Some("now")).json()["token"].as_str().expect("a token").to_owned()
}

/// An export: the records by their ids, and the token.
pub fn export(app: &TestApp, key: &str) -> (BTreeMap<i64, Value>, String) {
    let path = "/v1/export/articles.ndjson";
    let answer = if key.is_empty() { app.get(path) } else { app.get_as(path, key) };
    assert_eq!(answer.status, 200, "{answer:?}");
    let text = String::from_utf8(answer.body).expect("text");
    let mut records = BTreeMap::new();
    let mut token = None;
    for line in text.lines() {
        assert_eq!(token, None, "something comes after the end");
        let record: Value = serde_json::from_str(line).expect("JSON");
        match record["type"].as_str() {
            Some("end") => token = record["token"].as_str().map(str::to_owned),
            _ => assert_eq!(records.insert(record["id"].as_i64().expect("an id"), record), None, "an id comes twice"),
        }
    }
    (records, token.expect("an export ends with its token"))
}

/// Revokes every key, behind the service's back.
pub fn revoke_all(app: &TestApp) {
    use diesel::prelude::*;
    use xabar::db::DbError;
    use xabar::db::schema::keys;
    let now = app.clock.now();
    app.db
        .write_here(|conn| Ok::<_, DbError>(diesel::update(keys::table).set(keys::revoked_at.eq(now)).execute(conn)?))
        .expect("keys can be revoked");
}
