//! Days of polling on a clock that is moved minute by minute, at banks that publish when real ones do.

use std::collections::BTreeMap;
use std::thread;
use std::time::Duration;

use diesel::prelude::*;
use jiff::civil::{Date, date};
use xabar::clock::{Clock, Timestamp};
use xabar::db::schema::publications;
use xabar::db::{Db, DbError};
use xabar::rates::fetching::{Client, Options, fetch, tick};
use xabar::rates::queries;
use xabar::rates::sources::FeedKey;

use crate::support::rates::{Sites, path, table};
use crate::support::{Backend, Behaviour, TestDatabase};

const FOREVER: Duration = Duration::from_secs(600);
/// Minutes from a table's release to the poll that gets it at most: the interval, and its jitter.
const LATEST: i64 = 12;
/// Seconds that pass between two polls at least.
const INTERVAL: i64 = 600;
/// The feeds of the banks.
const FEEDS: [FeedKey; 5] = [FeedKey::NbkrDaily, FeedKey::NbkrWeekly, FeedKey::Nbk, FeedKey::Nbt, FeedKey::Cbu];

/// The hours in which a feed is polled, in UTC.
fn window(feed: FeedKey) -> (i64, i64) {
    match feed {
        FeedKey::NbkrDaily | FeedKey::NbkrWeekly | FeedKey::Cbu => (8, 10),
        FeedKey::Nbk => (9, 11),
        FeedKey::Nbt => (4, 6),
        FeedKey::Market => (0, 24),
    }
}

