//! The sites of every source of rates on one loopback server, and tables in the forms in which they publish.

use diesel::prelude::*;
use jiff::civil::Date;
use serde_json::{Value, json};
use xabar::config::{Config, Env};
use xabar::db::schema::{changes, publications, quotes};
use xabar::db::{Db, DbError};
use xabar::rates::Rates;
use xabar::rates::fetching::{self, Client, Failure, Options, Taken};
use xabar::rates::queries::Outcome;
use xabar::rates::sources::{FeedKey, Source};

use super::{Bank, Behaviour, TestApp};

/// What nobody but the market may get to see.
pub const SECRET: &str = "5eCr3T";

/// The sites, and the settings that lead to them.
pub struct Sites {
    pub bank: Bank,
    pub rates: Rates,
}

impl Sites {
    /// Opens the sites of the four banks. There is no market.
    pub fn open() -> Self {
        Self::with(&[])
    }

    /// Opens the sites of the four banks and of a market that wants a key.
    pub fn with_market() -> Self {
        Self::with(&[("RATES_MARKET_URL", FeedKey::Market)])
    }

    fn with(more: &[(&str, FeedKey)]) -> Self {
        let bank = Bank::start();
        let mut variables: Vec<(&str, String)> = Self::variables(&bank);
        variables.extend(more.iter().map(|(name, feed)| (*name, bank.at(&path(*feed, Date::ZERO)))));
        let pairs: Vec<(&str, &str)> = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let config = Config::read(&Env::of(&pairs)).expect("the addresses are valid");
        Self { rates: Rates::new(&config.rates).expect("the settings are valid"), bank }
    }

    /// The variables that lead to the sites of the four banks.
    pub fn variables(bank: &Bank) -> Vec<(&'static str, String)> {
        let homes = [
            ("RATES_NBKR_URL", "/nbkr/"),
            ("RATES_NBK_URL", "/nbk/"),
            ("RATES_NBT_URL", "/nbt/export_xml.php"),
            ("RATES_CBU_URL", "/cbu/"),
        ];
        homes.into_iter().map(|(name, home)| (name, bank.at(home))).collect()
    }

    /// What a feed's site says from now on when it is asked for a day; a feed that takes no day says it always.
    pub fn says(&self, feed: FeedKey, day: Date, behaviour: Behaviour) {
        self.bank.on(&path(feed, day), behaviour);
    }

    /// Asks a feed for a day, or for what it has when it takes no day.
    pub fn fetch(&self, app: &TestApp, client: &Client, feed: FeedKey, day: Date) -> Result<Taken, Failure> {
        let asked = feed.feed().dated().then_some(day);
        fetching::fetch(&app.db, &app.clock, client, &self.rates, feed.feed(), asked).expect("the database works")
    }

    /// Publishes a table of a feed and fetches it; it must be admitted.
    pub fn publish(&self, app: &TestApp, feed: FeedKey, day: Date, rows: &[(&str, &str)]) -> Outcome {
        self.says(feed, day, Behaviour::ok(table(feed, day, rows)));
        match self.fetch(app, &client(), feed, day) {
            Ok(Taken::Stored { outcome, .. }) => outcome,
            other => panic!("{feed:?} of {day}: {other:?}"),
        }
    }
}

/// Imports a source's table as from a file.
pub fn import(app: &TestApp, source: Source, payload: &[u8]) -> Result<Taken, Failure> {
    let rates = Sites::open().rates;
    fetching::import(&app.db, &app.clock, &rates, source, payload).expect("the database works")
}

/// Imports a table that must be admitted.
pub fn import_of(app: &TestApp, source: Source, payload: &[u8]) -> Outcome {
    match import(app, source, payload) {
        Ok(Taken::Stored { outcome, .. }) => outcome,
        other => panic!("{source:?}: {other:?}"),
    }
}

/// A client that is quick to try again, once.
pub fn client() -> Client {
    let pause = std::time::Duration::from_millis(1);
    Client::new(Options { attempts: 2, pause, largest: 60_000, ..Options::default() })
}

