//! Exact to the digit: what was published comes back as it was, and what is computed is what schoolbook arithmetic gives.

use std::cell::Cell;

use jiff::civil::{Date, date};
use num_bigint::BigInt;
use num_rational::BigRational;
use proptest::prelude::{Just, ProptestConfig, Strategy, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::test_runner::{TestCaseError, TestRunner};
use serde_json::Value;
use xabar::clock::Timestamp;
use xabar::rates::calendar::Calendar;
use xabar::rates::money::{Currency, Digits, Exact, Pair};
use xabar::rates::pricing::{Basis, Leg, Observation, Origin, Quote, Series, Timeline, When, legs, price};
use xabar::rates::sources::FeedKey;

use super::schoolbook::{divided, divided_to, moved, next_up, significant};
use super::tables::{pair, publish, row, table};
use crate::on_both;
use crate::support::TestApp;

/// The most characters of a published number.
const LONGEST: usize = 30;
/// Six significant digits.
const DIGITS: usize = 6;
/// Pairs of one request.
const AT_ONCE: usize = 50;

/// A published number: digits with as many decimals as there may be, and zeros at its end as often as not.
fn published() -> impl Strategy<Value = String> {
    let digits = proptest::collection::vec(0..=9_u8, LONGEST);
    (0..LONGEST - 1, 1..=LONGEST, 0..6_usize, digits).prop_map(|(decimals, whole, zeros, digits)| {
        let room = if decimals == 0 { LONGEST } else { LONGEST - 1 - decimals };
        let digit = |i: usize| char::from(b'0' + digits[i]);
        let whole: String = (0..whole.min(room)).map(digit).collect();
        let whole = whole.trim_start_matches('0');
        let kept = decimals.saturating_sub(zeros);
        let fraction: String = (LONGEST - kept..LONGEST).map(digit).chain((kept..decimals).map(|_| '0')).collect();
        let value = format!("{}.{fraction}", if whole.is_empty() { "0" } else { whole });
        let value = value.trim_end_matches('.').to_owned();
        if significant(&value) > 0 { value } else { format!("3{}", &value[1..]) }
    })
}

fn nominal() -> impl Strategy<Value = u32> {
    prop_oneof![
        proptest::sample::select(vec![1, 10, 100, 1_000, 10_000, 100_000]),
        proptest::sample::select(vec![2, 5, 50, 500, 99_999]),
        1..=100_000_u32,
    ]
}

/// A published number between 1e-9 and 1e9, each power of ten as likely as another.
fn of_any_size() -> impl Strategy<Value = String> {
    let digits = "[1-9][0-9]{0,11}";
    let any = (digits, -8..=9_i32).prop_map(|(digits, point)| {
        let before = usize::try_from(point).unwrap_or(0);
        let zeros = "0".repeat(usize::try_from(-point).unwrap_or(0));
        if before == 0 {
            format!("0.{zeros}{digits}")
        } else if digits.len() <= before {
            format!("{digits:0<before$}")
        } else {
            format!("{}.{}", &digits[..before], &digits[before..])
        }
    });
    prop_oneof![20 => any, 1 => Just("0.000000001".to_owned()), 1 => Just("1000000000".to_owned())]
}

fn exact(text: &str) -> Exact {
    text.parse::<Digits>().expect(text).value()
}

/// Runs a property a few times, with the database in between.
fn holds<S: Strategy>(cases: u32, strategy: &S, test: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let config = ProptestConfig { cases, max_shrink_iters: 40, failure_persistence: None, ..Default::default() };
    TestRunner::new(config).run(strategy, test).unwrap_or_else(|error| panic!("{error}"));
}

/// Codes that no quote has had yet, and no bank calls its own: AAA, AAB and so on.
fn codes(used: &Cell<usize>, count: usize) -> Vec<String> {
    let first = used.replace(used.get() + count);
    let letter = |number: usize| char::from(b'A' + (number % 26) as u8);
    (first..first + count).map(|n| [letter(n / 676), letter(n / 26), letter(n)].iter().collect()).collect()
}

/// What the server says of each of these currencies in som.
fn rates_in_som(app: &TestApp, codes: &[String]) -> Vec<Value> {
    let ask = |codes: &[String]| {
        let answer = app.get(&format!("/v1/rates?quote=KGS&base={}", codes.join(",")));
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        answer.json()["data"].as_array().expect("a list").clone()
    };
    codes.chunks(AT_ONCE).flat_map(ask).collect()
}

fn publish_all(app: &TestApp, day: &str, codes: &[String], quotes: &[(String, u32)]) {
    let rows = codes.iter().zip(quotes).map(|(code, (digits, nominal))| row(&format!("{code}/KGS"), digits, *nominal));
    let outcome = publish(app, FeedKey::NbkrDaily, &table(day, rows.collect()));
    assert_eq!(outcome.accepted, codes.len(), "{outcome:?}");
}

/// Stores quotes, and compares what is served of them with what was published.
fn come_back(app: &TestApp, used: &Cell<usize>, quotes: &[(String, u32)]) -> Result<(), TestCaseError> {
    let codes = codes(used, quotes.len());
    publish_all(app, "2026-06-01", &codes, quotes);
    let rates = rates_in_som(app, &codes);
    prop_assert_eq!(rates.len(), quotes.len());
    for ((digits, nominal), rate) in quotes.iter().zip(&rates) {
        prop_assert_eq!(&rate["source"]["published"], digits);
        prop_assert_eq!(&rate["source"]["nominal"], nominal);
        prop_assert_eq!((&rate["per"]["rate"], &rate["per"]["units"]), (&digits.as_str().into(), &(*nominal).into()));
        let power = (0..6).find(|places| 10_u32.pow(*places) == *nominal);
        let (expected, precise) = match power {
            Some(places) => (moved(digits, places as usize), significant(digits)),
            None => (divided_to(digits, &nominal.to_string(), DIGITS), DIGITS),
        };
        prop_assert_eq!(&rate["rate"], &expected, "{} for {}", digits, nominal);
        prop_assert_eq!(&rate["precision"]["significant"], precise);
        prop_assert_eq!(&rate["precision"]["derived"], power.is_none());
    }
    let (digits, nominal) = &quotes[0];
    let inverse = app.get(&format!("/v1/rates/KGS/{}", codes[0])).json();
    prop_assert_eq!(&inverse["source"]["published"], digits);
    prop_assert_eq!(&inverse["rate"], &divided_to(&nominal.to_string(), digits, DIGITS));
    Ok(())
}

/// A quote, and one of the next day that moved by less than a tenth, as a rule by next to nothing.
fn steps() -> impl Strategy<Value = (String, String, u32)> {
    let near = prop_oneof![3 => -9..=9_i64, 1 => -900_000..=900_000_i64];
    (10_000_000..99_999_999_i64, near, 0..=9_usize, 1..=100_000_u32).prop_map(|(first, step, decimals, nominal)| {
        let text = |number: i64| moved(&number.to_string(), decimals);
        (text(first), text(first + step), nominal)
    })
}

/// `(now / before - 1) * 100` to four decimals, half away from zero, without zeros at the end: in whole numbers alone.
fn percent(now: &BigRational, before: &BigRational) -> String {
    let step: BigInt = (now.numer() * before.denom() - before.numer() * now.denom()) * 1_000_000;
    let whole: BigInt = before.numer() * now.denom();
    let twice: BigInt = BigInt::from(step.magnitude().clone()) * 2 + &whole;
    let rounded: BigInt = twice / (whole * 2);
    let text = moved(&rounded.to_string(), 4);
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text != "0" && step < BigInt::ZERO { format!("-{text}") } else { text.to_owned() }
}

/// A decimal text as a fraction.
fn fraction(text: &str) -> BigRational {
    let places = text.split_once('.').map_or(0, |(_, fraction)| fraction.len() as u32);
    let digits: BigInt = text.replace('.', "").parse().expect("digits");
    BigRational::new(digits, BigInt::from(10).pow(places))
}

fn direction(now: &BigRational, before: &BigRational) -> &'static str {
    match now.cmp(before) {
        std::cmp::Ordering::Less => "down",
        std::cmp::Ordering::Equal => "flat",
        std::cmp::Ordering::Greater => "up",
    }
}

