//! `xabar import rates` and `xabar rates`, by the built command, on both databases.

use std::path::{Path, PathBuf};
use std::process::Command;

use jiff::civil::{Date, date};
use tempfile::TempDir;
use xabar::config::{Config, Env};
use xabar::db::{Backend, DatabaseUrl};
use xabar::rates::Rates;
use xabar::rates::sources::FeedKey;

use crate::support::rates::{SECRET, Sites, market, path, row_counts, table};
use crate::support::{Bank, Behaviour, TestDatabase};

const RECORDED: &[u8] = include_bytes!("../../../data/rates/nbk-2026-04-01.xml");
const THE_NEXT: &[u8] = include_bytes!("../../../data/rates/nbk-2026-04-02.xml");
const APRIL: [Date; 2] = [date(2026, 4, 1), date(2026, 4, 2)];

/// A terminal: a database, banks that the settings lead to, and a folder for files.
struct Desk {
    database: TestDatabase,
    bank: Bank,
    folder: TempDir,
    market: bool,
}

/// What a command left behind.
#[derive(Debug)]
struct Done {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Desk {
    fn new(backend: Backend) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        Self { database: TestDatabase::new(backend), bank: Bank::start(), folder, market: false }
    }

    /// Runs the command with words that a blank parts.
    fn run(&self, words: &str) -> Done {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xabar"));
        let url = match &self.database.url {
            DatabaseUrl::Sqlite(path) => format!("sqlite://{}", path.display()),
            DatabaseUrl::Postgres(url) => url.clone(),
        };
        command.env_clear().current_dir(self.folder.path()).env("DATABASE_URL", url).env("LOG", "trace");
        command.envs(Sites::variables(&self.bank)).args(words.split_whitespace());
        if self.market {
            command.env("RATES_MARKET_URL", self.bank.at(&path(FeedKey::Market, Date::ZERO)));
        }
        let output = command.output().expect("the command runs");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
        Done { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }

    /// Runs the command, which must succeed, and gives the lines that it printed.
    fn lines(&self, words: &str) -> Vec<String> {
        let done = self.run(words);
        assert_eq!(done.code, Some(0), "{words}: {done:?}");
        done.out.lines().map(str::to_owned).collect()
    }

    fn file(&self, name: &str, content: &[u8]) -> PathBuf {
        let file = self.folder.path().join(name);
        std::fs::write(&file, content).expect("a file");
        Path::new(name).to_owned()
    }

    fn rows(&self) -> [i64; 3] {
        row_counts(&self.database.open())
    }

    /// The paths that were asked for since the last time.
    fn asked(&self) -> Vec<String> {
        let paths = self.bank.requests().into_iter().map(|seen| seen.path).collect();
        self.bank.forget();
        paths
    }

    fn says(&self, feed: FeedKey, day: Date, payload: impl Into<Vec<u8>>) {
        self.bank.on(&path(feed, day), Behaviour::ok(payload));
    }

    /// Has imported a table and one with a fall by 30 %.
    fn a_fall(&self) -> [Vec<String>; 2] {
        let tables = [("steady.xml", APRIL[0], "478.77"), ("fallen.xml", APRIL[1], "335.14")];
        tables.map(|(name, day, usd)| {
            self.file(name, &table(FeedKey::Nbk, day, &[("USD", usd), ("EUR", "549.20")]));
            self.lines(&format!("import rates nbk {name}"))
        })
    }
}

fn on_each(check: impl Fn(&Desk)) {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        println!("{backend:?}");
        check(&Desk::new(backend));
    }
}

/// Asserts that a command failed and says all of these words.
fn failed(done: &Done, code: i32, words: &[&str]) {
    let said = format!("{}{}", done.out, done.err);
    assert_eq!(done.code, Some(code), "{done:?}");
    for word in words {
        assert!(said.contains(word), "{word:?} is missing: {done:?}");
    }
}

