//! The parameters of rate operations.

use jiff::civil::Date;
use serde::Serialize;
use strum::{AsRefStr, EnumString, VariantArray};
use utoipa::{IntoParams, ToSchema};

use super::money::{Currency, Pair};
use super::names::Lang;
use super::pricing::{Basis, Gaps, When};
use crate::clock::{Timestamp, parse_date};
use crate::http::params::{QueryParams, RawQuery, documented};
use crate::http::problem::{Code, Fault};
use crate::http::{PathPair, Problem};

/// Most currencies at once.
const MOST_BASES: usize = 50;
/// Most days of a history: ten years.
const LONGEST_HISTORY: i32 = 3_660;

/// For when, and by whom.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "it documents the parameters that `Moment` is read from")]
pub struct MomentQuery {
    /// The day whose rate is wanted, in each source's own zone; today without it.
    #[param(value_type = Option<String>, format = Date, pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", example = "2026-04-01")]
    date: Option<String>,
    /// RFC 3339: answer as it would have been answered at this instant.
    #[param(value_type = Option<String>, format = DateTime, example = "2026-11-01T00:00:00Z")]
    as_of: Option<Timestamp>,
    /// `official`: each currency's own central bank. `market`: the market feed, where there is one.
    #[param(inline, example = "official")]
    source: Option<Basis>,
}

/// For when, and by whom.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    pub date: Option<Date>,
    pub as_of: Option<Timestamp>,
    pub basis: Basis,
}

impl Moment {
    /// The same with the present; an `as_of` that is still to come is refused.
    pub fn when(&self, now: Timestamp) -> Result<When, Problem> {
        if self.as_of.is_some_and(|at| at > now) {
            return Err(fault("as_of", "lies in the future"));
        }
        Ok(When { now, date: self.date, as_of: self.as_of })
    }
}

impl QueryParams for Moment {
    fn names() -> Vec<String> {
        documented::<MomentQuery>()
    }

    fn read(query: &mut RawQuery) -> Self {
        Self {
            date: date(query, "date"),
            as_of: query.parse_with("as_of", |text| text.parse().map_err(|error| format!("is {error}"))),
            basis: query.choice("source").unwrap_or_default(),
        }
    }
}

/// Which pairs.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "it documents the parameters that `Pairs` is read from")]
pub struct PairsQuery {
    /// Comma list of at most 50 currencies; without it KGS, KZT, TJS, UZS and TMT.
    #[param(pattern = "^[A-Z]{3}(,[A-Z]{3}){0,49}$", example = "KGS,KZT")]
    base: Option<String>,
    /// The currency in which they are quoted.
    #[param(pattern = "^[A-Z]{3}$", default = "USD", example = "USD")]
    quote: Option<String>,
}

/// Which pairs.
#[derive(Debug, Clone)]
pub struct Pairs {
    /// Empty when none was named.
    bases: Vec<Currency>,
    quote: Currency,
}

impl Pairs {
    /// The pairs that were named; `None` when none was.
    pub fn named(&self) -> Option<Vec<Pair>> {
        (!self.bases.is_empty()).then(|| self.bases.iter().map(|base| Pair::new(*base, self.quote)).collect())
    }

    /// The five against the quote currency, which is left out against itself.
    pub fn of_the_five(quote: Currency) -> Vec<Pair> {
        Currency::FIVE.into_iter().filter(|base| *base != quote).map(|base| Pair::new(base, quote)).collect()
    }

    /// The currency in which they are quoted.
    pub fn quote(&self) -> Currency {
        self.quote
    }
}

impl QueryParams for Pairs {
    fn names() -> Vec<String> {
        documented::<PairsQuery>()
    }

    fn read(query: &mut RawQuery) -> Self {
        let words = query.words("base", MOST_BASES, &[]);
        let mut bases = Vec::new();
        for word in &words {
            match word.parse::<Currency>() {
                Ok(base) if bases.contains(&base) => {
                    query.fault("base", Code::InvalidParameter, format!("names {base} twice"), &[]);
                }
                Ok(base) => bases.push(base),
                Err(error) => query.fault("base", Code::InvalidParameter, format!("`{word}` {error}"), &[]),
            }
        }
        Self { bases, quote: currency(query, "quote").unwrap_or(Currency::USD) }
    }
}

/// Whose quotes alone.
#[derive(Debug, Clone, Copy)]
pub struct BasisParam(pub Basis);

impl QueryParams for BasisParam {
    fn names() -> Vec<String> {
        vec!["source".to_owned()]
    }