/// A day of June 2026, which begins on a Monday and whose first weeks have no holidays.
const fn june(day: i8) -> Date {
    date(2026, 6, day)
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

/// A table that comes out at an instant.
#[derive(Clone)]
struct Release {
    at: Timestamp,
    feed: FeedKey,
    day: Date,
    payload: Vec<u8>,
}

fn release(feed: FeedKey, published: &str, day: Date) -> Release {
    let rows =
        if feed == FeedKey::NbkrWeekly { [("GBP", "11.5"), ("TRY", "2.5")] } else { [("USD", "9.5"), ("EUR", "10.5")] };
    Release { at: at(published), feed, day, payload: table(feed, day, &rows) }
}

/// What the banks publish on a working day for the next one, at the times at which they really do.
fn working_day(today: Date, next: Date) -> Vec<Release> {
    vec![
        release(FeedKey::Nbt, &format!("{today}T04:40:00Z"), today),
        release(FeedKey::Cbu, &format!("{today}T08:50:00Z"), next),
        release(FeedKey::NbkrDaily, &format!("{today}T09:25:00Z"), today.tomorrow().expect("a day")),
        release(FeedKey::Nbk, &format!("{today}T10:30:00Z"), next),
    ]
}

/// What is there before the first Monday.
fn before() -> Vec<Release> {
    vec![
        release(FeedKey::NbkrDaily, "2026-05-29T09:25:00Z", date(2026, 5, 30)),
        release(FeedKey::NbkrWeekly, "2026-05-29T09:05:00Z", date(2026, 5, 30)),
        release(FeedKey::Nbk, "2026-05-29T10:30:00Z", june(1)),
        release(FeedKey::Nbt, "2026-05-29T04:40:00Z", date(2026, 5, 29)),
        release(FeedKey::Cbu, "2026-05-29T08:50:00Z", june(1)),
    ]
}

fn monday() -> Vec<Release> {
    working_day(june(1), june(2))
}

fn a_week() -> Vec<Release> {
    let days = [(1, 2), (2, 3), (3, 4), (4, 5), (5, 8)].map(|(today, next)| working_day(june(today), june(next)));
    let weekly = release(FeedKey::NbkrWeekly, "2026-06-05T09:05:00Z", june(6));
    days.into_iter().flatten().chain([weekly]).collect()
}

/// The world: banks, a clock, and what has been asked when.
struct World {
    sites: Sites,
    clock: Clock,
    client: Client,
    releases: Vec<Release>,
    asked: Vec<(Timestamp, FeedKey)>,
    /// While no bank is open, it is enough to look four times an hour.
    naps: bool,
}

impl World {
    /// A world on the first Monday at midnight, in which everything is known that was published before.
    fn new(db: &Db, releases: Vec<Release>) -> Self {
        let (sites, clock) = (Sites::open(), Clock::fixed(Timestamp::EPOCH));
        // One attempt a poll, so that a request is a poll.
        let client = Client::new(Options { attempts: 1, ..Options::default() });
        let mut world = Self { sites, clock, client, releases: before(), asked: Vec::new(), naps: true };
        world.clock.set(at("2026-05-29T12:00:00Z"));
        world.publish();
        for Release { feed, day, .. } in before() {
            let asked = feed.feed().dated().then_some(day);
            let known = fetch(db, &world.clock, &world.client, &world.sites.rates, feed.feed(), asked);
            known.expect("the database works").expect("a good table");
        }
        world.sites.bank.forget();
        world.clock.set(at("2026-06-01T00:00:00Z"));
        Self { releases, ..world }
    }

    /// Publishes what has come out by now.
    fn publish(&mut self) {
        let now = self.clock.now();
        let (out, left) = std::mem::take(&mut self.releases).into_iter().partition(|one| one.at <= now);
        self.releases = left;
        let mut out: Vec<Release> = out;
        out.sort_by_key(|one| one.at);
        for Release { feed, day, payload, at: _ } in out {
            let tagged = Behaviour::WithETag { etag: format!("\"{day}\""), body: payload.clone() };
            self.sites.says(feed, day, if feed.feed().dated() { Behaviour::ok(payload.clone()) } else { tagged });
            if feed.feed().dated() {
                // A bank that is asked for a day it doesn't know answers with its newest table.
                self.sites.bank.on(folder(feed), Behaviour::ok(payload));
            }
        }
    }

    /// Lets one tick happen and notes what was asked.
    fn minute(&mut self, tick: &dyn Fn(&Self)) {
        self.publish();
        tick(self);
        let now = self.clock.now();
        let feed_of = |path: &str| FEEDS.into_iter().find(|feed| path.starts_with(folder(*feed)));
        for seen in self.sites.bank.requests() {
            self.asked.push((now, feed_of(&seen.path).unwrap_or_else(|| panic!("{} is nobody's", seen.path))));
        }
        self.sites.bank.forget();
        let open = (3..12).contains(&hour_of(now));
        self.clock.set(now.plus_seconds(if self.naps && !open { 900 } else { 60 }));
    }

    /// Lets time pass minute by minute.
    fn run(&mut self, until: &str, tick: &dyn Fn(&Self)) {
        while self.clock.now() < at(until) {
            self.minute(tick);
        }
    }

    /// Lets time pass for one process.
    fn poll(&mut self, db: &Db, until: &str) {
        self.run(until, &|world| world.tick(db));
    }

    fn tick(&self, db: &Db) {
        tick(db, &self.clock, &self.client, &self.sites.rates).expect("the database works");
    }

    /// When a feed was asked.
    fn times(&self, feed: FeedKey) -> Vec<Timestamp> {
        self.asked.iter().filter(|(_, asked)| *asked == feed).map(|(at, _)| *at).collect()
    }

    /// When a feed was asked on a day, in minutes since its window opened.
    fn minutes(&self, feed: FeedKey, day: Date) -> Vec<i64> {
        let opens = opening(feed, day);
        self.times(feed).iter().filter(|at| date_of(**at) == day).map(|at| opens.seconds_until(*at) / 60).collect()
    }
}

/// Where all of a feed's addresses begin.
fn folder(feed: FeedKey) -> &'static str {
    match feed {
        FeedKey::NbkrDaily => "/nbkr/daily",
        FeedKey::NbkrWeekly => "/nbkr/weekly",
        FeedKey::Nbk => "/nbk/",
        FeedKey::Nbt => "/nbt/",
        FeedKey::Cbu => "/cbu/",
        FeedKey::Market => "/market",
    }
}

fn date_of(at: Timestamp) -> Date {
    jiff::tz::Offset::UTC.to_datetime(at.to_jiff()).date()
}

fn hour_of(at: Timestamp) -> i64 {
    at.micros().div_euclid(3_600_000_000).rem_euclid(24)
}

fn opening(feed: FeedKey, day: Date) -> Timestamp {
    at(&format!("{day}T{:02}:00:00Z", window(feed).0))
}

