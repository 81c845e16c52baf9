//! The import of a WordPress export: its files are read more than once, and what they hold is stored a batch at a time.
//!
//! The first reading stores terms, authors and attachments, the second one posts and pages, which may name attachments
//! that stand after them, or in another file. Where a post's slug belongs to another one it is read again at the end, when that
//! one may have given it up. A dry run does all of it in one transaction and takes it back.

use std::collections::HashSet;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, BufRead};
use std::mem::take;

use super::{
    Article, Author, Converted, Converter, Element, IN_THE_TRASH, Item, Report, Site, WxrError, WxrReader,
    guest_author, tag_record,
};
use crate::articles::{Status, queries as articles};
use crate::authors::queries as authors;
use crate::changes::Audience;
use crate::clock::Clock;
use crate::db::{Db, DbConnection, DbError};
use crate::imports::{self, store};
use crate::records::{ArticleRecord, Record};
use crate::tags::queries as tags;
use crate::wordpress::library::Attachments;

/// Elements a transaction.
const BATCH: usize = 100;
/// Bytes of the file after which a transaction takes no further element.
const BATCH_BYTES: u64 = 4 << 20;
/// How many other slugs are tried when one belongs to an article that is not of this export.
const OTHER_SLUGS: u32 = 100;

/// How to import.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Keep nothing.
    pub dry_run: bool,
    /// Language of the articles, when it is not the one that the export names.
    pub lang: Option<String>,
}

/// What an import did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    pub stored: imports::Report,
    /// What the export held, and what of it has no place here.
    pub export: Report,
    pub dry_run: bool,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { stored, export, dry_run } = self;
        write!(f, "{export}{stored}{}", if *dry_run { " (dry run: nothing was kept)" } else { "" })
    }
}

/// Why an import came to an end early. What was committed until then stays.
#[derive(Debug, thiserror::Error)]
pub enum WxrImportError {
    #[error("the file can't be opened: {0}")]
    Open(#[from] io::Error),
    #[error(transparent)]
    Wxr(#[from] WxrError),
    /// Two sites count their posts from one, and mean other people by the same login.
    #[error("an export of {site}, and those before it are of {first}: import each site by itself")]
    AnotherSite { site: String, first: String },
    #[error(transparent)]
    Database(#[from] DbError),
}

/// Imports an export of one file or more, each of which is opened from its start for each reading: two, and up to two more while posts
/// wait for their slugs. `progress` is told which file is read, and the bytes read so far, over all readings.
pub fn import<R: BufRead>(
    db: &Db,
    clock: &Clock,
    files: &[impl Fn() -> io::Result<R>],
    options: &Options,
    mut progress: impl FnMut(usize, u64),
) -> Result<Outcome, WxrImportError> {
    if !options.dry_run {
        let mut transact = |work: &mut Work<'_>| {
            db.write_here(|conn| work(conn))?;
            db.give_way();
            Ok(())
        };
        return Import::new(clock, options).run(files, &mut transact, &mut progress);
    }
    let mut outcome = None;
    let rolled_back: Result<(), DbError> = db.write_here(|conn| {
        let mut transact = |work: &mut Work<'_>| work(conn);
        outcome = Some(Import::new(clock, options).run(files, &mut transact, &mut progress));
        Err(DbError::RolledBack)
    });
    match (outcome, rolled_back) {
        (Some(outcome), Err(DbError::RolledBack)) => outcome,
        (_, Err(error)) => Err(error.into()),
        (None, Ok(())) => Err(DbError::Panicked.into()),
        (Some(outcome), Ok(())) => outcome,
    }
}

type Work<'a> = dyn FnMut(&mut DbConnection) -> Result<(), DbError> + 'a;
type Transact<'a> = dyn FnMut(&mut Work<'_>) -> Result<(), DbError> + 'a;

/// What a post does whose slug belongs to another article.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    /// It waits: that one may be a post that stands further on, and has another slug by now.
    Waits,
    /// It takes the next free one.
    Numbered,
    /// It keeps the one that it took.
    Keeps,
}

/// What is done with an element in one of the readings.
type Reading<'a> = fn(&mut Import<'a>, &mut DbConnection, &Element) -> Result<(), DbError>;

struct Import<'a> {
    clock: &'a Clock,
    converter: Converter,
    attachments: Attachments,
    /// Slugs of the tags and authors that were stored: a category and a tag may share one, and the first one counts.
    seen: HashSet<(bool, String)>,
    turn: Turn,
    /// Hashes of the posts that did not get their slugs yet.
    waiting: HashSet<u64>,
    /// Those of them that took a number.
    numbered: HashSet<u64>,
    outcome: Outcome,
}

impl<'a> Import<'a> {
    fn new(clock: &'a Clock, options: &Options) -> Self {
        let outcome = Outcome { dry_run: options.dry_run, ..Outcome::default() };
        Self {
            clock,
            converter: Converter::new(options.lang.clone()),
            attachments: Attachments::default(),
            seen: HashSet::new(),
            turn: Turn::Waits,
            waiting: HashSet::new(),
            numbered: HashSet::new(),
            outcome,
        }
    }

