//! From a request to an answer from memory, or to the handler, which only one of many that ask at once calls.

use std::cell::RefMut;
use std::pin::pin;
use std::sync::Arc;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Extensions, Response, ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpResponse, web};
use futures_util::future::poll_immediate;

use super::{Entry, Found, Kept, KeptAnswers, Standing, Why};
use crate::http::accepts::{Coding, negotiate};
use crate::http::admission::{Admission, Place};
use crate::http::boundary::finished;
use crate::http::fields::CACHE_STATUS;
use crate::http::finished::{Coded, Finished};
use crate::http::problem::Problem;

/// Middleware behind the guard, which has counted the call.
pub async fn behind(
    kept: web::Data<KeptAnswers>,
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let Some(key) = kept.key_of(req.method(), req.uri(), req.headers()) else {
        return Ok(next.call(req).await?.map_into_boxed_body());
    };
    let earlier = match kept.kept_now(&key, &req) {
        Ok(response) => return Ok(req.into_response(response)),
        Err(earlier) => earlier,
    };
    let (key, asked) = (key.into_owned(), Asked::of(&req));
    let handle = async |req| Ok(finished(next.call(req).await?.map_into_boxed_body()).await);
    Ok(match kept.answer(key.into(), &asked, earlier, None, req, handle).await? {
        Sent::Kept(response, req) => req.into_response(response),
        Sent::Instead(response, res) => res.into_response(response),
        Sent::Refused(problem, req) => req.into_response(HttpResponse::from_error(problem)),
        Sent::Handled(res) => res,
    })
}

/// What of a request decides which bytes it is sent, beside its URL.
#[derive(Debug)]
pub(super) struct Asked {
    coding: Option<Coding>,
    if_none_match: Vec<HeaderValue>,
}

impl Asked {
    pub(super) fn of(req: &impl HttpMessage) -> Self {
        let if_none_match = req.headers().get_all(header::IF_NONE_MATCH).cloned().collect();
        Self { coding: negotiate(req), if_none_match }
    }
}

/// Who answers.
pub(super) enum Sent<Q, R> {
    /// Memory; the request was not needed.
    Kept(HttpResponse, Q),
    /// Memory, since the handler could not: what that said.
    Instead(HttpResponse, R),
    /// Nobody: too many wait already.
    Refused(Problem, Q),
    /// The handler.
    Handled(R),
}

/// A response that a handler's finished answer travels on.
pub(super) trait Handled {
    fn code(&self) -> StatusCode;
    fn baggage(&mut self) -> RefMut<'_, Extensions>;
}

impl Handled for ServiceResponse<BoxBody> {
    fn code(&self) -> StatusCode {
        self.status()
    }

    fn baggage(&mut self) -> RefMut<'_, Extensions> {
        self.response_mut().extensions_mut()
    }
}

impl Handled for Response<BoxBody> {
    fn code(&self) -> StatusCode {
        self.status()
    }

    fn baggage(&mut self) -> RefMut<'_, Extensions> {
        self.extensions_mut()
    }
}

impl KeptAnswers {
    /// What can be sent without waiting for anything; else what was kept until now, in case that nothing newer can be had.
    pub(super) fn kept_now(&self, key: &str, req: &impl HttpMessage) -> Result<HttpResponse, Option<Arc<Kept>>> {
        if !self.keeps() {
            return Err(None);
        }
        let (kept, why) = match self.find(key, self.clock.now()) {
            Found::Kept(kept, why) => (kept, why),
            Found::Nothing(earlier) => return Err(earlier),
        };
        let given = req.headers().get_all(header::IF_NONE_MATCH);
        match negotiate(req).and_then(|coding| kept.answer.made(coding)) {
            Some(coded) => Ok(self.respond(&kept, coded, why, given)),
            None => Err(Some(kept)),
        }
    }

