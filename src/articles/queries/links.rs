//! What articles refer to: authors, tags and media, found or created, and the rows that say so.

use std::cmp::Reverse;

use crate::articles::input::ArticleInput;
use crate::articles::rows::{ArticleValues, AuthorLink, MediaLink, TagLink};
use crate::authors::queries as authors;
use crate::changes::Audience;
use crate::clock::Timestamp;
use crate::db::schema::{article_authors, article_media, article_tags};
use crate::db::{DbConnection, DbError};
use crate::insert_all;
use crate::media::MediaInput;
use crate::media::queries as media;
use crate::tags::queries as tags;

/// The ids of what one article refers to.
#[derive(Debug, Clone, Default)]
pub struct Links {
    pub authors: Vec<i64>,
    pub tags: Vec<i64>,
    pub hero: Option<i64>,
    pub media: Vec<i64>,
    /// The hero and the media, and what storing them did.
    pub stored_media: Vec<media::Stored>,
}

impl Links {
    /// Of articles with those who may see each; what is not there yet is created.
    pub fn store(
        conn: &mut DbConnection,
        now: Timestamp,
        articles: &[(&ArticleInput, Audience)],
    ) -> Result<Vec<Self>, DbError> {
        let wanted: Vec<authors::Wanted<'_>> = articles
            .iter()
            .flat_map(|(input, shown_to)| input.authors.iter().map(|author| (author, *shown_to)))
            .map(|(author, shown_to)| authors::Wanted { slug: &author.slug, name: &author.name, shown_to })
            .collect();
        let authors = authors::ensure(conn, now, &wanted)?;
        let wanted: Vec<tags::Wanted<'_>> = articles
            .iter()
            .flat_map(|(input, shown_to)| input.tags.iter().map(|tag| (tag, *shown_to)))
            .map(|(tag, shown_to)| tags::Wanted { slug: &tag.slug, name: &tag.name, kind: tag.kind, shown_to })
            .collect();
        let tags = tags::ensure(conn, now, &wanted)?;
        let wanted: Vec<&MediaInput> =
            articles.iter().flat_map(|(input, _)| input.hero.iter().chain(&input.media)).collect();
        let media = media::write_all(conn, now, &wanted)?;

        let (mut authors, mut tags, mut media) = (authors.into_iter(), tags.into_iter(), media.into_iter());
        let links = articles.iter().map(|(input, _)| {
            let stored_media: Vec<media::Stored> =
                media.by_ref().take(input.media.len() + usize::from(input.hero.is_some())).collect();
            let mut ids = stored_media.iter().map(|stored| stored.id());
            Self {
                authors: distinct(authors.by_ref().take(input.authors.len())),
                tags: distinct(tags.by_ref().take(input.tags.len())),
                hero: input.hero.is_some().then(|| ids.next()).flatten(),
                media: distinct(ids),
                stored_media,
            }
        });
        Ok(links.collect())
    }
}

/// Writes the rows of articles that have none.
pub fn write_links(conn: &mut DbConnection, articles: &[(i64, &ArticleValues<'_>, &Links)]) -> Result<(), DbError> {
    let (mut authors, mut tags, mut media) = (Vec::new(), Vec::new(), Vec::new());
    for &(article_id, values, links) in articles {
        let (listed, published_at) = (values.listed(), values.published_at);
        authors.extend((0..).zip(&links.authors).map(|(position, author_id)| AuthorLink {
            article_id,
            author_id: *author_id,
            position,
            listed,
            published_at,
        }));
        tags.extend((0..).zip(&links.tags).map(|(position, tag_id)| TagLink {
            article_id,
            tag_id: *tag_id,
            position,
            listed,
            published_at,
        }));
        media.extend((0..).zip(&links.media).map(|(position, media_id)| MediaLink {
            article_id,
            media_id: *media_id,
            position,
        }));
    }
    // Neighbours in the index of a tag's list one after the other.
    tags.sort_by_key(|link| (link.tag_id, Reverse(link.published_at)));
    insert_all!(conn, article_authors::table, &authors)?;
    insert_all!(conn, article_tags::table, &tags)?;
    insert_all!(conn, article_media::table, &media)
}

/// Two slugs may lead to one tag, by way of an alias; the first mention counts.
fn distinct(all: impl Iterator<Item = i64>) -> Vec<i64> {
    let mut ids = Vec::new();
    for id in all {
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids
}