#[test]
fn files_are_imported_in_their_order_and_once() {
    on_each(|desk| {
        desk.file("1.xml", RECORDED);
        desk.file("2.xml", THE_NEXT);
        let first = ["1.xml: nbk of 2026-04-01: 39 new", "2.xml: nbk of 2026-04-02: 39 new"];
        assert_eq!(desk.lines("import rates nbk 1.xml 2.xml"), first);
        assert_eq!(desk.rows(), [78, 2, 78]);
        let again = ["1.xml: nbk of 2026-04-01: 39 unchanged", "2.xml: nbk of 2026-04-02: 39 unchanged"];
        assert_eq!(desk.lines("import rates nbk 1.xml 2.xml"), again);
        assert_eq!(desk.rows(), [78, 2, 78]);
    });
}

#[test]
fn both_tables_of_the_kyrgyz_bank_are_told_apart() {
    on_each(|desk| {
        desk.file("a", include_bytes!("../../../data/rates/nbkr-weekly-2026-05.xml"));
        desk.file("b", include_bytes!("../../../data/rates/nbkr-daily-2026-05-24.xml"));
        let lines = ["a: nbkr-weekly of 2026-05-23: 40 new", "b: nbkr-daily of 2026-05-24: 5 new"];
        assert_eq!(desk.lines("import rates nbkr a b"), lines);
    });
}

#[test]
fn a_refused_file_says_why_and_writes_nothing() {
    on_each(|desk| {
        let text = str::from_utf8(RECORDED).expect("UTF-8");
        desk.file("comma.xml", text.replace("478.77", "478,77").as_bytes());
        desk.file("future.xml", text.replace("01.04.2026", "01.04.2126").as_bytes());
        desk.file("page.html", b"<html><body>Request Rejected</body></html>");
        desk.file("huge.xml", &vec![b' '; 3 * 1024 * 1024]);
        for (file, source, words) in [
            ("comma.xml", "nbk", ["refused", "USD/KZT", "478,77"]),
            ("future.xml", "nbk", ["refused", "2126-04-01", "ahead"]),
            ("page.html", "nbt", ["refused", "page.html", "HTML"]),
            ("comma.xml", "cbu", ["refused", "comma.xml", "can't be read"]),
            ("huge.xml", "nbk", ["refused", "huge.xml", "2097152"]),
        ] {
            failed(&desk.run(&format!("import rates {source} {file}")), 1, &words);
        }
        failed(&desk.run("import rates nbk missing.xml"), 1, &["missing.xml"]);
        failed(&desk.run("import rates nbk"), 2, &["<FILES>"]);
        failed(&desk.run("import rates ecb comma.xml"), 2, &["ecb"]);
        assert_eq!(desk.rows(), [0, 0, 0]);
        desk.file("good.xml", RECORDED);
        failed(&desk.run("import rates nbk good.xml comma.xml"), 1, &["good.xml: nbk of 2026-04-01", "refused"]);
        assert_eq!(desk.rows(), [39, 1, 39], "the good file is kept");
    });
}

#[test]
fn a_day_is_fetched() {
    on_each(|desk| {
        desk.says(FeedKey::Nbk, APRIL[0], RECORDED);
        assert_eq!(desk.lines("rates fetch nbk --date 2026-04-01"), ["nbk 2026-04-01: nbk of 2026-04-01: 39 new"]);
        assert_eq!(desk.asked(), ["/nbk/get_rates.cfm?fdate=01.04.2026"]);
        assert_eq!(desk.rows(), [39, 1, 39]);
        desk.says(FeedKey::Nbk, APRIL[1], RECORDED);
        let done = desk.run("rates fetch nbk --date 2026-04-02");
        failed(&done, 1, &["nbk 2026-04-02: refused", "2026-04-01", "asked for"]);
        assert_eq!(desk.rows(), [39, 1, 39]);
    });
}

#[test]
fn what_is_no_day_is_no_argument() {
    on_each(|desk| {
        for words in [
            "nbk --date tomorrow",
            "nbk --date 01.04.2026",
            "nbk --date 2026-02-30",
            "nbk --date 2026-04-01 --from 2026-04-01 --to 2026-04-02",
            "nbk --from 2026-04-01",
            "nbk --to 2026-04-01",
            "--from 2026-04-01 --to 2026-04-02",
            "ecb",
        ] {
            failed(&desk.run(&format!("rates fetch {words}")), 2, &["error:"]);
        }
        failed(&desk.run("rates fetch nbk --from 2026-04-02 --to 2026-04-01"), 1, &["2026-04-02", "after"]);
        assert_eq!((desk.asked(), desk.rows()), (vec![], [0, 0, 0]));
    });
}

