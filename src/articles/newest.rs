//! The newest articles of each tag, remembered for as long as the log tells of no change to the tag's list.
//!
//! Two things are made of them: what a tag offers to those who look for related stories, and the first pages of its list, of which
//! then only the cards are read.

use std::sync::Arc;

use quick_cache::Weighter;
use quick_cache::sync::Cache;

use super::queries::{self, OFFERED};
use super::rows::{Offer, Offered};
use crate::changes::Part;
use crate::db::{Cut, DbConnection, DbError, Window};
use crate::http::kept::{LogPosition, Marks};
use crate::tags::rows::TagWhole;

/// Of how many tags the list is remembered, at about a kilobyte each.
const LISTS: usize = 4096;
/// Bytes of the tags themselves.
const BYTES: u64 = 4 << 20;
/// What a tag takes, to size the table.
const USUAL: u64 = 1024;

/// Something, and how far the log was read before it was.
type Known<V> = (LogPosition, Arc<V>);

/// Shared by cloning.
#[derive(Clone)]
pub struct Newest {
    marks: Arc<Marks>,
    lists: Arc<Cache<i64, Known<Offer>>>,
    tags: Arc<Cache<Box<str>, Known<TagWhole>, Weight>>,
}

/// A tag as it is remembered.
#[derive(Debug, Clone)]
pub struct KnownTag {
    pub whole: Arc<TagWhole>,
    read: LogPosition,
}

#[derive(Debug, Clone)]
struct Weight;

impl Weighter<Box<str>, Known<TagWhole>> for Weight {
    fn weight(&self, slug: &Box<str>, (_, whole): &Known<TagWhole>) -> u64 {
        /// What an entry takes besides.
        const ENTRY: usize = 384;
        let TagWhole { tag, aliases } = whole.as_ref();
        let texts = 2 * slug.len() + tag.name.len() + tag.name_key.len() + tag.description.len();
        let aliases: usize = aliases.iter().map(|(_, alias)| alias.len() + 32).sum();
        (texts + aliases + ENTRY) as u64
    }
}

impl Newest {
    /// Nothing is remembered yet.
    pub fn new(marks: Arc<Marks>) -> Self {
        let tags = Cache::with_weighter((BYTES / USUAL) as usize, BYTES, Weight);
        Self { marks, lists: Arc::new(Cache::new(LISTS)), tags: Arc::new(tags) }
    }

    /// What a tag offers. `read` is how far the log was read before this snapshot was begun.
    pub fn of(&self, conn: &mut DbConnection, tag: i64, read: LogPosition) -> Result<Arc<Offer>, DbError> {
        if let Some((read, offer)) = self.lists.get(&tag)
            && self.marks.holds(&[Part::ArticlesOfTag(tag).into()], read)
        {
            return Ok(offer);
        }
        let offer = Arc::new(queries::offer(conn, tag)?);
        self.lists.insert(tag, (read, offer.clone()));
        Ok(offer)
    }

    /// Remembers a tag. `read` is how far the log was read before it was.
    pub fn learn(&self, whole: &Arc<TagWhole>, read: LogPosition) {
        self.tags.insert(whole.tag.slug.as_str().into(), (read, whole.clone()));
    }

    /// The tag that everyone finds under this slug: `None` where it is not known that it and its list are as remembered.
    pub fn tag(&self, slug: &str) -> Option<KnownTag> {
        let (read, whole) = self.tags.get(slug)?;
        let tag = KnownTag { whole, read };
        self.holds(&tag).then_some(tag)
    }

    /// The rows of a page of a tag's list with the newest first, as a query for [`Cut::rows`] gives them: `None` where that is not
    /// among those that are known to be as remembered.
    pub fn front(&self, tag: &KnownTag, cut: &Cut) -> Option<Vec<Offered>> {
        let tag = &tag.whole.tag;
        let (read, list) = self.lists.get(&tag.id)?;
        // They were read one after the other.
        let agrees = list.article_count == tag.article_count;
        let is_known = agrees && self.marks.holds(&[Part::ArticlesOfTag(tag.id).into()], read);
        if is_known { front_of(&list, cut) } else { None }
    }

    /// Whether it is of use to remember the list that begins with a page. By cursor it is mostly not.
    pub fn may_hold(cut: &Cut) -> bool {
        match &cut.window {
            Window::Start => cut.rows() <= OFFERED,
            Window::Offset(offset) => offset + cut.rows() <= OFFERED,
            Window::Beyond(_) => false,
        }
    }

