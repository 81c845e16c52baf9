//! One call: who makes it, under which conditions, and the transaction in which it writes.

use std::collections::HashSet;
use std::future::{Ready, ready};
use std::sync::{Arc, Mutex, PoisonError};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use serde::de::DeserializeOwned;

use super::body::Body;
use super::etag::Precondition;
use super::queries;
use super::reply::Reply;
use super::rows::{AnswerRow, NewAudit};
use crate::access::{Caller, Key, Scope};
use crate::clock::Timestamp;
use crate::db::json::{from_json, to_json};
use crate::db::{DbConnection, DbError};
use crate::http::{Code, Context, Problem, RequestId};
use crate::text::secrets::holds_key;

/// Most characters of an `Idempotency-Key`.
const LONGEST_KEY: usize = 255;

/// Extractor: a call of the newsroom's tools.
pub struct Call {
    pub context: web::Data<Context>,
    pub caller: Caller,
    pub precondition: Precondition,
    idempotency_key: Option<String>,
    request_id: String,
    /// Method, path and query.
    target: String,
    in_flight: web::Data<InFlight>,
}

/// Who writes, and when.
#[derive(Debug, Clone)]
pub struct Act {
    pub now: Timestamp,
    pub by: Key,
}

/// What was done: the answer, and what the audit trail says of it.
pub struct Done {
    pub reply: Reply,
    /// `article`, `tag`, `author`, `media`, `key`, `rate`.
    pub subject: &'static str,
    pub id: i64,
    pub slug: String,
    pub version: i64,
}

/// Calls with an `Idempotency-Key` that this process is answering now.
#[derive(Debug, Clone, Default)]
pub struct InFlight(Arc<Mutex<HashSet<(i64, String)>>>);

/// A place among them, given up when dropped.
struct Place {
    all: InFlight,
    call: (i64, String),
}

impl InFlight {
    fn enter(&self, key_id: i64, idempotency_key: &str) -> Result<Place, Problem> {
        let call = (key_id, idempotency_key.to_owned());
        if self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(call.clone()) {
            return Ok(Place { all: self.clone(), call });
        }
        Err(Problem::new(Code::Conflict, "A call with this `Idempotency-Key` is being answered. Try again shortly."))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.all.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.call);
    }
}

impl Call {
    /// The present instant.
    pub fn now(&self) -> Timestamp {
        self.context.clock.now()
    }

    /// Runs `work` in one read snapshot, for a caller with this scope.
    pub async fn read<T, F>(&self, scope: Scope, work: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnOnce(&mut DbConnection) -> Result<T, Problem> + Send + 'static,
    {
        self.caller.require(scope)?;
        self.context.db.read(work).await
    }

    /// Runs `work` for a caller with this scope in one write transaction, together with its audit row, named `action`,
    /// and the answer that a repeated call is given. An error takes all of it back.
    ///
    /// `body` is what was sent; `work` is given what it says. With an `Idempotency-Key` a second call with the same body writes nothing and gets the
    /// first one's answer, also from another process, and after a crash: the answer is committed with the write.
    pub async fn write<T, F>(self, scope: Scope, action: &'static str, body: Body<T>, work: F) -> Result<Reply, Problem>
    where
        T: DeserializeOwned + Send + 'static,
        F: FnOnce(&mut DbConnection, &Act, T) -> Result<Done, Problem> + Send + 'static,
    {
        let by = self.caller.require(scope)?.clone();
        let value = body.value()?;
        let key = self.idempotency_key.clone();
        // Kept until the work is done, also when the client goes away and this future with it.
        let place = key.as_deref().map(|key| self.in_flight.enter(by.id, key)).transpose()?;
        let digest = blake3::Hasher::new().update(self.target.as_bytes()).update(b"\n").update(&body.bytes).finalize();
        let digest = digest.to_hex().to_string();
        let (clock, request_id) = (self.context.clock.clone(), self.request_id);
        let run = move |conn: &mut DbConnection| {
            let _place = place;
            // Not before: what was written while this waited for its turn came earlier.
            let act = Act { now: clock.now(), by };
            if let Some(reply) = key.as_deref().map(|key| given_before(conn, &act, key, &digest)).transpose()?.flatten()
            {
                return Ok(reply);
            }
            let Done { reply, subject, id, slug, version } = work(conn, &act, value)?;
            queries::record(
                conn,
                &NewAudit {
                    at: act.now,
                    key_id: Some(act.by.id),
                    key_name: &act.by.name,
                    action,
                    type_: subject,
                    entity_id: id,
                    slug: &slug,
                    version,
                    request_id: &request_id,
                },
            )?;
            if let Some(idempotency_key) = key {
                let answer = to_json(&reply)?;
                let (key_id, created_at) = (act.by.id, act.now);
                let row = AnswerRow { key_id, idempotency_key, request_digest: digest, answer, created_at };
                queries::keep_answer(conn, &row)?;
            }
            Ok::<_, Problem>(reply)
        };
        let reply = self.context.db.write(run).await?;
        // By now this process has read the log up to what was written.
        Ok(reply.seen_at(self.context.marks.position().seq))
    }
}

fn given_before(
    conn: &mut DbConnection,
    act: &Act,
    idempotency_key: &str,
    digest: &str,
) -> Result<Option<Reply>, Problem> {
    let Some(row) = queries::answer(conn, act.now, act.by.id, idempotency_key)? else { return Ok(None) };
    if row.request_digest != digest {
        return Err(Problem::new(
            Code::ValidationFailed,
            "This `Idempotency-Key` was used for another request. A new request needs a new one.",
        ));
    }
    let mut reply: Reply = from_json(&row.answer)?;
    reply.replayed = true;
    Ok(Some(reply))
}

impl FromRequest for Call {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(req))
    }
}

impl Call {
    fn of(req: &HttpRequest) -> Result<Self, Problem> {
        let missing = |what: &str| Problem::from(DbError::Corrupt(format!("the application has no {what}")));
        // Every call needs a key; without one nothing is read of what was sent.
        let caller = req.extensions().get::<Caller>().cloned().unwrap_or_default();
        caller.key()?;
        Ok(Self {
            context: req.app_data::<web::Data<Context>>().ok_or_else(|| missing("context"))?.clone(),
            in_flight: req.app_data::<web::Data<InFlight>>().ok_or_else(|| missing("calls in flight"))?.clone(),
            caller,
            precondition: Precondition::of(req),
            idempotency_key: idempotency_key(req)?,
            request_id: req.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default(),
            target: format!("{} {}", req.method(), req.uri()),
        })
    }
}

/// The draft for this header quotes the key, and most clients don't. A quotation mark by itself is a key like any other.
fn unquoted(text: &str) -> &str {
    let inner = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    inner.filter(|inner| !inner.is_empty()).unwrap_or(text)
}

fn idempotency_key(req: &HttpRequest) -> Result<Option<String>, Problem> {
    let mut given = req.headers().get_all("idempotency-key");
    let Some(value) = given.next() else { return Ok(None) };
    let plain = value.to_str().ok().map(|text| unquoted(text.trim()));
    // It is kept, so that one of ours must not be among them.
    let visible = |text: &str| (1..=LONGEST_KEY).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
    let fits = |text: &&str| visible(text) && !holds_key(text);
    let fits = plain.filter(fits).filter(|_| given.next().is_none());
    let key = fits.ok_or_else(|| {
        let detail = format!("`Idempotency-Key` takes one text of 1 to {LONGEST_KEY} visible characters.");
        Problem::new(Code::BadRequest, detail)
    })?;
    Ok(Some(key.to_owned()))
}
