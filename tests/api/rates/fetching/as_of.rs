//! A story of four days with everything that can happen to quotes; then every answer of it is asked for again, as of its
//! instant.

use jiff::civil::{Date, date};
use xabar::rates::queries;
use xabar::rates::sources::{FeedKey, Source};

use crate::on_both;
use crate::support::rates::{Sites, import_of, market, table};
use crate::support::{Random, TestApp};

/// What is asked at every step.
const PATHS: [&str; 20] = [
    "/v1/rates",
    "/v1/rates?quote=KZT",
    "/v1/rates?base=USD,EUR&quote=KZT",
    "/v1/rates?base=USD&quote=KGS&date=2026-04-02",
    "/v1/rates?source=market",
    "/v1/rates/USD/KZT",
    "/v1/rates/KZT/USD?date=2026-04-01",
    "/v1/rates/USD/KZT?date=2026-04-02",
    "/v1/rates/USD/KZT?date=2026-04-04",
    "/v1/rates/TJS/KZT",
    "/v1/rates/KZT/TMT",
    "/v1/rates/GBP/KGS",
    "/v1/rates/USD/KZT/history",
    "/v1/rates/KGS/KZT/history?from=2026-03-30&to=2026-04-06",
    "/v1/rates/USD/KZT/history?from=2026-03-30&to=2026-04-06&gaps=omit&format=csv",
    "/v1/rates/KZT/USD/sparkline.svg?days=7",
    "/v1/rates/convert?from=TJS&to=KZT&amount=1234.56",
    "/v1/rates/ticker",
    "/v1/rates/ticker?quote=KZT&lang=kk&style=plain",
    "/v1/rates/ticker?source=market",
];

/// An answer, and what has to be asked to get it again.
struct Recorded {
    path: String,
    status: u16,
    text: String,
}

fn ask(app: &TestApp, path: &str) -> (u16, String) {
    let answer = app.get(path);
    if answer.status == 200 {
        return (200, String::from_utf8(answer.body).expect("text"));
    }
    // A problem has its request's id and path in it; what it says of the rate has to be the same.
    (answer.status, answer.json()["detail"].as_str().expect("a detail").to_owned())
}

/// The story so far, told at an instant.
#[derive(Default)]
struct Record(Vec<Recorded>);

impl Record {
    /// Moves the clock, lets something happen, and records every answer.
    fn step(&mut self, app: &TestApp, at: &str, event: impl FnOnce()) {
        app.set_time(at);
        event();
        for path in PATHS {
            let (status, text) = ask(app, path);
            let joint = if path.contains('?') { '&' } else { '?' };
            self.0.push(Recorded { path: format!("{path}{joint}as_of={at}"), status, text });
        }
    }

    /// Asks for everything again, at the present.
    fn check(&self, app: &TestApp) {
        for Recorded { path, status, text } in &self.0 {
            assert_eq!(ask(app, path), (*status, text.clone()), "{path}");
        }
    }

    /// How many different answers a path had.
    fn variety(&self, path: &str) -> usize {
        let its: Vec<&Recorded> = self
            .0
            .iter()
            .filter(|one| one.path.rsplit_once("as_of").is_some_and(|(before, _)| before[..before.len() - 1] == *path))
            .collect();
        let mut texts: Vec<&str> = its.iter().map(|one| one.text.as_str()).collect();
        texts.sort_unstable();
        texts.dedup();
        texts.len()
    }
}

const fn april(day: i8) -> Date {
    date(2026, 4, day)
}

fn release_the_first(app: &TestApp) {
    let now = app.clock.now();
    let released = app.db.write_here(|conn| {
        let id = queries::held(conn)?.first().expect("something is held").id;
        queries::release(conn, now, id)
    });
    released.expect("the database works").expect("it is held");
}

/// Wednesday and Thursday: first observations, a fall that is held, midnights, and its confirmation.
fn a_fall_and_its_confirmation(app: &TestApp, sites: &Sites, record: &mut Record) {
    let nbk = |day, usd| drop(sites.publish(app, FeedKey::Nbk, day, &[("USD", usd), ("EUR", "549.20")]));
    let nbt = |day, usd| drop(sites.publish(app, FeedKey::Nbt, day, &[("USD", usd), ("KZT", "0.0195")]));
    record.step(app, "2026-03-31T06:00:00Z", || {});
    record.step(app, "2026-03-31T10:00:00Z", || nbk(april(1), "478.77"));
    record.step(app, "2026-03-31T18:59:59.999999Z", || {});
    record.step(app, "2026-03-31T19:00:00Z", || {});
    record.step(app, "2026-04-01T04:30:00Z", || nbt(april(1), "9.3450"));
    record.step(app, "2026-04-01T09:00:00Z", || {
        sites.publish(app, FeedKey::NbkrDaily, april(2), &[("USD", "87.4500"), ("KZT", "0.1859")]);
    });
    record.step(app, "2026-04-01T10:00:00Z", || nbk(april(2), "335.14"));
    record.step(app, "2026-04-01T18:00:00Z", || {});
    record.step(app, "2026-04-01T19:00:00Z", || {});
    record.step(app, "2026-04-02T04:30:00Z", || nbt(april(2), "9.3371"));
    record.step(app, "2026-04-02T09:10:00Z", || nbk(april(2), "335.14"));
}