/// How often each publication is stored.
fn stored(db: &Db) -> BTreeMap<(String, String), usize> {
    let rows: Result<Vec<(FeedKey, String)>, DbError> = db.read_here(|conn| {
        Ok(publications::table.select((publications::feed, publications::effective_date)).load(conn)?)
    });
    let mut counts = BTreeMap::new();
    for (feed, date) in rows.expect("the publications") {
        let name: &str = feed.into();
        *counts.entry((name.to_owned(), date)).or_default() += 1;
    }
    counts
}

/// The most polls that a window leaves room for until a table is out, and the one that gets it.
fn most(feed: FeedKey, day: Date, out: &str) -> usize {
    let polls = (opening(feed, day).seconds_until(at(&format!("{day}T{out}Z"))) + INTERVAL - 1) / INTERVAL + 1;
    usize::try_from(polls).expect("a number")
}

/// Nobody is asked outside of its hours, at weekends, or sooner than the interval after the last time.
fn keeps_to_the_windows(world: &World) {
    for feed in FEEDS {
        let times = world.times(feed);
        for at in &times {
            let (opens, closes) = window(feed);
            assert!((opens..closes).contains(&hour_of(*at)), "{feed:?} at {at}");
            let weekday = date_of(*at).weekday().to_monday_one_offset();
            assert!(weekday <= 5, "{feed:?} at a weekend, {at}");
        }
        let hasty = times.windows(2).find(|pair| pair[0].seconds_until(pair[1]) < INTERVAL);
        assert_eq!(hasty, None, "{feed:?}");
    }
}

/// No more requests than it takes, the last of which comes soon after the table is out.
fn asks_until_it_has_the_table(world: &World, days: &[Date]) {
    for day in days {
        for (feed, out) in [
            (FeedKey::Nbt, "04:40:00"),
            (FeedKey::Cbu, "08:50:00"),
            (FeedKey::NbkrDaily, "09:25:00"),
            (FeedKey::Nbk, "10:30:00"),
        ] {
            let (asked, most) = (world.minutes(feed, *day), most(feed, *day, out));
            assert!(asked.len() <= most, "{feed:?} on {day}: {asked:?}, at most {most}");
            let out = opening(feed, *day).seconds_until(at(&format!("{day}T{out}Z"))) / 60;
            let last = asked.last().unwrap_or_else(|| panic!("{feed:?} isn't asked on {day}"));
            assert!((out..=out + LATEST).contains(last), "{feed:?} on {day}: {asked:?}, out after {out}");
        }
    }
}

/// A check on each database.
fn on_each(check: impl Fn(&TestDatabase)) {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        println!("{backend:?}");
        check(&TestDatabase::new(backend));
    }
}

fn name(feed: FeedKey) -> &'static str {
    feed.into()
}

/// What is stored when all of these were published, and nothing twice.
fn all_of(releases: &[Release]) -> BTreeMap<(String, String), usize> {
    let known = before();
    let all = known.iter().chain(releases);
    all.map(|one| ((name(one.feed).to_owned(), one.day.to_string()), 1)).collect()
}

/// The days of a feed that are stored from June on.
fn days_of(db: &Db, feed: FeedKey) -> Vec<String> {
    let its = stored(db).into_keys().filter(|(key, day)| key == name(feed) && day.starts_with("2026-06"));
    its.map(|(_, day)| day).collect()
}

#[test]
fn a_day_has_no_more_requests_than_its_windows_allow() {
    on_each(|database| {
        let db = database.open();
        let mut world = World { naps: false, ..World::new(&db, monday()) };
        world.poll(&db, "2026-06-02T00:00:00Z");
        keeps_to_the_windows(&world);
        asks_until_it_has_the_table(&world, &[june(1)]);
        assert_eq!(world.times(FeedKey::NbkrWeekly), [], "nothing is to come on a Monday");
        assert_eq!(stored(&db), all_of(&monday()));
    });
}

#[test]
fn a_week_has_no_more_requests_than_its_windows_allow() {
    on_each(|database| {
        let db = database.open();
        let mut world = World::new(&db, a_week());
        world.poll(&db, "2026-06-08T00:00:00Z");
        keeps_to_the_windows(&world);
        asks_until_it_has_the_table(&world, &[june(1), june(2), june(3), june(4), june(5)]);
        assert_eq!(stored(&db), all_of(&a_week()));
        let weekly = world.times(FeedKey::NbkrWeekly);
        assert_eq!(weekly.len(), world.minutes(FeedKey::NbkrWeekly, june(5)).len(), "on Friday only: {weekly:?}");
        assert!(weekly.len() <= most(FeedKey::NbkrWeekly, june(5), "09:05:00"), "{weekly:?}");
    });
}