    /// Whether a tag and its list are as they were, as far as the log was read by now.
    pub fn holds(&self, tag: &KnownTag) -> bool {
        let id = tag.whole.tag.id;
        self.marks.holds(&[Part::Tag(id).into(), Part::ArticlesOfTag(id).into()], tag.read)
    }
}

/// `None` past the rows that are remembered.
fn front_of(list: &Offer, cut: &Cut) -> Option<Vec<Offered>> {
    let newest = list.newest.as_slice();
    let all = newest.len() as i64 >= list.article_count;
    let most = usize::try_from(cut.rows()).ok()?;
    let begin = match &cut.window {
        Window::Start => 0,
        Window::Offset(offset) => usize::try_from(*offset).ok()?.min(newest.len()),
        Window::Beyond(position) => {
            let place = (position.number().ok()?, position.id);
            let newer = newest.partition_point(|row| *row > place);
            if position.backward {
                let known = all || newer < newest.len();
                return known.then(|| newest[..newer].iter().rev().take(most).copied().collect());
            }
            newest.partition_point(|row| *row >= place)
        }
    };
    let rows = &newest[begin..];
    (all || rows.len() >= most).then(|| rows.iter().take(most).copied().collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::changes::Audience;
    use crate::clock::Timestamp;
    use crate::db::{Key, Position};
    use crate::tags::TagKind;
    use crate::tags::rows::TagRow;

    fn tag(id: i64, slug: &str, article_count: i64) -> Arc<TagWhole> {
        let tag = TagRow {
            id,
            slug: slug.into(),
            name: slug.into(),
            name_key: slug.into(),
            kind: TagKind::Topic,
            description: String::new(),
            merged_into: None,
            article_count,
            modified_at: Timestamp::from_micros(0).expect("an instant"),
            audience: Audience::Everyone,
        };
        Arc::new(TagWhole { tag, aliases: Vec::new() })
    }

    proptest! {
        #[test]
        fn a_page_of_what_is_remembered_is_that_of_the_whole_list(
            list in proptest::collection::btree_set((0_i64..6, 0_i64..30), 0..40),
            known in 0_usize..40,
            (limit, offset) in (1_i64..8, 0_i64..45),
            (at, id, backward) in (0_i64..6, 0_i64..30, any::<bool>()),
        ) {
            let whole: Vec<Offered> = list.into_iter().rev().collect();
            let newest = whole[..known.min(whole.len())].to_vec();
            let complete = newest.len() == whole.len();
            let offer = Offer { article_count: whole.len() as i64, newest };
            let position = Position { keys: vec![Key::Number(at)], id, backward };
            let beyond: Vec<Offered> = if backward {
                whole.iter().rev().filter(|row| **row > (at, id)).copied().collect()
            } else {
                whole.iter().filter(|row| **row < (at, id)).copied().collect()
            };
            let after = whole.iter().skip(offset as usize).copied().collect();
            for (window, all) in [(Window::Start, whole.clone()), (Window::Offset(offset), after), (Window::Beyond(position), beyond)] {
                let cut = Cut { window, limit, count: true };
                let expected: Vec<Offered> = all.into_iter().take(cut.rows() as usize).collect();
                match front_of(&offer, &cut) {
                    Some(rows) => prop_assert_eq!(rows, expected, "{:?}", cut),
                    None => prop_assert!(!complete, "{:?}", cut),
                }
            }
        }
    }

    #[test]
    fn a_tag_and_a_list_that_do_not_agree_are_not_used() {
        let marks = Arc::new(Marks::default());
        marks.reach(1);
        let newest = Newest::new(marks.clone());
        let read = marks.position();
        let offer = |article_count| Arc::new(Offer { article_count, newest: vec![(5, 1), (4, 2)] });
        let cut = Cut { window: Window::Start, limit: 1, count: true };
        assert!(newest.tag("t").is_none());
        newest.learn(&tag(7, "t", 2), read);
        let known = newest.tag("t").expect("it is known");
        assert!(newest.front(&known, &cut).is_none(), "there is no list");
        newest.lists.insert(7, (read, offer(3)));
        assert!(newest.front(&known, &cut).is_none(), "it was read later");
        newest.lists.insert(7, (read, offer(2)));
        assert_eq!(newest.front(&known, &cut), Some(vec![(5, 1), (4, 2)]));
        marks.change(Part::Tag(7), 2);
        assert!(newest.tag("t").is_none() && !newest.holds(&known), "the tag has changed");
        assert!(newest.front(&known, &cut).is_some(), "its list has not");
        marks.change(Part::ArticlesOfTag(7), 3);
        assert!(newest.front(&known, &cut).is_none(), "the list has changed");
    }
}
