//! Tables of quotes, stored as they are and without a payload, and the settings that hold where nothing is configured.

use jiff::civil::Date;
use xabar::config::{Config, Env};
use xabar::db::DbError;
use xabar::rates::Rates;
use xabar::rates::money::{Currency, Digits, Pair};
use xabar::rates::queries::{Arrival, Channel, Outcome, store};
use xabar::rates::sources::{FeedKey, Row, Table};

use crate::support::TestApp;

/// The settings of a server of which nothing is configured.
pub fn settings() -> Rates {
    let config = Config::read(&Env::of(&[])).expect("the defaults are valid");
    Rates::new(&config.rates).expect("the defaults are valid")
}

/// `EUR/KZT`.
pub fn pair(text: &str) -> Pair {
    let read = |code: &str| code.parse::<Currency>().expect("a currency");
    let (base, quote) = text.split_once('/').expect("a pair");
    Pair::new(read(base), read(quote))
}

/// A published quote: that many of its base cost those digits.
pub fn row(of: &str, digits: &str, nominal: u32) -> Row {
    Row { pair: pair(of), digits: digits.parse::<Digits>().expect(digits), nominal }
}

/// A table that comes into force on a day.
pub fn table(date: &str, rows: Vec<Row>) -> Table {
    Table { date: date.parse::<Date>().expect("a date"), at: None, valid_days: 1, rows }
}

/// Stores a table of a feed at the present of the server's clock.
pub fn publish(app: &TestApp, feed: FeedKey, table: &Table) -> Outcome {
    let (rates, now) = (settings(), app.clock.now());
    let arrival = Arrival {
        feed,
        table,
        payload_hash: &format!("{feed:?} of {} at {now}", table.date),
        url: None,
        channel: Channel::Fetched,
        redistributable: true,
        sample: false,
    };
    app.db.write_here(|conn| store(conn, &rates, now, &arrival)).map_err(|error: DbError| error).expect("it is stored")
}