#[test]
fn two_processes_ask_as_often_as_one() {
    on_each(|database| {
        let (one, other) = (database.open(), database.open());
        let mut world = World::new(&one, monday());
        world.run("2026-06-02T00:00:00Z", &|world| {
            thread::scope(|scope| [&one, &other].map(|db| drop(scope.spawn(|| world.tick(db)))));
        });
        keeps_to_the_windows(&world);
        asks_until_it_has_the_table(&world, &[june(1)]);
        assert_eq!(stored(&one), all_of(&monday()));
    });
}

#[test]
fn a_bank_that_fails_all_day_is_asked_less_and_less() {
    on_each(|database| {
        let db = database.open();
        let mut world = World::new(&db, [monday(), working_day(june(2), june(3))].concat());
        world.run("2026-06-01T04:00:00Z", &|world| world.tick(&db));
        let broken = [june(1), june(2)].map(|day| path(FeedKey::Nbt, day));
        world.run("2026-06-02T00:00:00Z", &|world| {
            broken.iter().for_each(|path| world.sites.bank.on(path, Behaviour::status(500)));
            world.tick(&db);
        });
        let asked = world.minutes(FeedKey::Nbt, june(1));
        assert!((2..=5).contains(&asked.len()), "{asked:?}");
        for (pauses, pair) in asked.windows(2).enumerate() {
            // A session is two hours long, so that the pauses end at forty minutes.
            assert!(pair[1] - pair[0] >= 10 << pauses.min(2), "{asked:?}");
        }
        assert_eq!(days_of(&db, FeedKey::Nbt), Vec::<String>::new());
        assert_eq!(days_of(&db, FeedKey::Nbk), ["2026-06-01", "2026-06-02"], "others are none the worse");
        broken.iter().for_each(|path| world.sites.bank.on(path, Behaviour::status(404)));
        world.sites.says(FeedKey::Nbt, june(2), Behaviour::ok(table(FeedKey::Nbt, june(2), &[("USD", "9.5")])));
        world.poll(&db, "2026-06-02T04:20:00Z");
        assert_eq!(days_of(&db, FeedKey::Nbt), ["2026-06-02"], "a new day is a new start");
    });
}

#[test]
fn a_hiccup_while_a_table_is_awaited_does_not_cost_the_day() {
    on_each(|database| {
        let db = database.open();
        let late = release(FeedKey::Nbt, "2026-06-01T05:05:00Z", june(1));
        let mut world = World::new(&db, vec![late]);
        world.poll(&db, "2026-06-01T04:45:00Z");
        let not_yet = table(FeedKey::Nbt, date(2026, 5, 29), &[("USD", "9.5"), ("EUR", "10.5")]);
        world.sites.bank.then(&path(FeedKey::Nbt, june(1)), vec![Behaviour::Reset, Behaviour::ok(not_yet)]);
        world.poll(&db, "2026-06-01T06:00:00Z");
        assert_eq!(days_of(&db, FeedKey::Nbt), ["2026-06-01"], "asked at {:?}", world.minutes(FeedKey::Nbt, june(1)));
    });
}

#[test]
fn a_bank_that_has_no_rows_for_tomorrow_yet_is_asked_on() {
    on_each(|database| {
        let db = database.open();
        let mut world = World::new(&db, monday());
        let empty = table(FeedKey::Nbk, june(2), &[]);
        world.sites.says(FeedKey::Nbk, june(2), Behaviour::ok(empty));
        world.sites.says(FeedKey::Cbu, june(2), Behaviour::ok("[]"));
        world.poll(&db, "2026-06-02T00:00:00Z");
        for feed in [FeedKey::Cbu, FeedKey::Nbk] {
            let asked = world.minutes(feed, june(1));
            assert_eq!(days_of(&db, feed), ["2026-06-01", "2026-06-02"], "{feed:?}, asked at {asked:?}");
        }
    });
}