fn changes_are_right(app: &TestApp, used: &Cell<usize>, steps: &[(String, String, u32)]) -> Result<(), TestCaseError> {
    let codes = codes(used, steps.len());
    let of = |pick: &dyn Fn(&(String, String, u32)) -> String| -> Vec<(String, u32)> {
        steps.iter().map(|step| (pick(step), step.2)).collect()
    };
    publish_all(app, "2026-05-30", &codes, &of(&|step| step.0.clone()));
    publish_all(app, "2026-06-01", &codes, &of(&|step| step.1.clone()));
    for (((first, second, _), rate), code) in steps.iter().zip(rates_in_som(app, &codes)).zip(&codes) {
        let (before, now) = (fraction(first), fraction(second));
        let inverse = app.get(&format!("/v1/rates/KGS/{code}")).json();
        for (rate, now, before) in [(&rate, &now, &before), (&inverse, &now.recip(), &before.recip())] {
            let change = &rate["change"];
            prop_assert_eq!(&change["percent"], &percent(now, before), "{} to {}: {}", first, second, change);
            prop_assert_eq!(&change["direction"], direction(now, before));
            prop_assert_eq!(&change["from_date"], "2026-05-30");
        }
    }
    Ok(())
}

on_both! {
    fn what_was_published_comes_back_to_the_digit(app: &TestApp) {
        let used = Cell::new(0);
        let quotes = proptest::collection::vec((published(), nominal()), AT_ONCE);
        holds(5, &quotes, |quotes| come_back(app, &used, &quotes));
    }

    fn every_number_of_decimals_comes_back_with_its_zeros(app: &TestApp) {
        let zeros = (1..LONGEST - 1).map(|decimals| (format!("7.{}", "0".repeat(decimals)), 1));
        let tiny = (1..LONGEST - 1).map(|decimals| (format!("0.{:0>decimals$}", 1), 100));
        let long = (1..=LONGEST).map(|digits| ("9".repeat(digits), 100_000));
        let quotes: Vec<(String, u32)> = zeros.chain(tiny).chain(long).collect();
        come_back(app, &Cell::new(0), &quotes).expect("it comes back");
    }

    fn a_change_in_percent_is_what_whole_numbers_give(app: &TestApp) {
        let used = Cell::new(0);
        holds(3, &proptest::collection::vec(steps(), AT_ONCE), |steps| changes_are_right(app, &used, &steps));
    }
}