/// Where a feed's table for a day is, below the root of [`Sites`].
pub fn path(feed: FeedKey, day: Date) -> String {
    match feed {
        FeedKey::NbkrDaily => "/nbkr/daily.xml".to_owned(),
        FeedKey::NbkrWeekly => "/nbkr/weekly.xml".to_owned(),
        FeedKey::Nbk => format!("/nbk/get_rates.cfm?fdate={}", day_first(day)),
        FeedKey::Nbt => format!("/nbt/export_xml.php?date={day}&export=xmlout"),
        FeedKey::Cbu => format!("/cbu/all/{day}/"),
        FeedKey::Market => format!("/market.json?app_id={SECRET}"),
    }
}

fn day_first(day: Date) -> String {
    day.strftime("%d.%m.%Y").to_string()
}

/// A bank's table for a day in its own form: codes, and what one unit costs, with a decimal point.
pub fn table(feed: FeedKey, day: Date, rows: &[(&str, &str)]) -> Vec<u8> {
    let each = |row: &dyn Fn(&str, &str) -> String| rows.iter().map(|(code, digits)| row(code, digits)).collect();
    match feed {
        FeedKey::NbkrDaily => nbkr(day, rows, ""),
        FeedKey::NbkrWeekly => nbkr(day, rows, "<ValidFor>7</ValidFor>"),
        FeedKey::Nbk => {
            let row = |code: &str, digits: &str| {
                format!("<item><title>{code}</title><description>{digits}</description><quant>1</quant></item>")
            };
            let items: String = each(&row);
            format!("<rates><date>{}</date>{items}</rates>", day_first(day)).into_bytes()
        }
        FeedKey::Nbt => {
            let row = |code: &str, digits: &str| {
                format!("<Valute><CharCode>{code}</CharCode><Nominal>1</Nominal><Value>{digits}</Value></Valute>")
            };
            let valutes: String = each(&row);
            format!("<ValCurs Date=\"{day}\">{valutes}</ValCurs>").into_bytes()
        }
        FeedKey::Cbu => {
            let row = |(code, digits): &(&str, &str)| json!({"Ccy": code, "Nominal": "1", "Rate": digits, "Date": day_first(day)});
            Value::Array(rows.iter().map(row).collect()).to_string().into_bytes()
        }
        FeedKey::Market => panic!("a market's table is of an instant"),
    }
}

fn nbkr(day: Date, rows: &[(&str, &str)], valid_for: &str) -> Vec<u8> {
    let row = |(code, digits): &(&str, &str)| {
        let value = digits.replace('.', ",");
        format!("<Currency ISOCode=\"{code}\"><Nominal>1</Nominal>{valid_for}<Value>{value}</Value></Currency>")
    };
    let rows: String = rows.iter().map(row).collect();
    format!("<CurrencyRates Date=\"{}\">{rows}</CurrencyRates>", day_first(day)).into_bytes()
}

/// A market's table of an instant.
pub fn market(at: &str, rows: &[(&str, &str)]) -> Vec<u8> {
    let seconds = at.parse::<jiff::Timestamp>().expect("an instant").as_second();
    let rows: Vec<String> = rows.iter().map(|(code, digits)| format!("\"{code}\":{digits}")).collect();
    format!("{{\"timestamp\":{seconds},\"base\":\"USD\",\"rates\":{{{}}}}}", rows.join(",")).into_bytes()
}

/// How many rows `quotes`, `publications` and `changes` have.
pub fn row_counts(db: &Db) -> [i64; 3] {
    let counts = db.read_here(|conn| {
        Ok::<_, DbError>([
            quotes::table.count().get_result(conn)?,
            publications::table.count().get_result(conn)?,
            changes::table.count().get_result(conn)?,
        ])
    });
    counts.expect("the tables can be counted")
}

impl TestApp {
    /// How a feed stands, by `/v1/rates/sources`.
    pub fn feed(&self, feed: FeedKey) -> Value {
        let key: &str = feed.into();
        let list = self.get("/v1/rates/sources").json();
        let found = list["data"].as_array().expect("a list").iter().find(|one| one["key"] == key);
        found.unwrap_or_else(|| panic!("{key} is not in {list}")).clone()
    }
}