    fn read(query: &mut RawQuery) -> Self {
        Self(query.choice("source").unwrap_or_default())
    }
}

/// How a ticker is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema, EnumString, AsRefStr, VariantArray)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Style {
    /// The same in every language, with the sign of the true change even where it rounds to nothing: `-0%`.
    #[default]
    Classic,
    /// In the language's own number format, and without a negative zero.
    Plain,
}

/// How a ticker is written.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "it documents the parameters that `TickerShape` is read from")]
pub struct TickerQuery {
    /// The currency in which the five are quoted.
    #[param(pattern = "^[A-Z]{3}$", default = "USD", example = "USD")]
    quote: Option<String>,
    #[param(inline, example = "en")]
    lang: Option<Lang>,
    #[param(inline, example = "classic")]
    style: Option<Style>,
    /// Digits of the rate behind the decimal mark.
    #[param(minimum = 0, maximum = 10, default = 5, example = 5)]
    decimals: Option<i64>,
}

/// How a ticker is written.
#[derive(Debug, Clone, Copy)]
pub struct TickerShape {
    pub quote: Currency,
    pub lang: Lang,
    pub style: Style,
    pub decimals: u32,
}

impl Default for TickerShape {
    fn default() -> Self {
        Self { quote: Currency::USD, lang: Lang::En, style: Style::Classic, decimals: 5 }
    }
}

impl QueryParams for TickerShape {
    fn names() -> Vec<String> {
        documented::<TickerQuery>()
    }

    fn read(query: &mut RawQuery) -> Self {
        let usual = Self::default();
        Self {
            quote: currency(query, "quote").unwrap_or(usual.quote),
            lang: query.choice("lang").unwrap_or_default(),
            style: query.choice("style").unwrap_or_default(),
            decimals: decimals(query, 10).unwrap_or(usual.decimals),
        }
    }
}

/// Which days of a pair.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "it documents the parameters that `HistoryParams` is read from")]
pub struct HistoryQuery {
    /// The first day; without it, 30 days before the last one.
    #[param(value_type = Option<String>, format = Date, pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", example = "2026-03-20")]
    from: Option<String>,
    /// The last day; today without it. At most 3,660 days after the first.
    #[param(value_type = Option<String>, format = Date, pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", example = "2026-04-10")]
    to: Option<String>,
    #[param(inline, example = "carry")]
    gaps: Option<Gaps>,
    /// The form of the answer, whatever `Accept` says.
    #[param(inline, example = "json")]
    format: Option<Format>,
    /// RFC 3339: answer as it would have been answered at this instant.
    #[param(value_type = Option<String>, format = DateTime, example = "2026-11-01T00:00:00Z")]
    as_of: Option<Timestamp>,
    /// `official`: each currency's own central bank. `market`: the market feed, where there is one.
    #[param(inline, example = "official")]
    source: Option<Basis>,
}

/// The form of a history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema, EnumString, AsRefStr, VariantArray)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Format {
    Json,
    Csv,
}

/// Which days of a pair.
#[derive(Debug, Clone, Copy)]
pub struct HistoryParams {
    pub from: Option<Date>,
    pub to: Option<Date>,
    pub gaps: Gaps,
    pub format: Option<Format>,
    pub moment: Moment,
}

impl HistoryParams {
    /// Both ends of the range.
    pub fn range(&self, today: Date) -> Result<(Date, Date), Problem> {
        let to = self.to.unwrap_or(today);
        let from = self.from.unwrap_or_else(|| to.saturating_sub(jiff::Span::new().days(30)));
        let days = to.since(from).map_or(i32::MAX, |span| span.get_days());
        if days < 0 {
            return Err(fault("from", &format!("lies after the last day, {to}")));
        }
        if days > LONGEST_HISTORY {
            let detail = format!("lies {days} days before `to`; at most {LONGEST_HISTORY} are allowed");
            return Err(Problem::faults(vec![Fault::of_parameter("from", Code::LimitTooLarge, detail)]));
        }
        Ok((from, to))
    }
}

impl QueryParams for HistoryParams {
    fn names() -> Vec<String> {
        documented::<HistoryQuery>()
    }

    fn read(query: &mut RawQuery) -> Self {
        Self {
            from: date(query, "from"),
            to: date(query, "to"),
            gaps: query.choice("gaps").unwrap_or_default(),
            format: query.choice("format"),
            moment: Moment::read(query),
        }
    }
}

