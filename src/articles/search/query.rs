//! What a reader typed into the search box, and how both databases are asked for it.
//!
//! Every word is a folded token (see [`crate::text::fold`]): letters and digits only, so quoting it is safe in either
//! query language, and both engines match the very same words. A query never fails to parse; it may only be too long.

use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

use crate::text::fold::{self, tokens};

/// Words a query may hold, over all its terms. The cost of a search grows with them.
pub const MAX_WORDS: usize = 64;

/// Bytes of a tsvector kept well under PostgreSQL's limit of 1 MiB; later words of a longer body are indexed by neither
/// database.
const MAX_TSVECTOR_BYTES: usize = 1_000_000;

/// As many bytes of words can't make a tsvector too large: of a word of one byte it keeps three times as much.
const SURELY_FITS: usize = MAX_TSVECTOR_BYTES / 3;

/// PostgreSQL's last position in a tsvector.
const LAST_POSITION: usize = 16_383;

/// Positions that PostgreSQL keeps for one lexeme.
const MAX_POSITIONS: usize = 255;

/// Positions left free between two fields, so that no phrase begins in one and ends in the next.
const FIELD_GAP: usize = 16;

/// A parsed query: every term of `all` must match, and no term of `none` may.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Query {
    pub all: Vec<Term>,
    pub none: Vec<Term>,
}

/// One or more folded tokens that must follow each other.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Term {
    /// Never empty.
    pub words: Vec<String>,
    /// Whether the last word stands for every word that begins with it.
    pub prefix: bool,
}

/// A query of more than [`MAX_WORDS`] words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the query has {words} words; {MAX_WORDS} are allowed")]
pub struct TooManyWords {
    pub words: usize,
}

/// An indexed part of an article: a column of the FTS5 table, a weight in the tsvector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    Title,
    Standfirst,
    Body,
}

impl Field {
    /// The FTS5 column.
    pub fn column(self) -> &'static str {
        match self {
            Field::Title => "title",
            Field::Standfirst => "standfirst",
            Field::Body => "body",
        }
    }

    /// The tsvector weight: A, B or D.
    pub fn weight(self) -> char {
        match self {
            Field::Title => 'A',
            Field::Standfirst => 'B',
            Field::Body => 'D',
        }
    }
}

impl Query {
    /// Reads words, "phrases", -words and -"phrases". The last word that is neither quoted nor negated is a prefix, as
    /// its reader may still be typing; a single letter is not, since to find all that begins with it takes seconds among a million
    /// articles, in a phrase as well.
    pub fn parse(input: &str) -> Result<Query, TooManyWords> {
        let mut query = Query::default();
        let mut words = 0;
        let mut unfinished = None;
        for chunk in Chunks(input) {
            let term = Term { words: tokens(chunk.text).map(|token| token.folded).collect(), prefix: false };
            if term.words.is_empty() {
                continue;
            }
            words += term.words.len();
            if chunk.is_negated {
                query.none.push(term);
                continue;
            }
            if !chunk.is_quoted {
                unfinished = Some(query.all.len());
            }
            query.all.push(term);
        }
        if words > MAX_WORDS {
            return Err(TooManyWords { words });
        }
        if let Some(index) = unfinished {
            let term = &mut query.all[index];
            term.prefix = term.words.last().is_some_and(|word| word.chars().nth(1).is_some());
        }
        Ok(query)
    }

    /// A query for one term alone.
    pub fn of(term: &Term) -> Query {
        Query { all: vec![term.clone()], none: Vec::new() }
    }

    /// Whether nothing was asked for.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty() && self.none.is_empty()
    }

    /// The positive terms for FTS5's MATCH, in one field or in all; `None` when there are none.
    pub fn fts5(&self, field: Option<Field>) -> Option<String> {
        let terms = joined(&self.all, " AND ", Term::fts5)?;
        Some(match field {
            Some(field) => format!("{{{}}} : ({terms})", field.column()),
            None => terms,
        })
    }

    /// The negative terms for FTS5's MATCH: what this matches must be left out.
    pub fn fts5_none(&self) -> Option<String> {
        joined(&self.none, " OR ", Term::fts5)
    }

    /// The positive terms for PostgreSQL, in one field or in all; `None` when there are none.
    pub fn postgres(&self, field: Option<Field>) -> Option<PostgresQuery> {
        let tsquery = joined(&self.all, " & ", Term::tsquery)?;
        let phrases = self.all.iter().filter_map(Term::phrase).collect();
        Some(PostgresQuery { field, any: vec![PostgresTerms { tsquery, phrases }] })
    }

    /// The negative terms for PostgreSQL: what this matches must be left out.
    pub fn postgres_none(&self) -> Option<PostgresQuery> {
        let terms = |term: &Term| {
            let phrases = term.phrase().into_iter().collect();
            PostgresTerms { tsquery: term.tsquery(), phrases }
        };
        let any: Vec<PostgresTerms> = self.none.iter().map(terms).collect();
        (!any.is_empty()).then_some(PostgresQuery { field: None, any })
    }
}