const YESTERDAY: Date = date(2026, 4, 1);
const TODAY: Date = date(2026, 4, 2);

fn observation(digits: &str, nominal: u32, day: Date, pegged: bool) -> Observation {
    let from: Timestamp = format!("{day}T00:00:00Z").parse().expect("an instant");
    let published = Origin::Published {
        id: 1,
        feed: FeedKey::Nbt,
        valid_days: 1,
        fetched_at: from,
        accepted_at: Some(from),
        url: None,
        redistributable: true,
        sample: false,
    };
    let origin = if pegged { Origin::Pegged { since: day } } else { published };
    Observation { digits: digits.parse().expect(digits), nominal: nominal.into(), date: day, from, origin }
}

/// Prices a pair at noon of today, where `quoted` says what each day's published quotes were.
fn priced(pair: Pair, basis: Basis, quoted: &dyn Fn(Pair) -> Vec<(String, u32, Date)>) -> Quote {
    let noon = "2026-04-02T12:00:00Z".parse().expect("an instant");
    let when = When { now: noon, date: None, as_of: None };
    let timelines: Vec<(Leg, Timeline)> = legs(pair, basis)
        .expect("the pair has a path")
        .into_iter()
        .map(|leg| {
            let (Series::Published(_, of) | Series::Pegged(of)) = leg.series;
            let observe =
                |(digits, nominal, day): (String, u32, Date)| observation(&digits, nominal, day, leg.is_pegged());
            let quotes = quoted(of).into_iter().map(observe).collect();
            (leg, if leg.is_pegged() { Timeline::pegged(quotes) } else { Timeline::new(quotes, None) })
        })
        .collect();
    let legs: Vec<(Leg, &Timeline)> = timelines.iter().map(|(leg, timeline)| (*leg, timeline)).collect();
    price(pair, &legs, &when, &Calendar::default()).expect("the pair has a rate")
}

/// From where to where the true value of a rate may lie: half of its last digit down and up, if it was rounded.
fn between(quote: &Quote) -> (BigRational, BigRational) {
    let shown = fraction(&quote.rate);
    let decimals = quote.rate.split_once('.').map_or(0, |(_, fraction)| fraction.len() as u32);
    let half = if quote.precision.derived { BigInt::from(1) } else { BigInt::ZERO };
    let half = BigRational::new(half, BigInt::from(10).pow(decimals) * 2);
    (&shown - &half, shown + half)
}

/// Whether the product of rates can be that rate, for all that rounding leaves open.
fn is_product(factors: [&Quote; 2], result: (BigRational, BigRational)) -> bool {
    let [(a, b), (c, d)] = factors.map(between);
    let (low, high) = (a * c, b * d);
    low <= result.1 && result.0 <= high
}

fn one() -> (BigRational, BigRational) {
    (fraction("1"), fraction("1"))
}