/// Thursday evening: a table is mended, and the first word comes back.
fn corrections(app: &TestApp, sites: &Sites, record: &mut Record) {
    let nbk = |day, usd| drop(sites.publish(app, FeedKey::Nbk, day, &[("USD", usd), ("EUR", "549.20")]));
    record.step(app, "2026-04-02T09:20:00Z", || nbk(april(2), "336.10"));
    record.step(app, "2026-04-02T09:21:00Z", || nbk(april(2), "335.14"));
    record.step(app, "2026-04-02T09:30:00Z", || nbk(april(3), "700.00"));
    record.step(app, "2026-04-02T09:40:00Z", || nbk(april(3), "340.00"));
    record.step(app, "2026-04-02T09:50:00Z", || nbk(april(3), "700.00"));
    record.step(app, "2026-04-02T18:00:00Z", || {});
    record.step(app, "2026-04-02T19:00:00Z", || {});
}

/// Friday and the weekend: a market, a weekly table, an editor, an old table that comes late, and silence.
fn a_market_an_editor_and_a_weekend(app: &TestApp, sites: &Sites, record: &mut Record) {
    record.step(app, "2026-04-03T08:00:00Z", || {
        let quotes = [("KZT", "345.00"), ("KGS", "87.60"), ("TJS", "9.3"), ("UZS", "12200"), ("TMT", "3.4")];
        import_of(app, Source::Market, &market("2026-04-03T07:00:00Z", &quotes));
    });
    record.step(app, "2026-04-03T09:00:00Z", || {
        sites.publish(app, FeedKey::NbkrWeekly, april(4), &[("GBP", "117.4147")]);
        sites.publish(app, FeedKey::NbkrDaily, april(4), &[("USD", "70.0000"), ("KZT", "0.1900")]);
    });
    record.step(app, "2026-04-03T09:30:00Z", || release_the_first(app));
    record.step(app, "2026-04-03T12:00:00Z", || {
        import_of(app, Source::Nbt, &table(FeedKey::Nbt, date(2026, 3, 31), &[("USD", "9.4")]));
        import_of(app, Source::Nbk, &table(FeedKey::Nbk, date(2026, 3, 31), &[("USD", "470.00")]));
    });
    record.step(app, "2026-04-03T18:00:00Z", || release_the_rest(app));
    record.step(app, "2026-04-04T12:00:00Z", || {});
    record.step(app, "2026-04-05T19:00:00Z", || {});
    record.step(app, "2026-04-06T12:00:00Z", || {});
}

fn release_the_rest(app: &TestApp) {
    while !app.db.read_here(queries::held).expect("the held quotes").is_empty() {
        release_the_first(app);
    }
}

/// One thing out of many, with plausible and implausible numbers.
fn something(app: &TestApp, sites: &Sites, random: &mut Random, today: Date) {
    let usd = *random.choose(&["478.77", "335.14", "480.00", "700.00", "476.10"]);
    let ahead = *random.choose(&[today, today.tomorrow().expect("a day")]);
    match random.below(6) {
        0 | 1 => drop(sites.publish(app, FeedKey::Nbk, ahead, &[("USD", usd), ("EUR", "549.20")])),
        2 => drop(sites.publish(app, FeedKey::NbkrDaily, ahead, &[("USD", *random.choose(&["87.4500", "61.0000"]))])),
        3 => drop(sites.publish(app, FeedKey::Nbt, today, &[("USD", *random.choose(&["9.3450", "9.3371", "13"]))])),
        4 => drop(import_of(app, Source::Nbk, &table(FeedKey::Nbk, today, &[("USD", usd)]))),
        _ => {
            if app.db.read_here(queries::held).is_ok_and(|held| !held.is_empty()) {
                release_the_first(app);
            }
        }
    }
}

on_both! {
    fn every_answer_of_a_story_can_be_had_again(app: &TestApp) {
        let (sites, mut record) = (Sites::open(), Record::default());
        a_fall_and_its_confirmation(app, &sites, &mut record);
        corrections(app, &sites, &mut record);
        a_market_an_editor_and_a_weekend(app, &sites, &mut record);
        record.check(app);
        app.set_time("2026-05-20T12:00:00Z");
        record.check(app);
        for path in PATHS {
            assert!(record.variety(path) > 1, "nothing happened to {path}");
        }
    }

    fn every_answer_of_a_random_story_can_be_had_again(app: &TestApp) {
        let (sites, mut record, mut random) = (Sites::open(), Record::default(), Random::seeded(3));
        for hour in 0..30_i64 {
            let at: jiff::Timestamp = "2026-04-01T00:00:00Z".parse().expect("an instant");
            let at = at + jiff::Span::new().hours(3 * hour);
            let today = jiff::tz::Offset::UTC.to_datetime(at).date();
            record.step(app, &at.to_string(), || something(app, &sites, &mut random, today));
        }
        record.check(app);
    }
}