    /// What can't be sent at once. `place` is what the request has waited for already, and `handle` calls the handler.
    pub(super) async fn answer<Q, R: Handled>(
        &self,
        key: Box<str>,
        asked: &Asked,
        mut earlier: Option<Arc<Kept>>,
        mut place: Option<Place>,
        req: Q,
        handle: impl AsyncFnOnce(Q) -> Result<R, Error>,
    ) -> Result<Sent<Q, R>, Error> {
        if !self.keeps() {
            return Ok(match self.admission.place_or(place).await {
                Ok(_place) => Sent::Handled(handle(req).await?),
                Err(problem) => self.refused(problem, req),
            });
        }
        // It is there, but was not asked for in this coding before.
        if let Found::Kept(kept, why) = self.find(&key, self.clock.now()) {
            return self.send(&kept, why, asked, req, handle).await;
        }
        self.entries.remove_if(&key, |entry| self.is_over(entry));
        let found = {
            let mut found = pin!(self.entries.get_value_or_guard_async(&key));
            match poll_immediate(&mut found).await {
                Some(found) => found,
                // Who waits for another to fetch it needs no place meanwhile.
                None => {
                    place = None;
                    found.await
                }
            }
        };
        let (guard, place) = match found {
            Ok(Entry::Kept(kept)) if kept.standing(&self.marks, self.clock.now()) == Standing::Current => {
                return self.send(&kept, Why::Current, asked, req, handle).await;
            }
            // Who fetched it had to put this back, or it is untrue already.
            Ok(Entry::Kept(kept)) => {
                earlier = Some(kept);
                (None, self.admission.place_or(place).await)
            }
            Ok(Entry::Refused) => (None, Err(Admission::refusal())),
            // Nobody waits for it.
            Ok(Entry::Passing) => (None, self.admission.place_or(place).await),
            Err(guard) => (Some(guard), self.admission.place_or(place).await),
        };
        let position = self.marks.position();
        let tried = match place {
            Ok(_place) => Ok(handle(req).await?),
            Err(problem) => Err((problem, req)),
        };
        if tried.as_ref().map_or(true, |res| res.code() == StatusCode::SERVICE_UNAVAILABLE)
            && let Some(earlier) = earlier
            && earlier.usable(&self.marks, self.marks.silent_for())
            && let Some(response) = self.response(&earlier, Why::Outdated, asked).await
        {
            if let Some(guard) = guard {
                _ = guard.insert(Entry::Kept(earlier));
            }
            return Ok(match tried {
                Ok(res) => Sent::Instead(response, res),
                Err((_, req)) => Sent::Kept(response, req),
            });
        }
        let mut res = match tried {
            Ok(res) => res,
            Err((problem, req)) => {
                // Those who wait for it have waited since this one did, or nearly so, and may have waited for their own turn before.
                if let Some(guard) = guard {
                    _ = guard.insert(Entry::Refused);
                }
                return Ok(self.refused(problem, req));
            }
        };
        let answer = res.baggage().remove::<Arc<Finished>>();
        let kept = answer.and_then(|answer| Kept::new(answer, position)).map(|kept| Entry::Kept(Arc::new(kept)));
        self.count.made(kept.is_some());
        match (guard, kept) {
            // Only where nothing else was put there meanwhile.
            (Some(guard), entry) => _ = guard.insert(entry.unwrap_or(Entry::Passing)),
            (None, Some(entry)) => self.entries.insert(key, entry),
            (None, None) => {}
        }
        Ok(Sent::Handled(res))
    }

    fn refused<Q, R>(&self, problem: Problem, req: Q) -> Sent<Q, R> {
        self.count.refused.inc();
        Sent::Refused(problem, req)
    }

    /// An entry that makes room for a new one.
    fn is_over(&self, entry: &Entry) -> bool {
        match entry {
            Entry::Kept(kept) => kept.standing(&self.marks, self.clock.now()) != Standing::Current,
            Entry::Passing => false,
            Entry::Refused => true,
        }
    }

    async fn send<Q, R>(
        &self,
        kept: &Kept,
        why: Why,
        asked: &Asked,
        req: Q,
        handle: impl AsyncFnOnce(Q) -> Result<R, Error>,
    ) -> Result<Sent<Q, R>, Error> {
        match self.response(kept, why, asked).await {
            Some(response) => Ok(Sent::Kept(response, req)),
            // The handler's answer says what is not acceptable.
            None => handle(req).await.map(Sent::Handled),
        }
    }

    async fn response(&self, kept: &Kept, why: Why, asked: &Asked) -> Option<HttpResponse> {
        // Where that fails the handler is asked, which meets the same error and reports it.
        let coded = kept.answer.coded(asked.coding?).await.ok()?;
        Some(self.respond(kept, coded, why, asked.if_none_match.iter()))
    }

    fn respond<'a>(
        &self,
        kept: &Kept,
        coded: &Coded,
        why: Why,
        if_none_match: impl Iterator<Item = &'a HeaderValue>,
    ) -> HttpResponse {
        let now = self.clock.now();
        let mut response = kept.answer.respond(coded, if_none_match, Some(kept.freshness(&self.marks, now, why)));
        let (age, status) = match why {
            Why::Current => {
                self.count.memory.inc();
                return response;
            }
            Why::Unread(silent) => (silent, "xabar; hit; detail=log-unread"),
            Why::Outdated => (kept.age(now), "xabar; hit; detail=outdated"),
        };
        self.count.stale.inc();
        response.headers_mut().insert(header::AGE, age.as_secs().into());
        response.headers_mut().insert(CACHE_STATUS, HeaderValue::from_static(status));
        response
    }
}
