//! The ticker of each language, made once for as long as it is true: every tag page shows it, and it is made of a dozen
//! readings.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::changes::Part;
use crate::clock::Timestamp;
use crate::db::DbError;
use crate::http::Context;
use crate::http::kept::{LogPosition, Marks};
use crate::http::sparse::{Json, keep_fields};
use crate::rates::Rates;
use crate::rates::names::Lang;
use crate::rates::ticker::Ticker;

/// The tickers, shared by cloning.
#[derive(Clone)]
pub struct Tickers {
    marks: Arc<Marks>,
    made: Arc<Mutex<HashMap<Lang, Made>>>,
}

#[derive(Clone)]
struct Made {
    ticker: Json,
    since: Timestamp,
    until: Timestamp,
    read: LogPosition,
}

impl Tickers {
    /// None is made yet.
    pub fn new(marks: Arc<Marks>) -> Self {
        Self { marks, made: Arc::default() }
    }

    /// The ticker of a language, with the instant at which it may next change.
    pub async fn now(&self, context: &Context, rates: &Rates, lang: Lang) -> Result<(Json, Timestamp), DbError> {
        let (now, read) = (context.clock.now(), self.marks.position());
        if let Some(made) = self.made(lang, now) {
            return Ok(made);
        }
        let rates = rates.clone();
        let (ticker, until) = context.read(move |conn| Ticker::now(conn, &rates, lang, now)).await?;
        let ticker = keep_fields(&ticker, &[]).map_err(|error| DbError::Corrupt(error.to_string()))?;
        let made = Made { ticker: ticker.clone(), since: now, until, read };
        self.made.lock().unwrap_or_else(PoisonError::into_inner).insert(lang, made);
        Ok((ticker, until))
    }

    fn made(&self, lang: Lang, now: Timestamp) -> Option<(Json, Timestamp)> {
        let all = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let made = all.get(&lang)?;
        let holds = (made.since..made.until).contains(&now) && self.marks.holds(&[Part::Rates.into()], made.read);
        holds.then(|| (made.ticker.clone(), made.until))
    }
}