#[test]
fn what_is_held_is_listed_and_released() {
    on_each(|desk| {
        assert_eq!(desk.lines("rates held"), ["nothing is held"]);
        let [_, fallen] = desk.a_fall();
        assert_eq!(fallen[0], "fallen.xml: nbk of 2026-04-02: 1 new, 1 held");
        assert!(fallen[1].contains("USD/KZT is held: it moved -30.0 %"), "{fallen:?}");
        let held = desk.lines("rates held");
        let [line] = held.as_slice() else { panic!("{held:?}") };
        for word in ["nbk", "USD/KZT", "335.14 for 1", "2026-04-02", "-30.0 %", "478.77"] {
            assert!(line.contains(word), "{word:?} is missing: {line}");
        }
        let id = line.split_whitespace().next().expect("an id");
        let rows = desk.rows();
        failed(&desk.run(&format!("rates release {id} 9999")), 1, &["no quote 9999"]);
        assert_eq!((desk.rows(), desk.lines("rates held")), (rows, held.clone()), "all or none");
        assert!(desk.lines(&format!("rates release {id}"))[0].contains("USD/KZT"));
        assert_eq!(desk.rows(), [rows[0], rows[1], rows[2] + 1]);
        assert_eq!(desk.lines("rates held"), ["nothing is held"]);
        failed(&desk.run(&format!("rates release {id}")), 1, &["not held"]);
        failed(&desk.run("rates release"), 2, &["<IDS>"]);
    });
}

#[test]
fn another_payload_releases_what_is_held() {
    on_each(|desk| {
        desk.a_fall();
        assert_eq!(desk.lines("import rates nbk fallen.xml"), ["fallen.xml: nbk of 2026-04-02: 2 unchanged"]);
        let other = table(FeedKey::Nbk, APRIL[1], &[("USD", "335.14")]);
        desk.file("other.xml", &other);
        assert_eq!(desk.lines("import rates nbk other.xml"), ["other.xml: nbk of 2026-04-02: 1 released"]);
        assert_eq!(desk.lines("rates held"), ["nothing is held"]);
    });
}

#[test]
fn a_range_is_fetched_and_only_what_is_missing_of_it_again() {
    on_each(|desk| {
        let nbk = |day: i8, usd: &str| {
            let day = date(2026, 4, day);
            desk.says(FeedKey::Nbk, day, table(FeedKey::Nbk, day, &[("USD", usd)]));
        };
        let place = |day: i8| path(FeedKey::Nbk, date(2026, 4, day));
        [(1, "478.77"), (3, "476.10"), (6, "477.30")].into_iter().for_each(|(day, digits)| nbk(day, digits));
        // Of Thursday's table there is nothing yet; the fourth and fifth are a weekend.
        let done = desk.run("rates fetch nbk --from 2026-04-01 --to 2026-04-06");
        failed(&done, 1, &["3 tables fetched, 1 not", "2026-04-02: "]);
        assert_eq!(desk.asked(), [place(1), place(2), place(3), place(6)]);
        nbk(2, "475.09");
        assert_eq!(desk.lines("rates fetch nbk --from 2026-04-01 --to 2026-04-06"), ["1 tables fetched, 0 not"]);
        assert_eq!(desk.asked(), [place(2)]);
        assert_eq!(desk.lines("rates fetch nbk --from 2026-04-01 --to 2026-04-06"), ["0 tables fetched, 0 not"]);
        assert_eq!(desk.asked(), Vec::<String>::new());
        assert_eq!(desk.rows(), [4, 4, 4]);
    });
}

