//! Plain requests, answered as they come off the wire.

use std::time::Instant;

use actix_web::http::Method;
use actix_web::http::header::HeaderValue;

use super::{Found, KeptAnswers, Why};
use crate::http::accepts::{Coding, best};
use crate::http::boundary::{note, request_id};
use crate::http::plain::{Memory, Plain, Ready};

impl Memory for KeptAnswers {
    fn answer(&self, request: &Plain<'_>) -> Option<Ready> {
        let started = Instant::now();
        let url = request.url?;
        let now = self.clock.now();
        let Found::Kept(kept, Why::Current) = self.find(&self.key(url)?, now) else { return None };
        let coding = match request.accept_encoding {
            None => Coding::Identity,
            Some(list) => best([HeaderValue::from_bytes(list).ok()?].iter())?,
        };
        let id = request_id(request.request_id);
        let freshness = kept.freshness(&self.marks, now, Why::Current);
        let (status, ready) = kept.answer.ready(kept.answer.made(coding)?, request.if_none_match, freshness, &id)?;
        self.count.memory.inc();
        let path = url.split_once('?').map_or(url, |(path, _)| path);
        note(&id, (&Method::GET, path), status, started);
        Some(ready)
    }
}
