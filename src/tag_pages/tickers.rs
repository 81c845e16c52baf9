//! The ticker of each language, made once for as long as it is true: every tag page shows it, and it is made of a dozen
//! readings.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::changes::Part;
use crate::clock::Timestamp;
use crate::db::{DbConnection, DbError};
use crate::http::kept::{Marks, Moment};
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
    read: Moment,
}

impl Tickers {
    /// None is made yet.
    pub fn new(marks: Arc<Marks>) -> Self {
        Self { marks, made: Arc::default() }
    }

    /// How far the log was read: to be asked before a snapshot is begun, of which it is then known what it holds.
    pub fn moment(&self) -> Moment {
        self.marks.moment()
    }

    /// The ticker of a language at an instant, with the instant at which it may next change.
    pub fn at(
        &self,
        conn: &mut DbConnection,
        rates: &Rates,
        lang: Lang,
        (now, read): (Timestamp, Moment),
    ) -> Result<(Json, Timestamp), DbError> {
        if let Some(made) = self.made(lang, now) {
            return Ok(made);
        }
        let (ticker, until) = Ticker::now(conn, rates, lang, now)?;
        let ticker = keep_fields(&ticker, &[]).map_err(|error| DbError::Corrupt(error.to_string()))?;
        let mut all = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(lang, Made { ticker: ticker.clone(), since: now, until, read });
        Ok((ticker, until))
    }

    /// [`Tickers::at`] where it is made already.
    pub fn made(&self, lang: Lang, now: Timestamp) -> Option<(Json, Timestamp)> {
        let all = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let made = all.get(&lang)?;
        let holds = (made.since..made.until).contains(&now) && self.marks.holds(&[Part::Rates.into()], made.read);
        holds.then(|| (made.ticker.clone(), made.until))
    }
}
