//! Cards as they are stored: set anew in the transaction of every change to what they show, and read in one statement.

use std::collections::HashMap;
use std::sync::Arc;

use diesel::dsl::min;
use diesel::prelude::*;

use super::cards::{CardNeeds, cards, media_of};
use super::export::corrections_of;
use crate::articles::card::FORM;
use crate::articles::rows::stored::{Opening, StoredCard, StoredCardRow, StoredCardValues, brief};
use crate::changes::Audience;
use crate::clock::Timestamp;
use crate::db::schema::{article_cards, articles};
use crate::db::{Db, DbConnection, DbError, id_in, remember, setting};
use crate::typed;

/// As many are set at once.
const BATCH: usize = 200;
/// The setting that holds the form in which all of them are set.
const NAME: &str = "cards";

/// A stored card, and when the clock alone will next change anything that the public sees.
pub type Shelved = (Arc<StoredCard>, Option<Timestamp>);

/// The cards of those of `ids` that everyone may see, in no order and with no more than the leads of their texts; without what is not
/// there, or is older than its article, as after a change by a process that does not know of cards yet.
pub fn brief_cards(conn: &mut DbConnection, ids: &[i64]) -> Result<Vec<(i64, Shelved)>, DbError> {
    public_cards(conn, ids, Opening::Lead)
}

/// [`brief_cards`] with the openings of their texts.
pub fn whole_cards(conn: &mut DbConnection, ids: &[i64]) -> Result<Vec<(i64, Shelved)>, DbError> {
    public_cards(conn, ids, Opening::Whole)
}

/// [`brief_cards`] or [`whole_cards`] in the order of `ids`; `None` where there are none, or one of them is missing.
pub fn stored_cards(conn: &mut DbConnection, ids: &[i64], opening: Opening) -> Result<Option<Vec<Shelved>>, DbError> {
    let mut cards: HashMap<i64, Shelved> = public_cards(conn, ids, opening)?.into_iter().collect();
    let cards: Option<Vec<Shelved>> = ids.iter().map(|id| cards.remove(id)).collect();
    Ok(cards.filter(|cards| !cards.is_empty()))
}

fn public_cards(conn: &mut DbConnection, ids: &[i64], opening: Opening) -> Result<Vec<(i64, Shelved)>, DbError> {
    let waiting = diesel::alias!(articles as waiting);
    let at = waiting.field(articles::next_transition_at);
    let next = waiting.filter(at.is_not_null()).select(min(at)).single_value();
    let public = article_cards::table
        .inner_join(articles::table)
        .filter(id_in(article_cards::article_id, ids))
        .filter(articles::public)
        .filter(article_cards::made_at.eq(articles::modified_at));
    let rows: Vec<(StoredCardRow, Option<i64>)> = typed!(
        conn,
        match opening {
            Opening::Lead => public.select((brief(), next)).load(conn),
            Opening::Whole => public.select((StoredCardRow::as_select(), next)).load(conn),
        }
    )?;
    let shelved = |(row, next): (StoredCardRow, Option<i64>)| {
        (row.article_id, (Arc::new(StoredCard::from(row)), next.and_then(Timestamp::from_micros)))
    };
    Ok(rows.into_iter().map(shelved).collect())
}

/// Sets the cards of articles anew: call it in the transaction that changes anything that they show. What has no date is in
/// no list, and has none.
pub fn set_cards(conn: &mut DbConnection, ids: &[i64]) -> Result<(), DbError> {
    for ids in ids.chunks(BATCH) {
        for values in made(conn, ids)? {
            let updated = diesel::update(article_cards::table.find(values.article_id)).set(&values).execute(conn)?;
            if updated == 0 {
                diesel::insert_into(article_cards::table).values(&values).execute(conn)?;
            }
        }
    }
    Ok(())
}

/// The cards of articles as they are stored now.
pub(super) fn made(conn: &mut DbConnection, ids: &[i64]) -> Result<Vec<StoredCardValues>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let all = cards(conn, ids, CardNeeds::default(), Audience::Everyone)?;
    let (mut corrections, mut media) = (corrections_of(conn, ids)?, media_of(conn, ids)?);
    let dated = all.into_iter().filter(|card| card.article.published_at.is_some());
    let values = dated.map(|card| {
        let (corrections, media) = (corrections.remove(&card.article.id), media.remove(&card.article.id));
        StoredCardValues::of(card, corrections.unwrap_or_default(), media.unwrap_or_default())
    });
    values.collect()
}

/// Sets all cards, where an older version set none or others.
pub fn complete_cards(db: &Db) -> Result<(), DbError> {
    if db.read_here(|conn| setting(conn, NAME))?.as_deref() == Some(FORM) {
        return Ok(());
    }
    let (mut last, mut count) = (0, 0);
    loop {
        let set = db.write_here(|conn| set_after(conn, last))?;
        let Some(id) = set.last() else { break };
        (last, count) = (*id, count + set.len());
        db.give_way();
    }
    db.write_here(|conn| remember(conn, NAME, FORM))?;
    if count > 0 {
        tracing::info!(count, "the cards of {count} articles were set");
    }
    Ok(())
}

fn set_after(conn: &mut DbConnection, last: i64) -> Result<Vec<i64>, DbError> {
    let next = articles::table.filter(articles::id.gt(last)).order(articles::id).limit(BATCH as i64);
    let ids: Vec<i64> = next.select(articles::id).load(conn)?;
    set_cards(conn, &ids)?;
    Ok(ids)
}
