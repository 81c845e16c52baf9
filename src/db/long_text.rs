//! A column of long texts: PostgreSQL compresses it by itself, SQLite is handed it compressed.

use std::cell::RefCell;
use std::io;
use std::ops::Deref;
use std::sync::OnceLock;

use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{HasSqlType, Text};
use diesel::sqlite::{Sqlite, SqliteValue};
use zstd::bulk::{Compressor, Decompressor};
use zstd::zstd_safe::MAGICNUMBER;

use super::connection::{Backend, MultiBackend, MultiRawValue};
use super::schema::sql_types;

/// How a frame begins.
const FRAME: [u8; 4] = MAGICNUMBER.to_le_bytes();
/// A shorter text stays as it is: compressed it is hardly shorter.
const LONG: usize = 256;
/// It leaves four tenths of a body. Faster levels leave half of it or more, slower ones save less than a hundredth.
const LEVEL: i32 = 1;
/// SQLite's own bound for a value.
const LONGEST: usize = 1_000_000_000;

/// A text that is mostly long.
///
/// In a table of SQLite it is a BLOB: the text, or one frame of zstd (RFC 8878) where that is shorter. No text begins as a frame does,
/// since that is no UTF-8.
#[derive(Debug, Clone, Default, AsExpression, FromSqlRow)]
#[diesel(sql_type = sql_types::LongText)]
pub struct LongText {
    text: String,
    compressed: OnceLock<Option<Box<[u8]>>>,
}

impl LongText {
    /// Makes ready what one database alone needs, which is otherwise done while it is written.
    pub fn prepare_for(&self, backend: Backend) {
        if backend == Backend::Sqlite {
            self.compressed();
        }
    }

    /// What is stored in its place, if that is shorter.
    fn compressed(&self) -> Option<&[u8]> {
        self.compressed.get_or_init(|| compress(&self.text)).as_deref()
    }
}

impl From<String> for LongText {
    fn from(text: String) -> Self {
        Self { text, compressed: OnceLock::new() }
    }
}

impl From<LongText> for String {
    fn from(long: LongText) -> Self {
        long.text
    }
}

impl Deref for LongText {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl PartialEq for LongText {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for LongText {}

thread_local! {
    static COMPRESSOR: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    static DECOMPRESSOR: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

/// A frame that is shorter than the text. Without memory for it there is none, and the text is stored as it is.
fn compress(text: &str) -> Option<Box<[u8]>> {
    if text.len() < LONG {
        return None;
    }
    let frame = COMPRESSOR.with_borrow_mut(|kept| {
        let compressor = match kept {
            Some(compressor) => compressor,
            None => kept.insert(Compressor::new(LEVEL).ok()?),
        };
        compressor.compress(text.as_bytes()).ok()
    })?;
    (frame.len() < text.len()).then(|| frame.into_boxed_slice())
}

fn decompress(frame: &[u8]) -> io::Result<Vec<u8>> {
    DECOMPRESSOR.with_borrow_mut(|kept| {
        let decompressor = match kept {
            Some(decompressor) => decompressor,
            None => kept.insert(Decompressor::new()?),
        };
        decompressor.decompress(frame, LONGEST)
    })
}

impl ToSql<sql_types::LongText, Sqlite> for LongText {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.compressed().unwrap_or(self.text.as_bytes()));
        Ok(IsNull::No)
    }
}

impl ToSql<sql_types::LongText, Pg> for LongText {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        ToSql::<Text, Pg>::to_sql(&self.text, out)
    }
}

impl ToSql<sql_types::LongText, MultiBackend> for LongText {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, MultiBackend>) -> serialize::Result {
        out.set_value((sql_types::LongText, self));
        Ok(IsNull::No)
    }
}

impl FromSql<sql_types::LongText, Sqlite> for LongText {
    fn from_sql(mut value: SqliteValue<'_, '_, '_>) -> deserialize::Result<Self> {
        let stored = value.read_blob();
        let text = if stored.starts_with(&FRAME) { decompress(stored)? } else { stored.to_vec() };
        Ok(String::from_utf8(text)?.into())
    }
}

impl FromSql<sql_types::LongText, Pg> for LongText {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        <String as FromSql<Text, Pg>>::from_sql(value).map(Self::from)
    }
}

impl FromSql<sql_types::LongText, MultiBackend> for LongText {
    fn from_sql(value: MultiRawValue<'_>) -> deserialize::Result<Self> {
        value.from_sql::<Self, sql_types::LongText>()
    }
}

impl HasSqlType<sql_types::LongText> for MultiBackend {
    fn metadata(lookup: &mut Self::MetadataLookup) -> Self::TypeMetadata {
        Self::lookup_sql_type::<sql_types::LongText>(lookup)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_frame_is_an_error() {
        let text = "Сары-Өзөн ".repeat(100);
        let frame = compress(&text).expect("a frame");
        assert!(frame.starts_with(&FRAME) && frame.len() < text.len() / 2);
        assert_eq!(decompress(&frame).expect("the text"), text.as_bytes());
        for broken in [&frame[..frame.len() - 1], &frame[..4], &[&*frame, b"more"].concat()] {
            assert!(decompress(broken).is_err(), "{broken:?}");
        }
    }

    #[test]
    fn a_short_text_stays_as_it_is() {
        for text in ["", "Short.", &"x".repeat(LONG - 1)] {
            assert_eq!(compress(text), None);
        }
    }
}