    fn run<R: BufRead>(
        mut self,
        files: &[impl Fn() -> io::Result<R>],
        transact: &mut Transact<'_>,
        progress: &mut impl FnMut(usize, u64),
    ) -> Result<Outcome, WxrImportError> {
        Self::check_sites(files, progress)?;
        let mut before = 0;
        for (turn, reading) in [
            (Turn::Waits, Self::first as Reading<'a>),
            (Turn::Waits, Self::second),
            (Turn::Numbered, Self::again),
            // Who took another slug may find its own free now: two may have changed theirs for one another's.
            (Turn::Keeps, Self::again),
        ] {
            if turn != Turn::Waits && self.waiting.is_empty() {
                break;
            }
            self.turn = turn;
            for (file, open) in files.iter().enumerate() {
                progress(file, before);
                let mut reader = WxrReader::new(open()?);
                while let Some(batch) = next_batch(&mut reader)? {
                    transact(&mut |conn| batch.iter().try_for_each(|element| reading(&mut self, conn, element)))?;
                    progress(file, before + reader.bytes_read());
                }
                before += reader.bytes_read();
            }
            if turn == Turn::Numbered {
                self.waiting = take(&mut self.numbered);
            }
        }
        Ok(self.outcome)
    }

    /// Several files are one export. The site of each is known before anything is stored.
    fn check_sites<R: BufRead>(
        files: &[impl Fn() -> io::Result<R>],
        progress: &mut impl FnMut(usize, u64),
    ) -> Result<(), WxrImportError> {
        let mut first: Option<Site> = None;
        for (file, open) in files.iter().enumerate() {
            progress(file, 0);
            let Some(Element::Site(site)) = WxrReader::new(open()?).next().transpose()? else { continue };
            match &first {
                Some(first) if place_of(&first.base_url) != place_of(&site.base_url) => {
                    let (site, first) = (site.base_url, first.base_url.clone());
                    return Err(WxrImportError::AnotherSite { site, first });
                }
                Some(_) => {}
                None => first = Some(site),
            }
        }
        Ok(())
    }

    /// Terms, authors and attachments.
    fn first(&mut self, conn: &mut DbConnection, element: &Element) -> Result<(), DbError> {
        self.converter.note(element);
        match element {
            Element::Site(site) => {
                self.attachments.site = site.base_url.clone();
                Ok(())
            }
            Element::Term(term) => match tag_record(term) {
                Some(tag) if self.seen.insert((false, tag.slug.clone())) => {
                    if let Some(tags::Found::Moved(_)) = tags::find(conn, &tag.slug, Audience::NEWSROOM)? {
                        self.outcome.stored.skip("the tag is an alias of another one here, which its articles get");
                        return Ok(());
                    }
                    let place = format!("term {}", tag.slug);
                    self.store(conn, &place, Record::Tag(tag))
                }
                _ => Ok(()),
            },
            Element::Author(author) => self.author(conn, author),
            Element::Item(item) if item.post_type == "attachment" => self.attachment(conn, item),
            Element::Item(item) => {
                self.attachments.note_block(item);
                let guest = guest_author(item).filter(|_| item.status == "publish");
                guest.map_or(Ok(()), |author| self.author(conn, &author))
            }
        }
    }

    fn author(&mut self, conn: &mut DbConnection, author: &Author) -> Result<(), DbError> {
        let Some(author) = self.converter.author_record(author) else { return Ok(()) };
        if !self.seen.insert((true, author.slug.clone())) {
            return Ok(());
        }
        if let Some(authors::Found::Moved(_)) = authors::find(conn, &author.slug, Audience::NEWSROOM)? {
            self.outcome.stored.skip("the author has another slug here, to which the old one leads");
            return Ok(());
        }
        let place = format!("author {}", author.slug);
        self.store(conn, &place, Record::Author(author))
    }

    fn attachment(&mut self, conn: &mut DbConnection, item: &Item) -> Result<(), DbError> {
        let converted = self.converter.convert(item, &self.attachments.library(conn));
        self.outcome.export.add(&converted);
        let Converted::Media(media) = converted else { return Ok(()) };
        let record = self.attachments.note(*media);
        self.store(conn, &place(item), Record::Media(record))
    }

    /// Posts, pages, and whatever has no place here.
    fn second(&mut self, conn: &mut DbConnection, element: &Element) -> Result<(), DbError> {
        let Element::Item(item) = element else { return Ok(()) };
        if item.post_type == "attachment" {
            return Ok(());
        }
        let library = self.attachments.library(conn);
        let converted = self.converter.convert(item, &library);
        library.finish()?;
        self.outcome.export.add(&converted);
        match converted {
            Converted::Article(_) if item.id == 0 && item.guid.is_empty() => {
                let reason = "has neither a wp:post_id nor a guid, by which it could be told from another";
                self.outcome.stored.fault(place(item), reason.to_owned());
                Ok(())
            }
            Converted::Article(article) => self.article(conn, item, *article),
            Converted::Skipped(skipped) if skipped.reason == IN_THE_TRASH => self.withdraw(conn, item),
            Converted::Media(_) | Converted::Skipped(_) => Ok(()),
        }
    }

    /// Those that wait, once more.
    fn again(&mut self, conn: &mut DbConnection, element: &Element) -> Result<(), DbError> {
        let Element::Item(item) = element else { return Ok(()) };
        if !self.waiting.contains(&hash_of(item)) {
            return Ok(());
        }
        let library = self.attachments.library(conn);
        let converted = self.converter.convert(item, &library);
        library.finish()?;
        match converted {
            Converted::Article(article) => self.article(conn, item, *article),
            Converted::Skipped(_) => self.withdraw(conn, item),
            Converted::Media(_) => Ok(()),
        }
    }

    /// A post that was thrown away after an earlier export is withdrawn here. One that never came here stays away.
    fn withdraw(&mut self, conn: &mut DbConnection, item: &Item) -> Result<(), DbError> {
        let library = self.attachments.library(conn);
        let kept = Item { status: "draft".to_owned(), ..item.clone() };
        let converted = self.converter.convert(&kept, &library);
        library.finish()?;
        let Converted::Article(mut article) = converted else { return Ok(()) };
        if self.stored_slug(conn, &article)?.is_none() {
            return Ok(());
        }
        article.record.status = Status::Withdrawn;
        self.article(conn, item, *article)
    }

    fn stored_slug(&self, conn: &mut DbConnection, article: &Article) -> Result<Option<String>, DbError> {
        match &article.record.guid {
            Some(guid) => articles::slug_of(conn, guid),
            None => Ok(None),
        }
    }

    /// Stores an article, under another slug than its own when its [`Turn`] has come for that.
    fn article(&mut self, conn: &mut DbConnection, item: &Item, article: Article) -> Result<(), DbError> {
        let stored = self.stored_slug(conn, &article)?;
        let record = article.record;
        // While WordPress gives it the slug that it has here, it keeps that, whoever else in the file has the same one; but a draft
        // gives way to what readers know by it.
        let known = matches!(record.status, Status::Published | Status::Scheduled);
        let kept = stored.filter(|slug| *slug == article.wanted_slug && (known || *slug == record.slug));
        let wanted = kept.unwrap_or_else(|| record.slug.clone());
        let slugs = if self.turn == Turn::Numbered { OTHER_SLUGS } else { 1 };
        for number in 1..=slugs {
            let slug = if number == 1 { wanted.clone() } else { format!("{wanted}-{number}") };
            let attempt = Record::Article(Box::new(ArticleRecord { slug, ..record.clone() }));
            let mut report = imports::Report::default();
            let taken = store::store(conn, self.clock.now(), &place(item), attempt, &mut report)? == store::Taken::Slug;
            if taken && number < slugs {
                continue;
            }
            let post = hash_of(item);
            // Of a post that the export has twice the last one counts, so what waited is forgotten when that one is stored.
            match (self.turn, taken) {
                (Turn::Waits, true) => _ = self.waiting.insert(post),
                (Turn::Waits, false) => _ = self.waiting.remove(&post),
                (Turn::Numbered, _) if number > 1 => _ = self.numbered.insert(post),
                (Turn::Numbered, _) => _ = self.numbered.remove(&post),
                (Turn::Keeps, _) => {}
            }
            // One that is stored once more is counted already.
            if self.turn == Turn::Numbered || self.turn == Turn::Waits && !taken {
                self.outcome.stored.absorb(report);
            }
            break;
        }
        Ok(())
    }

    fn store(&mut self, conn: &mut DbConnection, place: &str, record: Record) -> Result<(), DbError> {
        store::store(conn, self.clock.now(), place, record, &mut self.outcome.stored)?;
        Ok(())
    }
}

/// What tells a post from others, in eight bytes.
fn hash_of(item: &Item) -> u64 {
    let mut hasher = DefaultHasher::new();
    (item.id, &item.guid).hash(&mut hasher);
    hasher.finish()
}

/// A site's address without its scheme, which it may have changed between two exports.
fn place_of(site: &str) -> &str {
    site.split_once("://").map_or(site, |(_, place)| place)
}

fn place(item: &Item) -> String {
    format!("{} {} ({:?})", item.post_type, item.id, item.title)
}

/// The next elements: few enough, and small enough together, that memory stays flat whatever the file.
fn next_batch<R: BufRead>(reader: &mut WxrReader<R>) -> Result<Option<Vec<Element>>, WxrError> {
    let (mut batch, start) = (Vec::new(), reader.bytes_read());
    while batch.len() < BATCH && reader.bytes_read() - start < BATCH_BYTES {
        match reader.next() {
            Some(element) => batch.push(element?),
            None => break,
        }
    }
    Ok(Some(batch).filter(|batch| !batch.is_empty()))
}
