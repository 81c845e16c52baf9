//! The cards of articles that were just written, made of what was written: to read it again would take a tenth of an import.

use std::collections::{BTreeSet, HashMap};

use super::cards::{authors_by_id, tags_by_id};
use super::links::Links;
use super::shelf::made;
use crate::articles::input::ArticleInput;
use crate::articles::rows::stored::StoredCardValues;
use crate::articles::rows::{ArticleValues, Card, CorrectionRow, Named, TagOnCard};
use crate::db::schema::article_cards;
use crate::db::{DbConnection, DbError};
use crate::insert_all;
use crate::media::MediaInput;
use crate::media::rows::MediaRow;

/// A new article by its id, and all that was written of it.
pub type Fresh<'a> = (i64, &'a ArticleInput, &'a ArticleValues<'a>, &'a Links);

/// Sets the cards of new articles, which have none yet. What has no date is in no list, and gets none.
pub fn add_cards(conn: &mut DbConnection, all: &[Fresh<'_>]) -> Result<(), DbError> {
    let dated = all.iter().filter(|(_, _, values, _)| values.published_at.is_some());
    // What they are translations of was written before.
    let (translated, others): (Vec<&Fresh<'_>>, Vec<_>) =
        dated.partition(|(_, _, values, _)| values.translation_group.is_some());
    let translated: Vec<i64> = translated.iter().map(|(id, ..)| *id).collect();
    let mut cards = made(conn, &translated)?;
    if !others.is_empty() {
        // A picture may be told otherwise by what has no date.
        let known = Known::of(conn, all)?;
        cards.extend(others.into_iter().map(|fresh| known.card(fresh)).collect::<Result<Vec<_>, DbError>>()?);
    }
    insert_all!(conn, article_cards::table, &cards)
}

/// What articles refer to, by ids.
struct Known<'a> {
    authors: HashMap<i64, Named>,
    tags: HashMap<i64, TagOnCard>,
    media: HashMap<i64, &'a MediaInput>,
}

impl<'a> Known<'a> {
    fn of(conn: &mut DbConnection, all: &[Fresh<'a>]) -> Result<Self, DbError> {
        let distinct = |ids: fn(&Links) -> &[i64]| -> Vec<i64> {
            let ids: BTreeSet<i64> = all.iter().flat_map(|(_, _, _, links)| ids(links)).copied().collect();
            ids.into_iter().collect()
        };
        let authors = authors_by_id(conn, &distinct(|links| &links.authors))?;
        let tags = tags_by_id(conn, &distinct(|links| &links.tags))?;
        let media = all.iter().flat_map(|(_, input, _, links)| {
            let ids = links.stored_media.iter().map(|stored| stored.id());
            // Of several under one identity the last one is stored.
            ids.zip(input.hero.iter().chain(&input.media))
        });
        Ok(Self { authors, tags, media: media.collect() })
    }

    fn card(&self, (id, input, values, links): &Fresh<'_>) -> Result<StoredCardValues, DbError> {
        let card = Card {
            article: values.card_to_store(*id),
            authors: found(&self.authors, &links.authors)?,
            tags: found(&self.tags, &links.tags)?,
            hero: links.hero.map(|id| self.medium(id)).transpose()?,
            translations: Vec::new(),
            body: None,
        };
        let mut corrections: Vec<CorrectionRow> = input.corrections.iter().map(CorrectionRow::from).collect();
        corrections.sort_by_key(|correction| correction.corrected_at);
        let media = links.media.iter().map(|id| self.medium(*id)).collect::<Result<_, DbError>>()?;
        StoredCardValues::of(card, corrections, media)
    }

    fn medium(&self, id: i64) -> Result<MediaRow, DbError> {
        self.media.get(&id).map(|input| MediaRow::of(id, input)).ok_or_else(|| missing(id))
    }
}

fn found<T: Clone>(all: &HashMap<i64, T>, ids: &[i64]) -> Result<Vec<T>, DbError> {
    ids.iter().map(|id| all.get(id).cloned().ok_or_else(|| missing(*id))).collect()
}

fn missing(id: i64) -> DbError {
    DbError::Corrupt(format!("a new article refers to {id}, which is not there"))
}
