//! A page of a tag's list by date with the tag itself, in one statement: it is what is asked for most, and one statement is one
//! round trip, and a snapshot by itself.

use std::sync::Arc;

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Nullable, Text};
use diesel::sqlite::Sqlite;

use super::way::{Place, dated};
use crate::articles::filter::Sort;
use crate::articles::rows::stored::{Opening, StoredCard, StoredCardRow};
use crate::changes::Audience;
use crate::clock::Timestamp;
use crate::db::{Cut, DbConnection, DbError, Extent, MultiBackend, Position, Window};
use crate::tags::rows::{TagRow, TagWhole};
use crate::typed;

/// Which page of which tag.
#[derive(Debug, Clone)]
struct Leaf {
    slug: String,
    /// Whether it is read from the newer to the older.
    falling: bool,
    limit: i64,
    offset: i64,
    /// Instant and id of the row that it begins after.
    after: Option<(i64, i64)>,
    opening: Opening,
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

impl<C> RunQueryDsl<C> for &Leaf {}

macro_rules! leaf_sql {
    ($backend:ty, $lines:literal) => {
        impl QueryFragment<$backend> for Leaf {
            fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, $backend>) -> QueryResult<()> {
                out.push_sql(concat!(
                    "SELECT id, slug, name, name_key, kind, description, merged_into, article_count, modified_at, audience, \
                     (SELECT ", $lines, " FROM redirects WHERE redirects.tag_id = tags.id)"
                ));
                out.push_sql(
                    ", (SELECT min(next_transition_at) FROM articles WHERE next_transition_at IS NOT NULL), \
                     NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL \
                     FROM tags WHERE merged_into IS NULL AND audience = ",
                );
                out.push_bind_param::<BigInt, Audience>(&Audience::Everyone)?;
                out.push_sql(" AND slug = ");
                out.push_bind_param::<Text, String>(&self.slug)?;
                out.push_sql(
                    " UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, \
                     p.article_id, p.published_at, ",
                );
                out.push_sql(match self.opening {
                    Opening::Lead => "CASE WHEN c.lead_version = a.version THEN c.lead ELSE a.opening END",
                    Opening::Whole => "a.opening",
                });
                out.push_sql(
                    ", a.word_count, c.article_id, c.head, c.tail, c.keys, c.translations \
                     FROM (SELECT article_id, published_at FROM article_tags WHERE tag_id = (SELECT id FROM tags WHERE slug = ",
                );
                out.push_bind_param::<Text, String>(&self.slug)?;
                out.push_sql(") AND listed = TRUE");
                if let Some((at, id)) = &self.after {
                    let (up_to, beyond) = if self.falling { (" <= ", " < ") } else { (" >= ", " > ") };
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
                out.push_sql(if self.falling {
                    " ORDER BY published_at DESC, article_id DESC LIMIT "
                } else {
                    " ORDER BY published_at, article_id LIMIT "
                });
                out.push_bind_param::<BigInt, i64>(&self.limit)?;
                out.push_sql(" OFFSET ");
                out.push_bind_param::<BigInt, i64>(&self.offset)?;
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
    pub tag: Arc<TagWhole>,
    pub cards: Vec<Arc<StoredCard>>,
    pub next_change: Option<Timestamp>,
}

/// What the statement gave.
struct Read {
    tag: TagWhole,
    next_change: Option<Timestamp>,
    /// In the order in which they were asked for.
    rows: Vec<(Place, Arc<StoredCard>)>,
}

impl Leaf {
    /// `None` where there is no such tag, or where a card is missing or out of date.
    fn read(&self, conn: &mut DbConnection) -> Result<Option<Read>, DbError> {
        let rows: Vec<(Option<Head>, Option<Listed>)> = typed!(conn, self.load(conn))?;
        let (mut head, mut listed) = (None, Vec::with_capacity(rows.len()));
        for (own, row) in rows {
            head = head.or(own);
            listed.extend(row);
        }
        let Some((tag, aliases, next_change)) = head else { return Ok(None) };
        let mut aliases: Vec<(i64, String)> =
            aliases.iter().flat_map(|lines| lines.lines()).map(|alias| (tag.id, alias.to_owned())).collect();
        aliases.sort();
        // The order of a joined list is nowhere promised.
        listed.sort_by_key(|(id, at, _)| (*at, *id));
        if self.falling {
            listed.reverse();
        }
        let (mut places, mut cards) = (Vec::with_capacity(listed.len()), Vec::with_capacity(listed.len()));
        for (id, at, card) in listed {
            let Some(card) = card else { return Ok(None) };
            places.push((id, at));
            cards.push(Arc::new(StoredCard::from(card)));
        }
        let rows = dated(places)?.into_iter().zip(cards).collect();
        let next_change = next_change.and_then(Timestamp::from_micros);
        Ok(Some(Read { tag: TagWhole { tag, aliases }, next_change, rows }))
    }
}

/// A page of a tag's list by date with the tag, without a transaction: `None` where there is no such tag, and where what is stored won't
/// do. Everything before it is passed over.
pub fn leaf_of(
    conn: &mut DbConnection,
    slug: &str,
    (sort, cut): (Sort, &Cut),
    opening: Opening,
) -> Result<Option<(TagLeaf, Extent)>, DbError> {
    let (mut offset, mut after) = (0, None);
    match &cut.window {
        Window::Start => {}
        Window::Offset(number) => offset = *number,
        Window::Beyond(position) => after = Some(position),
    }
    let falling = (sort == Sort::Newest) != after.is_some_and(|position: &Position| position.backward);
    let after = after.map(|position| Ok::<_, DbError>((position.number()?, position.id))).transpose()?;
    let leaf = Leaf { slug: slug.to_owned(), falling, limit: cut.rows(), offset, after, opening };
    let Some(Read { tag, next_change, rows }) = leaf.read(conn)? else { return Ok(None) };
    let total = cut.count.then_some(tag.tag.article_count);
    let (rows, extent) = Extent::of(rows, cut, total, |((id, keys), _)| (keys.clone(), *id));
    let cards = rows.into_iter().map(|(_, card)| card).collect();
    Ok(Some((TagLeaf { tag: Arc::new(tag), cards, next_change }, extent)))
}
