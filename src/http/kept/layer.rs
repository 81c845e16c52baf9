//! The middleware: an answer from memory, or the way to the handler, which only one of many that ask at once takes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpRequest, HttpResponse, web};

use super::{Entry, Found, Kept, KeptAnswers, Standing};
use crate::http::accepts::negotiate;
use crate::http::boundary::{decorate, finished, log, request_id, span};
use crate::http::finished::Finished;

/// Middleware in front of all others, for a service without limits.
pub async fn front(
    kept: web::Data<KeptAnswers>,
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let started = Instant::now();
    let (mut res, from) = kept.answer(req, next).await?;
    if from == From::Memory {
        let id = request_id(res.request());
        let (method, path, status) = (res.request().method().clone(), res.request().path().to_owned(), res.status());
        decorate(res.headers_mut(), &id);
        span(&id).in_scope(|| log(&method, &path, status, started));
    }
    Ok(res)
}

/// Middleware behind the guard, which has counted the call.
pub async fn behind(
    kept: web::Data<KeptAnswers>,
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    kept.answer(req, next).await.map(|(res, _)| res)
}

/// RFC 9211.
const CACHE_STATUS: HeaderName = HeaderName::from_static("cache-status");

/// Where an answer came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum From {
    Memory,
    Handler,
}

type Answered = Result<(ServiceResponse<BoxBody>, From), Error>;

impl KeptAnswers {
    async fn answer<B: MessageBody + 'static>(&self, req: ServiceRequest, next: Next<B>) -> Answered {
        let Some(key) = self.key(req.request()) else { return handle(req, next).await };
        let earlier = match self.find(&key, self.clock.now()) {
            Found::Current(kept) => return self.send(&kept, None, req, next).await,
            Found::Stale(kept, age) => return self.send(&kept, Some(age), req, next).await,
            Found::Nothing(earlier) => earlier,
        };
        let key: Box<str> = key.into();
        self.entries.remove_if(&key, |entry| self.is_over(entry));
        let guard = match self.entries.get_value_or_guard_async(&key).await {
            Ok(Entry::Kept(kept)) if kept.standing(&self.marks, self.clock.now()) == Standing::Current => {
                return self.send(&kept, None, req, next).await;
            }
            // Nobody waits for it, or what was waited for is untrue already.
            Ok(_) => None,
            Err(guard) => Some(guard),
        };
        let moment = self.marks.moment();
        let mut res = finished(next.call(req).await?.map_into_boxed_body()).await;
        if res.status() == StatusCode::SERVICE_UNAVAILABLE
            && let Some(earlier) = earlier
            && earlier.usable(&self.marks, self.marks.silent_for())
            && let Some(response) = self.response(&earlier, Some(self.marks.silent_for()), res.request()).await
        {
            if let Some(guard) = guard {
                _ = guard.insert(Entry::Kept(earlier));
            }
            return Ok((res.into_response(response), From::Memory));
        }
        let answer = res.response_mut().extensions_mut().remove::<Arc<Finished>>();
        let kept = answer.and_then(|answer| Kept::new(answer, moment)).map(|kept| Entry::Kept(Arc::new(kept)));
        self.count.made(kept.is_some());
        match (guard, kept) {
            // Only where nothing else was put there meanwhile.
            (Some(guard), entry) => _ = guard.insert(entry.unwrap_or(Entry::Passing)),
            (None, Some(entry)) => self.entries.insert(key, entry),
            (None, None) => {}
        }
        Ok((res, From::Handler))
    }

    /// An entry that makes room for a new one.
    fn is_over(&self, entry: &Entry) -> bool {
        match entry {
            Entry::Kept(kept) => kept.standing(&self.marks, self.clock.now()) != Standing::Current,
            Entry::Passing => false,
        }
    }

    async fn send<B: MessageBody + 'static>(
        &self,
        kept: &Kept,
        age: Option<Duration>,
        req: ServiceRequest,
        next: Next<B>,
    ) -> Answered {
        match self.response(kept, age, req.request()).await {
            Some(response) => Ok((req.into_response(response), From::Memory)),
            // The handler's answer says what is not acceptable.
            None => handle(req, next).await,
        }
    }

    async fn response(&self, kept: &Kept, age: Option<Duration>, req: &HttpRequest) -> Option<HttpResponse> {
        let coded = kept.answer.coded(negotiate(req)?).await.ok()?;
        let mut response =
            kept.answer.respond(coded, req.headers(), Some(kept.freshness(&self.marks, self.clock.now())));
        match age {
            Some(age) => {
                self.count.stale.inc();
                let seconds = age.as_secs().into();
                response.headers_mut().insert(header::AGE, seconds);
                response.headers_mut().insert(CACHE_STATUS, HeaderValue::from_static("xabar; hit; detail=log-unread"));
            }
            None => self.count.memory.inc(),
        }
        Some(response)
    }
}

/// Has the request handled as if nothing were kept.
async fn handle<B: MessageBody + 'static>(req: ServiceRequest, next: Next<B>) -> Answered {
    Ok((next.call(req).await?.map_into_boxed_body(), From::Handler))
}
