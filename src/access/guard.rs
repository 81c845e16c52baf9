//! The guard before every handler: it finds out who calls, and hands handlers the [`Caller`].
//!
//! A key that is not valid is refused here, wherever it is sent, and never taken for nobody's. What a valid one may do is
//! each handler's own question. Calls are counted here as well, since only now it is known against whom; and one that is let in waits
//! here for what it names of the log.

use std::future::{Ready, ready};

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::{
    AUTHORIZATION, CACHE_CONTROL, HeaderMap, HeaderValue, VARY, WWW_AUTHENTICATE, X_FORWARDED_FOR,
};
use actix_web::middleware::Next;
use actix_web::{Error, FromRequest, HttpMessage, HttpRequest, HttpResponse, web};

use super::caller::{Caller, Key};
use super::limits::{Limits, Standing};
use super::queries::authenticate;
use super::scope::Scope;
use super::token::Token;
use super::used::LastUse;
use crate::clock::Clock;
use crate::config::Environment;
use crate::db::Db;
use crate::http::consistency::caught_up;
use crate::http::context::{AnswerHeaders, Operational};
use crate::http::{Code, Context, Problem};

/// What the guard needs.
#[derive(Clone)]
pub struct Guard {
    pub db: Db,
    pub clock: Clock,
    /// Keys of the other environment are not valid here.
    pub environment: Environment,
    pub used: LastUse,
    pub limits: Limits,
}

/// Middleware: see the module.
pub async fn guard(
    guard: web::Data<Guard>,
    context: web::Data<Context>,
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let caller = guard.caller(req.headers()).await;
    // Probes and operators are told the truth at any time.
    let counted = !req.extensions().contains::<Operational>();
    let standing = if counted { guard.count(&req, &caller) } else { None };
    let refusal = standing.as_ref().and_then(Standing::refusal);
    if let Some(standing) = standing {
        req.extensions_mut().insert(AnswerHeaders(standing.headers()));
    }
    let admitted = match refusal.map_or(caller, Err) {
        Ok(caller) if counted => caught_up(&context, req.headers()).await.map(|()| caller),
        told => told,
    };
    match admitted {
        Ok(caller) => {
            let keyed = caller.has_key();
            req.extensions_mut().insert(caller);
            let mut res = next.call(req).await?.map_into_boxed_body();
            if keyed {
                make_private(res.headers_mut());
            }
            Ok(res)
        }
        Err(problem) => Ok(req.into_response(HttpResponse::from_error(problem))),
    }
}

/// What a key's holder is answered is no shared cache's to keep, whatever the handler says.
fn make_private(headers: &mut HeaderMap) {
    if headers.get(CACHE_CONTROL).is_none_or(|value| value != "no-store") {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    }
    headers.append(VARY, HeaderValue::from_static("Authorization"));
}

impl Guard {
    /// Counts the call against the key, or without a valid one against the address. What failed on our side counts
    /// against nobody.
    fn count(&self, req: &ServiceRequest, caller: &Result<Caller, Problem>) -> Option<Standing> {
        match caller {
            Ok(Caller(Some(key))) => self.limits.count_key(key),
            Err(problem) if problem.code() != Code::Unauthorized => None,
            Ok(Caller(None)) | Err(_) => {
                let forwarded: Vec<&HeaderValue> = req.headers().get_all(X_FORWARDED_FOR).collect();
                self.limits.count_address(req.peer_addr().map(|peer| peer.ip()), forwarded.into_iter())
            }
        }
    }

    async fn caller(&self, headers: &HeaderMap) -> Result<Caller, Problem> {
        let mut given = headers.get_all(AUTHORIZATION);
        let Some(value) = given.next() else { return Ok(Caller::default()) };
        if given.next().is_some() {
            return Err(unauthorized("`Authorization` is given more than once."));
        }
        let Some(text) = bearer(value) else {
            return Err(unauthorized("`Authorization` takes `Bearer KEY` and no other scheme."));
        };
        let token = Token::parse(text).map_err(|why| unauthorized(&format!("{}.", capitalised(&why.to_string()))))?;
        if token.environment() != self.environment {
            let (is, here) = (token.environment(), self.environment);
            let detail = format!("This is a {} key, and this is the {} service.", is.as_ref(), here.as_ref());
            return Err(unauthorized(&detail));
        }
        let now = self.clock.now();
        let found: Option<Key> = self.db.read(move |conn| authenticate(conn, &token, now)).await?;
        let key = found.ok_or_else(|| unauthorized("The key is unknown, expired or revoked."))?;
        self.used.note(key.id, now);
        Ok(Caller(Some(key)))
    }
}

fn bearer(value: &HeaderValue) -> Option<&str> {
    let (scheme, key) = value.to_str().ok()?.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(key.trim())
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// 401, with what it takes.
pub fn unauthorized(detail: &str) -> Problem {
    Problem::new(Code::Unauthorized, detail)
        .with_header(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"xabar\""))
}

impl Caller {
    /// The caller's key, whatever its scopes: 401 without one.
    pub fn key(&self) -> Result<&Key, Problem> {
        self.0.as_ref().ok_or_else(|| unauthorized("This needs a key: `Authorization: Bearer KEY`."))
    }

    /// The caller's key, if it has this scope: 401 without a key, 403 without the scope.
    pub fn require(&self, scope: Scope) -> Result<&Key, Problem> {
        let key = self.key()?;
        if key.scopes.has(scope) {
            return Ok(key);
        }
        Err(Problem::new(Code::Forbidden, format!("This needs a key with the scope `{scope}`.")))
    }
}

impl FromRequest for Caller {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(req.extensions().get::<Self>().cloned().unwrap_or_default()))
    }
}
