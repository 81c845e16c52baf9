//! `mode=full`: things as they are now, as their own endpoints show them.

use std::collections::HashMap;

use serde::Serialize;

use super::rows::ChangeRow;
use super::{Audience, Subject};
use crate::articles::params::{BodyAs, Shape};
use crate::articles::{Render, queries as articles};
use crate::authors::{Author, queries as authors};
use crate::clock::Timestamp;
use crate::db::{DbConnection, DbError};
use crate::http::sparse::{Json, keep_fields};
use crate::media::{Media, queries as media};
use crate::rates::pricing::When;
use crate::rates::queries::{Reader as Pricing, priced_by};
use crate::rates::{Rate, Rates};
use crate::tags::{Tag, queries as tags};

/// Most words of bodies that one answer may hold; past them the page ends early.
const MOST_WORDS: i64 = 200_000;

/// How things are shown.
#[derive(Clone)]
pub struct Showing {
    pub shape: Shape,
    pub url_template: String,
    pub rates: std::sync::Arc<Rates>,
}

/// What is shown of each thing, by type and id.
pub type Shown = HashMap<(Subject, i64), Json>;

impl Showing {
    /// Cuts a page whose bodies would be more than a reader should have to hold at once.
    pub fn cut(&self, conn: &mut DbConnection, rows: &mut Vec<ChangeRow>) -> Result<(), DbError> {
        if self.shape.body == BodyAs::None {
            return Ok(());
        }
        let ids: Vec<i64> = rows.iter().filter(|row| row.type_ == Subject::Article).map(|row| row.entity_id).collect();
        let words = articles::word_counts(conn, &ids)?;
        let mut left = MOST_WORDS;
        let kept = rows.iter().enumerate().take_while(|(i, row)| {
            let of_article = row.type_ == Subject::Article;
            left -= if of_article { words.get(&row.entity_id).copied().unwrap_or(0) } else { 0 };
            *i == 0 || left >= 0
        });
        let kept = kept.count();
        rows.truncate(kept);
        Ok(())
    }

    /// Reads what those who see what `audience` does are shown.
    pub fn read(
        &self,
        conn: &mut DbConnection,
        now: Timestamp,
        audience: Audience,
        rows: &[ChangeRow],
    ) -> Result<Shown, DbError> {
        let of = |type_: Subject| -> Vec<i64> {
            let there = rows.iter().filter(|row| row.type_ == type_ && row.audience >= audience);
            there.map(|row| row.entity_id).collect()
        };
        let mut shown = self.articles(conn, audience, &of(Subject::Article))?;
        let tag_ids = of(Subject::Tag);
        let aliases = tags::aliases(conn, &tag_ids)?;
        for row in tags::by_ids(conn, &tag_ids)? {
            shown.insert((Subject::Tag, row.id), json(&Tag::new(row, &aliases))?);
        }
        for row in authors::by_ids(conn, &of(Subject::Author))? {
            shown.insert((Subject::Author, row.id), json(&Author::from(row))?);
        }
        for row in media::by_ids(conn, &of(Subject::Media))? {
            shown.insert((Subject::Media, row.id), json(&Media::from(row))?);
        }
        shown.extend(self.rates(conn, now, &of(Subject::Rate))?);
        Ok(shown)
    }

    fn articles(&self, conn: &mut DbConnection, audience: Audience, ids: &[i64]) -> Result<Shown, DbError> {
        let render = Render { shape: &self.shape, query: None, url_template: &self.url_template };
        let cards = articles::cards(conn, ids, self.shape.needs(), audience)?;
        cards.into_iter().map(|card| Ok(((Subject::Article, card.article.id), render.sparse(card)?))).collect()
    }

    fn rates(&self, conn: &mut DbConnection, now: Timestamp, ids: &[i64]) -> Result<Shown, DbError> {
        let mut shown = Shown::new();
        let when = When { now, date: None, as_of: None };
        let mut known = HashMap::new();
        for (id, pair, basis) in priced_by(conn, ids)? {
            let rate = match known.get(&(pair, basis)) {
                Some(rate) => Json::clone(rate),
                None => match Pricing::new(conn, &self.rates, basis, when).quote(pair)? {
                    Ok(quote) => known.entry((pair, basis)).or_insert(json(&Rate::new(&quote))?).clone(),
                    // Held, and nothing else is known of the pair.
                    Err(_) => continue,
                },
            };
            shown.insert((Subject::Rate, id), rate);
        }
        Ok(shown)
    }
}

fn json(value: &impl Serialize) -> Result<Json, DbError> {
    keep_fields(value, &[]).map_err(|error| DbError::Corrupt(error.to_string()))
}