/// A search for PostgreSQL: what matches any of these in a field, or in all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostgresQuery {
    pub field: Option<Field>,
    pub any: Vec<PostgresTerms>,
}

/// Words that must be there, for `$1::tsquery`, and phrases that must stand in [`Indexed::words`] too. A tsvector knows
/// the first 255 places of a word and none after the 16,383rd, so it can find the words of a phrase and not the phrase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostgresTerms {
    pub tsquery: String,
    pub phrases: Vec<String>,
}

impl Term {
    /// What stands in the words of a text that has the phrase; `None` for a single word.
    fn phrase(&self) -> Option<String> {
        let end = if self.prefix { "" } else { " " };
        (self.words.len() > 1).then(|| format!(" {}{end}", self.words.join(" ")))
    }

    fn fts5(&self) -> String {
        format!("\"{}\"{}", self.words.join(" "), if self.prefix { "*" } else { "" })
    }

    fn tsquery(&self) -> String {
        let last = self.words.len() - 1;
        let lexeme = |(index, word): (usize, &String)| {
            let star = if self.prefix && index == last { ":*" } else { "" };
            format!("'{word}'{star}")
        };
        let lexemes: Vec<String> = self.words.iter().enumerate().map(lexeme).collect();
        if last == 0 { lexemes.concat() } else { format!("({})", lexemes.join(" & ")) }
    }
}

fn joined(terms: &[Term], operator: &str, render: impl Fn(&Term) -> String) -> Option<String> {
    (!terms.is_empty()).then(|| terms.iter().map(render).collect::<Vec<_>>().join(operator))
}

/// A stretch of the input between white space or quotes.
struct Chunk<'a> {
    text: &'a str,
    is_quoted: bool,
    is_negated: bool,
}

/// What is left of the input. An opening quote without a closing one lasts to the end.
struct Chunks<'a>(&'a str);

impl<'a> Iterator for Chunks<'a> {
    type Item = Chunk<'a>;

    fn next(&mut self) -> Option<Chunk<'a>> {
        let rest = self.0.trim_start();
        if rest.is_empty() {
            return None;
        }
        let (is_negated, rest) = match rest.strip_prefix('-') {
            Some(negated) => (true, negated),
            None => (false, rest),
        };
        let (text, is_quoted);
        if let Some(quoted) = rest.strip_prefix(is_quote) {
            (text, self.0) = quoted.split_once(is_quote).unwrap_or((quoted, ""));
            is_quoted = true;
        } else {
            let end = rest.find(|c: char| c.is_whitespace() || is_quote(c)).unwrap_or(rest.len());
            (text, self.0) = rest.split_at(end);
            is_quoted = false;
        }
        Some(Chunk { text, is_quoted, is_negated })
    }
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '„' | '‟' | '«' | '»')
}

/// An article's texts as they are indexed: of each field the folded words, with single spaces between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Indexed {
    pub title: String,
    pub standfirst: String,
    pub body: String,
    /// What PostgreSQL indexes, once it was asked for.
    tsvector: OnceLock<String>,
}

impl Indexed {
    /// Folds the texts, and cuts them where a tsvector would be full.
    pub fn new(title: &str, standfirst: &str, body: &str) -> Self {
        let [title, standfirst, body] = [title, standfirst, body].map(fold::fold);
        let indexed = Self { title, standfirst, body, tsvector: OnceLock::new() };
        let bytes = indexed.title.len() + indexed.standfirst.len() + indexed.body.len();
        if bytes <= SURELY_FITS { indexed } else { indexed.cut() }
    }