/// How a sparkline is drawn.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "it documents the parameters that `SparklineParams` is read from")]
pub struct SparklineQuery {
    /// Days up to the last one.
    #[param(minimum = 2, maximum = 3660, default = 30, example = 30)]
    days: Option<i64>,
    /// Pixels.
    #[param(minimum = 40, maximum = 2000, default = 160, example = 160)]
    width: Option<i64>,
    /// Pixels.
    #[param(minimum = 16, maximum = 1000, default = 40, example = 40)]
    height: Option<i64>,
    /// Of the title and the description.
    #[param(inline, example = "en")]
    lang: Option<Lang>,
}

/// How a sparkline is drawn.
#[derive(Debug, Clone, Copy)]
pub struct SparklineParams {
    pub days: i64,
    pub width: i64,
    pub height: i64,
    pub lang: Lang,
}

impl QueryParams for SparklineParams {
    fn names() -> Vec<String> {
        documented::<SparklineQuery>()
    }

    fn read(query: &mut RawQuery) -> Self {
        Self {
            days: query.integer("days", 2, i64::from(LONGEST_HISTORY)).unwrap_or(30),
            width: query.integer("width", 40, 2000).unwrap_or(160),
            height: query.integer("height", 16, 1000).unwrap_or(40),
            lang: query.choice("lang").unwrap_or_default(),
        }
    }
}

/// What to convert.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "it documents the parameters that `Conversion` is read from")]
pub struct ConversionQuery {
    /// The currency that is given.
    #[param(required = true, pattern = "^[A-Z]{3}$", example = "USD")]
    from: String,
    /// The currency that is wanted.
    #[param(required = true, pattern = "^[A-Z]{3}$", example = "KGS")]
    to: String,
    /// Decimal, with at most 15 digits before and 10 behind the point.
    #[param(required = true, pattern = "^(0|[1-9][0-9]{0,14})(\\.[0-9]{1,10})?$", example = "100.50")]
    amount: String,
    /// Digits of the result behind the point; without it, as many as the wanted currency's small change has.
    #[param(minimum = 0, maximum = 12, example = 2)]
    decimals: Option<i64>,
}

/// What to convert.
#[derive(Debug, Clone)]
pub struct Conversion {
    pub pair: Pair,
    pub amount: String,
    pub decimals: Option<u32>,
}

impl QueryParams for Conversion {
    fn names() -> Vec<String> {
        documented::<ConversionQuery>()
    }

    fn read(query: &mut RawQuery) -> Self {
        let mut wanted = |name: &str| {
            if query.get(name).is_none() {
                query.fault(name, Code::InvalidParameter, "is missing", &[]);
            }
            currency(query, name).unwrap_or(Currency::USD)
        };
        let pair = Pair::new(wanted("from"), wanted("to"));
        if query.get("amount").is_none() {
            query.fault("amount", Code::InvalidParameter, "is missing", &[]);
        }
        let amount = query.parse_with("amount", |text| {
            if is_amount(text) { Ok(text.to_owned()) } else { Err("is not a decimal number such as 100.50") }
        });
        Self { pair, amount: amount.unwrap_or_default(), decimals: decimals(query, 12) }
    }
}

fn is_amount(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').map_or((text, None), |(whole, fraction)| (whole, Some(fraction)));
    let digits =
        |part: &str, most: usize| (1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole, 15) && (whole == "0" || !whole.starts_with('0')) && fraction.is_none_or(|part| digits(part, 10))
}

/// The pair that a path names.
pub fn pair_of(PathPair(base, quote): &PathPair) -> Result<Pair, Problem> {
    let read = |text: &str| text.parse::<Currency>();
    let (Ok(base), Ok(quote)) = (read(base), read(quote)) else {
        let fault = |parameter: &str, text: &str| {
            let error = read(text).err()?;
            Some(Fault::of_parameter(parameter, Code::InvalidParameter, format!("`{text}` {error}")))
        };
        return Err(Problem::faults([fault("base", base), fault("quote", quote)].into_iter().flatten().collect()));
    };
    Ok(Pair::new(base, quote))
}

fn fault(parameter: &str, detail: &str) -> Problem {
    Problem::faults(vec![Fault::of_parameter(parameter, Code::InvalidParameter, detail)])
}

fn date(query: &mut RawQuery, name: &str) -> Option<Date> {
    query.parse_with(name, |text| parse_date(text).ok_or("is not a date such as 2026-04-01"))
}

fn currency(query: &mut RawQuery, name: &str) -> Option<Currency> {
    query.parse_with(name, str::parse)
}

fn decimals(query: &mut RawQuery, most: i64) -> Option<u32> {
    query.integer("decimals", 0, most).and_then(|number| u32::try_from(number).ok())
}