/// The dollar in each of the six, as the test says it; the euro is a market's.
fn dollar_in(values: &[String; 6], currency: Currency) -> String {
    let all = Currency::FIVE.map(|one| one.to_string()).into_iter().chain(["EUR".to_owned()]);
    all.zip(values).find(|(code, _)| *code == currency.code()).expect("one of the six").1.clone()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn decimals_are_those_of_long_division(a in published(), b in published(), decimals in 0..14_u32) {
        let (quotient, expected) = (&exact(&a) / &exact(&b), divided(&a, &b, decimals as usize));
        let negative = (&Exact::whole(0) - &quotient).to_decimals(decimals);
        prop_assert_eq!(quotient.to_decimals(decimals), expected.as_str());
        prop_assert_eq!(negative, if significant(&expected) > 0 { format!("-{expected}") } else { expected });
    }

    #[test]
    fn significant_digits_are_those_of_long_division(a in published(), b in published(), digits in 1..12_u32) {
        prop_assert_eq!((&exact(&a) / &exact(&b)).to_significant(digits), divided_to(&a, &b, digits as usize));
    }

    #[test]
    fn a_tie_goes_away_from_zero(whole in "0|[1-9][0-9]{0,12}", fraction in "[0-9]{0,12}") {
        let places = fraction.len();
        let (kept, value) = (format!("{whole}.{fraction}"), exact(&format!("{whole}.{fraction}5")));
        let expected = next_up(kept.trim_end_matches('.'));
        prop_assert_eq!(value.to_decimals(places as u32), expected.as_str());
        prop_assert_eq!((&Exact::whole(0) - &value).to_decimals(places as u32), format!("-{expected}"));
        let digits = significant(&kept) as u32;
        if digits > 0 && significant(&expected) as u32 == digits {
            prop_assert_eq!(value.to_significant(digits), expected);
        }
    }

    #[test]
    fn there_and_back_is_one(value in of_any_size(), nominal in nominal()) {
        let quoted = |_: Pair| vec![(value.clone(), nominal, TODAY)];
        for (there, basis) in [("EUR/KZT", Basis::Official), ("USD/TMT", Basis::Official), ("USD/KGS", Basis::Market)] {
            let (there, back) = (pair(there), pair(there).inverse());
            let rates = [there, back].map(|pair| priced(pair, basis, &quoted));
            prop_assert!(is_product([&rates[0], &rates[1]], one()), "{} and {}", rates[0].rate, rates[1].rate);
            prop_assert!(significant(&rates[1].rate) >= DIGITS, "{}", rates[1].rate);
        }
    }

    #[test]
    fn two_sides_of_a_triangle_are_the_third(values in [(); 6].map(|()| of_any_size()), basis in proptest::sample::select(vec![Basis::Official, Basis::Market])) {
        let quoted = |of: Pair| vec![(dollar_in(&values, of.quote), 1, TODAY)];
        let mut corners = [&Currency::FIVE[..], &[Currency::USD]].concat();
        if basis == Basis::Market {
            corners.push("EUR".parse().expect("a currency"));
        }
        // Turned by one more each time, so that different ones come first.
        for turn in 0..corners.len() {
            corners.rotate_left(turn);
            let (a, b, c) = (corners[0], corners[1], corners[2]);
            let [ab, bc, ac, ba] = [(a, b), (b, c), (a, c), (b, a)].map(|(base, quote)| priced(Pair::new(base, quote), basis, &quoted));
            prop_assert!(is_product([&ab, &bc], between(&ac)), "{} x {} = {}", ab.rate, bc.rate, ac.rate);
            prop_assert!(is_product([&ab, &ba], one()), "{} x {}", ab.rate, ba.rate);
        }
    }

    #[test]
    fn a_change_of_any_size_is_what_whole_numbers_give(then in of_any_size(), now in of_any_size(), nominals in (nominal(), nominal())) {
        let quoted = |_: Pair| vec![(then.clone(), nominals.0, YESTERDAY), (now.clone(), nominals.1, TODAY)];
        let [before, after] = [(&then, nominals.0), (&now, nominals.1)].map(|(text, nominal)| fraction(text) / BigInt::from(nominal));
        for (of, now, before) in [("EUR/KZT", &after, &before), ("KZT/EUR", &after.recip(), &before.recip())] {
            let change = priced(pair(of), Basis::Official, &quoted).change.expect("there was a quote before");
            prop_assert_eq!(change.percent.to_decimals_trimmed(4), percent(now, before), "{}", of);
            prop_assert_eq!(change.from_date, YESTERDAY);
        }
    }
}