    fn fields(&self) -> [(Field, &str); 3] {
        [(Field::Title, &self.title), (Field::Standfirst, &self.standfirst), (Field::Body, &self.body)]
    }

    fn cut(&self) -> Self {
        let mut places: HashMap<&str, usize> = HashMap::new();
        let mut bytes = 0;
        let [title, standfirst, body] = self.fields().map(|(_, text)| {
            let mut kept = 0;
            for word in text.split_terminator(' ') {
                // A lexeme costs its bytes, a byte of alignment and two of length; a position costs two.
                let places = places.entry(word).or_default();
                bytes += if *places == 0 { word.len() + 3 } else { 0 };
                bytes += if *places < MAX_POSITIONS { 2 } else { 0 };
                if bytes >= MAX_TSVECTOR_BYTES {
                    break;
                }
                *places += 1;
                kept += word.len() + 1;
            }
            text[..kept.min(text.len())].trim_end().to_owned()
        });
        Self { title, standfirst, body, tsvector: OnceLock::new() }
    }

    /// All words in a row, each with spaces around it, and the fields with a line break between them.
    pub fn words(&self) -> String {
        format!(" {} \n {} \n {} ", self.title, self.standfirst, self.body)
    }

    /// A `$1::tsvector` of the texts, with the weights of [`Field`]. It is made once.
    pub fn tsvector(&self) -> &str {
        self.tsvector.get_or_init(|| self.make_tsvector())
    }

    fn make_tsvector(&self) -> String {
        let mut lexemes: BTreeMap<&str, Vec<(usize, Field)>> = BTreeMap::new();
        let mut position = 0;
        for (field, text) in self.fields() {
            for word in text.split_terminator(' ') {
                position += 1;
                let positions = lexemes.entry(word).or_default();
                let place = position.min(LAST_POSITION);
                if positions.len() < MAX_POSITIONS && positions.last().is_none_or(|&(last, _)| last < place) {
                    positions.push((place, field));
                }
            }
            position += FIELD_GAP;
        }
        literal(&lexemes)
    }
}

