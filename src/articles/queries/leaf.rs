//! A page of a tag's newest or oldest articles with the tag itself, in one statement: it is what is asked for most, and one
//! statement is one round trip, and a snapshot by itself.

use std::collections::HashMap;

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Nullable, Text};
use diesel::sqlite::Sqlite;

use super::way::{DEEP, Place, by_date, dated};
use crate::articles::filter::Sort;
use crate::articles::rows::stored::{StoredCard, StoredCardRow};
use crate::clock::Timestamp;
use crate::db::{Cut, DbConnection, DbError, Extent, MultiBackend, Position, Window};
use crate::tags::rows::TagRow;
use crate::typed;

/// Which page of which tag.
#[derive(Debug, Clone)]
struct Leaf {
    slug: String,
    newest_first: bool,
    limit: i64,
    offset: i64,
    /// Whether the offset counts to where the page ends from the other end of the list, which is read from there. Where that is far
    /// away nothing is read.
    from_end: bool,
    /// Instant and id of the row that it begins after.
    after: Option<(i64, i64)>,
    /// Whether the tag is to be shown, and not only counted.
    whole: bool,
}

/// The tag with its aliases, a line each, and when the clock alone will next change what the public sees: the first row.
type Head = (TagRow, Option<String>, Option<i64>);

/// A row of the list with its card, where that is there.
type Listed = (i64, Option<Timestamp>, Option<StoredCardRow>);

type HeadSql =
    (diesel::dsl::SqlTypeOf<<TagRow as Selectable<MultiBackend>>::SelectExpression>, Nullable<Text>, Nullable<BigInt>);
type ListedSql = (BigInt, Nullable<BigInt>, Nullable<(Text, BigInt, BigInt, Text, Text, Text, Text)>);

impl Query for Leaf {
    type SqlType = (Nullable<HeadSql>, Nullable<ListedSql>);
}

impl QueryId for Leaf {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<C> RunQueryDsl<C> for Leaf {}

macro_rules! leaf_sql {
    ($backend:ty, $lines:literal) => {
        impl QueryFragment<$backend> for Leaf {
            fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, $backend>) -> QueryResult<()> {
                out.push_sql(if self.whole {
                    concat!(
                        "SELECT id, slug, name, name_key, kind, description, merged_into, article_count, modified_at, audience, \
                         (SELECT ", $lines, " FROM redirects WHERE redirects.tag_id = tags.id)"
                    )
                } else {
                    "SELECT id, slug, '', '', kind, '', merged_into, article_count, modified_at, audience, CAST(NULL AS TEXT)"
                });
                out.push_sql(
                    ", (SELECT min(next_transition_at) FROM articles WHERE next_transition_at IS NOT NULL), \
                     NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL \
                     FROM tags WHERE merged_into IS NULL AND audience = 2 AND slug = ",
                );
                out.push_bind_param::<Text, String>(&self.slug)?;
                out.push_sql(
                    " UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, \
                     p.article_id, p.published_at, a.opening, a.word_count, c.article_id, c.head, c.tail, c.keys, c.translations \
                     FROM (SELECT article_id, published_at FROM article_tags WHERE tag_id = (SELECT id FROM tags WHERE slug = ",
                );
                out.push_bind_param::<Text, String>(&self.slug)?;
                if self.from_end {
                    out.push_sql(" AND article_count - ");
                    out.push_bind_param::<BigInt, i64>(&self.offset)?;
                    out.push_sql(" <= ");
                    out.push_bind_param::<BigInt, i64>(&DEEP)?;
                }
                out.push_sql(") AND listed");
                if let Some((at, id)) = &self.after {
                    let (up_to, beyond) = if self.newest_first { (" <= ", " < ") } else { (" >= ", " > ") };
                    out.push_sql(" AND published_at");
                    out.push_sql(up_to);
                    out.push_bind_param::<BigInt, i64>(at)?;
                    out.push_sql(" AND (published_at");
                    out.push_sql(beyond);
                    out.push_bind_param::<BigInt, i64>(at)?;
                    out.push_sql(" OR article_id");
                    out.push_sql(beyond);
                    out.push_bind_param::<BigInt, i64>(id)?;
                    out.push_sql(")");
                }
                out.push_sql(if self.newest_first {
                    " ORDER BY published_at DESC, article_id DESC LIMIT "
                } else {
                    " ORDER BY published_at, article_id LIMIT "
                });
                out.push_bind_param::<BigInt, i64>(&self.limit)?;
                out.push_sql(" OFFSET ");
                if self.from_end {
                    out.push_sql("COALESCE((SELECT CASE WHEN article_count - ");
                    out.push_bind_param::<BigInt, i64>(&self.offset)?;
                    out.push_sql(" BETWEEN 0 AND ");
                    out.push_bind_param::<BigInt, i64>(&DEEP)?;
                    out.push_sql(" THEN article_count - ");
                    out.push_bind_param::<BigInt, i64>(&self.offset)?;
                    out.push_sql(" ELSE 0 END FROM tags WHERE slug = ");
                    out.push_bind_param::<Text, String>(&self.slug)?;
                    out.push_sql("), 0)");
                } else {
                    out.push_bind_param::<BigInt, i64>(&self.offset)?;
                }
                // A card that is older than its article is not used.
                out.push_sql(
                    ") AS p LEFT JOIN article_cards AS c ON c.article_id = p.article_id \
                     LEFT JOIN articles AS a ON a.id = c.article_id AND a.modified_at = c.made_at",
                );
                Ok(())
            }
        }
    };
}