#[test]
fn a_day_without_a_table_is_made_up_for_on_the_next() {
    on_each(|database| {
        let db = database.open();
        let mut world = World::new(&db, working_day(june(2), june(3)));
        world.poll(&db, "2026-06-01T12:00:00Z");
        for feed in [FeedKey::Nbk, FeedKey::Cbu] {
            world.sites.says(feed, june(2), Behaviour::ok(table(feed, june(2), &[("USD", "9.5")])));
        }
        world.poll(&db, "2026-06-03T00:00:00Z");
        for feed in [FeedKey::Nbk, FeedKey::Cbu] {
            assert_eq!(days_of(&db, feed), ["2026-06-01", "2026-06-02", "2026-06-03"], "{feed:?}");
        }
        keeps_to_the_windows(&world);
    });
}

#[test]
fn a_bank_that_asks_for_patience_is_left_alone_for_as_long() {
    for (seconds, then) in [(3_600, 60..=63), (10_800, 0..=0)] {
        on_each(|database| {
            let db = database.open();
            let mut world = World::new(&db, Vec::new());
            let good = Behaviour::ok(table(FeedKey::Nbt, june(1), &[("USD", "9.5")]));
            let script = vec![Behaviour::rate_limited(seconds), good];
            world.sites.bank.then(&path(FeedKey::Nbt, june(1)), script);
            world.poll(&db, "2026-06-02T00:00:00Z");
            let asked = world.minutes(FeedKey::Nbt, june(1));
            let waited = asked.last().expect("it is asked") - asked[0];
            assert!(then.contains(&waited) && asked.len() <= 2, "{asked:?}");
        });
    }
}

#[test]
fn a_process_that_dies_while_it_asks_is_taken_over_from() {
    on_each(|database| {
        let (dying, db) = (database.open(), database.open());
        let mut world = World::new(&db, Vec::new());
        world.poll(&db, "2026-06-01T04:00:00Z");
        // What is asked for as a session opens may come a little later than it does.
        world.clock.set(at("2026-06-01T04:05:00Z"));
        let good = Behaviour::ok(table(FeedKey::Nbt, june(1), &[("USD", "9.5")]));
        let silence = Behaviour::Slow(FOREVER, Vec::new());
        world.sites.bank.then(&path(FeedKey::Nbt, june(1)), vec![silence, good]);
        let (clock, rates) = (Clock::fixed(world.clock.now()), world.sites.rates.clone());
        let patient = Client::new(Options { timeout: FOREVER, attempts: 1, ..Options::default() });
        let dead = thread::spawn(move || drop(tick(&dying, &clock, &patient, &rates)));
        while world.sites.bank.requests().is_empty() {
            thread::sleep(Duration::from_millis(5));
        }
        world.sites.bank.forget();
        world.poll(&db, "2026-06-01T06:00:00Z");
        assert_eq!(world.minutes(FeedKey::Nbt, june(1)), [10], "when the turn of five minutes is over");
        assert_eq!(days_of(&db, FeedKey::Nbt), ["2026-06-01"]);
        drop(world);
        dead.join().expect("it ends with its bank");
    });
}

#[test]
fn a_held_quote_is_asked_for_again_and_so_confirmed() {
    on_each(|database| {
        let db = database.open();
        let mut fallen = monday();
        for one in fallen.iter_mut().filter(|one| matches!(one.feed, FeedKey::Nbk | FeedKey::NbkrDaily)) {
            one.payload = table(one.feed, one.day, &[("USD", "6.6"), ("EUR", "10.5")]);
        }
        let mut world = World::new(&db, fallen);
        world.poll(&db, "2026-06-02T00:00:00Z");
        keeps_to_the_windows(&world);
        assert_eq!(db.read_here(queries::held).expect("the held quotes"), []);
        for (feed, out) in [(FeedKey::NbkrDaily, "09:25:00"), (FeedKey::Nbk, "10:30:00")] {
            let (asked, most) = (world.minutes(feed, june(1)), most(feed, june(1), out) + 1);
            assert!(asked.len() <= most, "{feed:?}: {asked:?}, at most {most}");
        }
        assert_eq!(stored(&db), all_of(&monday()), "a confirmation is no publication");
        assert_eq!(world.times(FeedKey::NbkrWeekly), [], "nothing of the weekly table is held");
    });
}