#[test]
fn a_bank_that_asks_for_patience_is_asked_for_nothing_more() {
    on_each(|desk| {
        let place = |day: i8| path(FeedKey::Nbk, date(2026, 4, day));
        desk.says(FeedKey::Nbk, date(2026, 4, 1), table(FeedKey::Nbk, date(2026, 4, 1), &[("USD", "478.77")]));
        desk.bank.on(&place(2), Behaviour::rate_limited(3600));
        let done = desk.run("rates fetch nbk --from 2026-04-01 --to 2026-04-10");
        failed(&done, 1, &["1 tables fetched, 1 not, 6 not asked for", "2026-04-02: "]);
        assert_eq!(desk.asked(), [place(1), place(2)]);
        // What is years ahead is not asked for at all.
        assert_eq!(desk.lines("rates fetch nbk --from 2126-04-01 --to 2126-04-30"), ["0 tables fetched, 0 not"]);
        assert_eq!(desk.asked(), Vec::<String>::new());
    });
}

#[test]
fn a_folder_needs_no_slash_at_its_end() {
    for home in ["http://127.0.0.1:1/banks", "http://127.0.0.1:1/banks/"] {
        let homes = ["RATES_NBKR_URL", "RATES_NBK_URL", "RATES_CBU_URL"].map(|name| (name, home));
        let config = Config::read(&Env::of(&homes)).expect("the addresses are valid");
        let rates = Rates::new(&config.rates).expect("the settings are valid");
        let address = |feed: FeedKey| rates.address(feed.feed(), date(2026, 4, 1)).expect("an address");
        assert_eq!(address(FeedKey::NbkrDaily), "http://127.0.0.1:1/banks/daily.xml");
        assert_eq!(address(FeedKey::Nbk), "http://127.0.0.1:1/banks/get_rates.cfm?fdate=01.04.2026");
        assert_eq!(address(FeedKey::Cbu), "http://127.0.0.1:1/banks/all/2026-04-01/");
    }
}

#[test]
fn the_kyrgyz_bank_and_the_market_have_no_past() {
    on_each(|desk| {
        for (source, name) in [("nbkr", "National Bank of the Kyrgyz Republic"), ("market", "Market feed")] {
            let done = desk.run(&format!("rates fetch {source} --from 2026-04-01 --to 2026-04-06"));
            failed(&done, 1, &[name, "newest table only"]);
            assert!(!done.err.contains("panicked"), "{done:?}");
        }
        assert_eq!((desk.asked(), desk.rows()), (vec![], [0, 0, 0]));
    });
}

#[test]
fn the_kyrgyz_bank_s_newest_table_is_none_of_a_chosen_day() {
    on_each(|desk| {
        desk.says(FeedKey::NbkrDaily, APRIL[0], include_bytes!("../../../data/rates/nbkr-daily-2026-05-24.xml"));
        desk.says(FeedKey::NbkrWeekly, APRIL[0], include_bytes!("../../../data/rates/nbkr-weekly-2026-05.xml"));
        let done = desk.run("rates fetch nbkr --date 2026-04-01");
        assert_eq!((done.code, desk.rows()), (Some(1), [0, 0, 0]), "{done:?}");
        assert_eq!(desk.lines("rates fetch nbkr").len(), 2);
        assert_eq!(desk.rows(), [45, 2, 45]);
    });
}

#[test]
fn the_market_s_key_is_printed_nowhere_even_in_the_finest_log() {
    for (behaviour, logged) in [
        (Behaviour::ok(market("2026-04-01T08:00:00Z", &[("KGS", "87.45")])), false),
        (Behaviour::status(401), false),
        (Behaviour::Reset, true),
        (Behaviour::html(), false),
        (Behaviour::Redirect("https://elsewhere.example/".to_owned()), false),
    ] {
        let desk = Desk { market: true, ..Desk::new(Backend::Sqlite) };
        desk.bank.on(&path(FeedKey::Market, Date::ZERO), behaviour);
        let done = desk.run("rates fetch market");
        assert!(!desk.asked().is_empty(), "{done:?}");
        assert!(!logged || done.err.contains("DEBUG"), "the log is on: {done:?}");
        let shown = format!("{} {}", done.out, done.err);
        assert!(!shown.contains(SECRET) && !shown.contains("app_id"), "{shown}");
    }
}

#[test]
fn a_market_without_an_address_is_not_fetched() {
    on_each(|desk| {
        failed(&desk.run("rates fetch market"), 1, &["no address is configured"]);
        assert_eq!(desk.rows(), [0, 0, 0]);
    });
}
