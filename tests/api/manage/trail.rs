//! What calls leave behind: rows of the audit trail, entries of the change log with whom they are for.

use diesel::prelude::*;
use serde_json::Value;
use xabar::access::Scope;
use xabar::changes::{Audience, Op, Reason, Subject};
use xabar::db::DbError;
use xabar::db::schema::{audit, changes};

use crate::support::{Answer, TestApp};

/// A key that may read and write content.
pub fn editor(app: &TestApp) -> String {
    app.key(&[Scope::ContentRead, Scope::ContentWrite])
}

/// Each row of the audit trail: key, action, type, id, slug.
pub fn audit_rows(app: &TestApp) -> Vec<String> {
    type Row = (String, String, String, i64, String, String);
    let columns = (audit::key_name, audit::action, audit::type_, audit::entity_id, audit::slug, audit::request_id);
    let rows: Vec<Row> = app
        .db
        .read_here(|conn| Ok::<_, DbError>(audit::table.select(columns).order(audit::id).load(conn)?))
        .expect("the trail can be read");
    let line = |(key, action, type_, id, slug, request): Row| {
        assert!(!request.is_empty(), "{action} has no request id");
        format!("{key}: {action} {type_} {id} {slug}")
    };
    rows.into_iter().map(line).collect()
}

/// The entries of the log after the first `known`: what it is, why, who may see it now, who ever could.
pub fn entries(app: &TestApp, known: usize) -> Vec<String> {
    type Row = (Op, Subject, String, Reason, Option<String>, Audience, Audience);
    let columns = (
        changes::op,
        changes::type_,
        changes::slug,
        changes::reason,
        changes::replaced_by,
        changes::audience,
        changes::known_to,
    );
    let rows: Vec<Row> = app
        .db
        .read_here(|conn| Ok::<_, DbError>(changes::table.select(columns).order(changes::seq).load(conn)?))
        .expect("the log can be read");
    let line = |(op, type_, slug, reason, by, audience, known_to): Row| {
        let (op, type_, reason): (&str, &str, &str) = (op.as_ref(), type_.as_ref(), reason.as_ref());
        let by = by.map(|by| format!(" by {by}")).unwrap_or_default();
        format!("{op} {type_} {slug} {reason}{by}: {audience:?} of {known_to:?}")
    };
    rows.into_iter().skip(known).map(line).collect()
}

/// The places of a refused body's faults, in the order in which they are told.
pub fn faults(answer: &Answer) -> Vec<String> {
    assert_eq!((answer.status, answer.code().as_str()), (422, "validation-failed"), "{}", answer.json());
    let errors = answer.json()["errors"].as_array().cloned().unwrap_or_default();
    errors.iter().map(|error| error["pointer"].as_str().expect("a pointer").to_owned()).collect()
}

/// The sentence of a problem's only fault.
pub fn told(answer: &Answer) -> String {
    let json = answer.json();
    let errors = json["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
    assert_eq!(errors.len(), 1, "{json}");
    errors[0]["detail"].as_str().expect("a sentence").to_owned()
}

/// Status and code.
pub fn outcome(answer: &Answer) -> (u16, String) {
    (answer.status, if answer.status < 400 { String::new() } else { answer.code() })
}

/// The same object without these members.
pub fn without(mut object: Value, members: &[&str]) -> Value {
    let map = object.as_object_mut().expect("an object");
    members.iter().for_each(|member| {
        map.shift_remove(*member);
    });
    object
}