fn literal(lexemes: &BTreeMap<&str, Vec<(usize, Field)>>) -> String {
    let mut out = String::new();
    for (lexeme, positions) in lexemes {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push('\'');
        out.push_str(lexeme);
        out.push('\'');
        for (index, (position, field)) in positions.iter().enumerate() {
            out.push(if index == 0 { ':' } else { ',' });
            out.push_str(&position.to_string());
            out.push(field.weight());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// `word`, `"a phrase"` and a star for a prefix; negative terms after a minus.
    fn parsed(input: &str) -> String {
        let Ok(query) = Query::parse(input) else { return "too many".to_owned() };
        let all = query.all.iter().map(Term::fts5);
        all.chain(query.none.iter().map(|term| format!("-{}", term.fts5())))
            .collect::<Vec<_>>()
            .join(" ")
            .replace('"', "'")
    }

    #[test]
    fn words_phrases_and_negations_are_told_apart() {
        for (input, expected) in [
            ("Курс сома", "'курс' 'сома'*"),
            ("курс ", "'курс'*"),
            ("\"Центральный банк\" ставка", "'центральныи банк' 'ставка'*"),
            ("ставка «Milliy Bank»", "'ставка'* 'milliy bank'"),
            ("“a b” „c d“ -\"e f\" -g", "'a b' 'c d' -'e f' -'g'"),
            ("нефть -газ", "'нефть'* -'газ'"),
            ("coal-fired plant", "'coal fired' 'plant'*"),
            ("plant coal-fired", "'plant' 'coal fired'*"),
            ("- a – b -", "'a' 'b'"),
            ("--a", "-'a'"),
            ("oʻzbek soʻmi O'zbek", "'ozbek' 'somi' 'ozbek'*"),
            ("Chicago's", "'chicago s'"),
            ("Chicago's st", "'chicago s' 'st'*"),
            ("курс с", "'курс' 'с'"),
            ("ab\"b c", "'ab'* 'b c'"),
            ("\"\" -\"\" ...", ""),
            ("AND OR NOT NEAR a*", "'and' 'or' 'not' 'near' 'a'"),
        ] {
            assert_eq!(parsed(input), expected, "{input}");
        }
    }

    #[test]
    fn too_long_a_query_is_refused_not_cut() {
        assert!(Query::parse(&"a ".repeat(MAX_WORDS)).is_ok());
        let words = MAX_WORDS + 2;
        assert_eq!(Query::parse(&"a-b ".repeat(words / 2)), Err(TooManyWords { words }));
        assert_eq!(TooManyWords { words }.to_string(), format!("the query has {words} words; {MAX_WORDS} are allowed"));
    }

    #[test]
    fn both_languages_say_the_same() -> Result<(), TooManyWords> {
        let query = Query::parse("инфляция \"центральный банк\" -рубль -\"a b\" coal-fi")?;
        assert_eq!(query.fts5(None).as_deref(), Some(r#""инфляция" AND "центральныи банк" AND "coal fi"*"#));
        let terms = |tsquery: &str, phrases: &[&str]| PostgresTerms {
            tsquery: tsquery.to_owned(),
            phrases: phrases.iter().map(|phrase| (*phrase).to_owned()).collect(),
        };
        let words = "'инфляция' & ('центральныи' & 'банк') & ('coal' & 'fi':*)";
        let any = vec![terms(words, &[" центральныи банк ", " coal fi"])];
        assert_eq!(query.postgres(None), Some(PostgresQuery { field: None, any }));
        assert_eq!(query.fts5_none().as_deref(), Some(r#""рубль" OR "a b""#));
        let any = vec![terms("'рубль'", &[]), terms("('a' & 'b')", &[" a b "])];
        assert_eq!(query.postgres_none(), Some(PostgresQuery { field: None, any }));
        let query = Query::parse("қазақ «тілі мен» теңге")?;
        assert_eq!(
            query.fts5(Some(Field::Title)).as_deref(),
            Some(r#"{title} : ("қазақ" AND "тілі мен" AND "теңге"*)"#)
        );
        let any = vec![terms("'қазақ' & ('тілі' & 'мен') & 'теңге':*", &[" тілі мен "])];
        assert_eq!(query.postgres(Some(Field::Title)), Some(PostgresQuery { field: Some(Field::Title), any }));
        let nothing = Query::parse("—")?;
        assert!(nothing.is_empty());
        assert_eq!(
            (nothing.fts5(None), nothing.postgres(None), nothing.fts5_none(), nothing.postgres_none()),
            (None, None, None, None)
        );
        Ok(())
    }

    #[test]
    fn a_tsvector_keeps_fields_apart() {
        assert_eq!(
            Indexed::new("Курс сома", "Сом ослаб", "сом, сома").tsvector(),
            "'курс':1A 'ослаб':20B 'сом':19B,37D 'сома':2A,38D"
        );
        assert_eq!(Indexed::new("", "—", "").tsvector(), "");
        assert_eq!(Indexed::new("Курс сома", "", "сом, сома").words(), " курс сома \n  \n сом сома ");
    }

    #[test]
    fn a_long_body_stays_within_postgresql_limits() {
        let words: Vec<String> = (0..300_000).map(|n| format!("слово{n}")).collect();
        let indexed = Indexed::new("Сарлавҳа", "", &words.join(" "));
        let vector = indexed.tsvector();
        // Both databases index the same words, and no more.
        assert_eq!(vector.split(' ').count(), 1 + indexed.body.split(' ').count());
        assert!(vector.starts_with("'сарлавҳа':1A") || vector.contains(" 'сарлавҳа':1A"));
        assert!(vector.contains("'слово20000':16383D"));
        let cost: usize = vector.split(' ').map(|entry| entry.len().min(entry.find(':').unwrap_or(0)) + 3).sum();
        assert!((900_000..1_048_576).contains(&cost), "{cost}");
        let same = Indexed::new("", "", &"a ".repeat(200_000));
        assert_eq!(same.tsvector().split(',').count(), MAX_POSITIONS);
        assert_eq!(same.body.split(' ').count(), 200_000);
    }

    proptest! {
        #[test]
        fn any_input_parses_into_clean_words(input in any::<String>()) {
            if let Ok(query) = Query::parse(&input) {
                for term in query.all.iter().chain(&query.none) {
                    prop_assert!(!term.words.is_empty());
                    prop_assert!(term.words.iter().flat_map(|word| word.chars()).all(char::is_alphanumeric));
                }
                prop_assert!(query.all.iter().filter(|term| term.prefix).count() <= 1);
            }
        }
    }
}