leaf_sql!(Sqlite, "group_concat(from_slug, char(10))");
leaf_sql!(Pg, "string_agg(from_slug, chr(10))");

/// A tag that everyone may see, and a page of its list.
#[derive(Debug, Clone)]
pub struct TagLeaf {
    pub tag: TagRow,
    /// In alphabetical order.
    pub aliases: Vec<String>,
    pub places: Vec<Place>,
    pub cards: Vec<StoredCard>,
    pub next_change: Option<Timestamp>,
}

/// Reads rows of the list of the tag with this very slug, in one direction or the other, of which the page of a cut is the beginning:
/// from the list's other end for a page that is far from the first one. `None` where there is no such tag, or where a card is
/// missing or out of date. Without `whole` the tag has its id and its count and no texts.
fn leaf(
    conn: &mut DbConnection,
    slug: &str,
    (sort, cut): (Sort, &Cut),
    whole: bool,
) -> Result<Option<TagLeaf>, DbError> {
    let (offset, from_end, after) = match &cut.window {
        Window::Start => (0, false, None),
        Window::Offset(offset) if *offset > DEEP => (offset.saturating_add(cut.limit), true, None),
        Window::Offset(offset) => (*offset, false, None),
        Window::Beyond(position) => (0, false, Some(position)),
    };
    let backward = from_end || after.is_some_and(|position| position.backward);
    let after = after.map(|position: &Position| Ok::<_, DbError>((position.number()?, position.id))).transpose()?;
    let (slug, newest_first, limit) = (slug.to_owned(), (sort == Sort::Newest) != backward, cut.rows());
    let rows: Vec<(Option<Head>, Option<Listed>)> =
        typed!(conn, Leaf { slug, newest_first, limit, offset, from_end, after, whole }.load(conn))?;
    let (mut head, mut listed) = (None, Vec::with_capacity(rows.len()));
    for (own, row) in rows {
        head = head.or(own);
        listed.extend(row);
    }
    let Some((tag, aliases, next_change)) = head else { return Ok(None) };
    let mut aliases: Vec<String> = aliases.iter().flat_map(|lines| lines.lines()).map(str::to_owned).collect();
    aliases.sort();
    // The order of a joined list is nowhere promised.
    listed.sort_by_key(|(id, at, _)| (*at, *id));
    if newest_first {
        listed.reverse();
    }
    let (mut places, mut cards) = (Vec::with_capacity(listed.len()), Vec::with_capacity(listed.len()));
    for (id, at, card) in listed {
        let Some(card) = card else { return Ok(None) };
        places.push((id, at));
        cards.push(StoredCard::from(card));
    }
    let (places, next_change) = (dated(places)?, next_change.and_then(Timestamp::from_micros));
    Ok(Some(TagLeaf { tag, aliases, places, cards, next_change }))
}

/// A page of a tag's list with the tag, without a transaction: `None` where that takes more than to read near an end of the
/// list, or where what is stored won't do.
pub fn leaf_of(
    conn: &mut DbConnection,
    slug: &str,
    (sort, cut): (Sort, &Cut),
    whole: bool,
) -> Result<Option<(TagLeaf, Extent)>, DbError> {
    if !by_date(sort) {
        return Ok(None);
    }
    let Some(mut leaf) = leaf(conn, slug, (sort, cut), whole)? else { return Ok(None) };
    let total = leaf.tag.article_count;
    let mut places = std::mem::take(&mut leaf.places);
    if let Window::Offset(offset) = cut.window
        && offset > DEEP
    {
        // A page in the middle is not among what was read, and one past the end is empty.
        let rows = (total - offset).min(cut.limit);
        if rows <= 0 || total - offset - rows > DEEP || (places.len() as i64) < rows {
            return Ok(None);
        }
        places.truncate(rows as usize);
        places.reverse();
    }
    let total = cut.count.then_some(total);
    let (places, extent) = Extent::of(places, cut, total, |(id, keys)| (keys.clone(), *id));
    let mut cards: HashMap<i64, StoredCard> = leaf.cards.drain(..).map(|card| (card.id, card)).collect();
    leaf.cards = places.iter().filter_map(|(id, _)| cards.remove(id)).collect();
    leaf.places = places;
    Ok(Some((leaf, extent)))
}
