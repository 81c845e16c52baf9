//! What the banks published, imported as from files.

use serde_json::Value;
use xabar::config::{Config, Env};
use xabar::rates::Rates;
use xabar::rates::fetching::{Taken, import};
use xabar::rates::queries::Outcome;
use xabar::rates::sources::Source;

use crate::support::TestApp;
use crate::support::rates::market;

/// In force on 24 May 2026.
pub const NBKR_DAILY: &[u8] = include_bytes!("../../../data/rates/nbkr-daily-2026-05-24.xml");
/// In force from 23 May 2026 on.
pub const NBKR_WEEKLY: &[u8] = include_bytes!("../../../data/rates/nbkr-weekly-2026-05.xml");
pub const NBK_1_APRIL: &[u8] = include_bytes!("../../../data/rates/nbk-2026-04-01.xml");
pub const NBK_2_APRIL: &[u8] = include_bytes!("../../../data/rates/nbk-2026-04-02.xml");
pub const NBT_18_MAY: &[u8] = include_bytes!("../../../data/rates/nbt-2026-05-18.xml");
pub const NBT_19_MAY: &[u8] = include_bytes!("../../../data/rates/nbt-2026-05-19.xml");
pub const CBU_1_APRIL: &[u8] = include_bytes!("../../../data/rates/cbu-2026-04-01.json");
pub const CBU_2_APRIL: &[u8] = include_bytes!("../../../data/rates/cbu-2026-04-02.json");

/// Every recorded answer.
pub const RECORDED: [(Source, &[u8]); 8] = [
    (Source::Nbkr, NBKR_DAILY),
    (Source::Nbkr, NBKR_WEEKLY),
    (Source::Nbk, NBK_1_APRIL),
    (Source::Nbk, NBK_2_APRIL),
    (Source::Nbt, NBT_18_MAY),
    (Source::Nbt, NBT_19_MAY),
    (Source::Cbu, CBU_1_APRIL),
    (Source::Cbu, CBU_2_APRIL),
];

/// Imports a table with the settings of an installation that configures nothing. It must be admitted.
pub fn publish(app: &TestApp, source: Source, payload: &[u8]) -> Outcome {
    let config = Config::read(&Env::of(&[])).expect("nothing need be configured");
    let rates = Rates::new(&config.rates).expect("the defaults are valid");
    match import(&app.db, &app.clock, &rates, source, payload).expect("the database works") {
        Ok(Taken::Stored { outcome, .. }) => outcome,
        other => panic!("{source:?}: {other:?}"),
    }
}

/// Imports every recorded answer.
pub fn publish_recorded(app: &TestApp) -> Vec<Outcome> {
    RECORDED.into_iter().map(|(source, payload)| publish(app, source, payload)).collect()
}

/// The market a day ago and now, from which a ticker has the lines that its readers know.
pub fn publish_classic_market(app: &TestApp) {
    // The names do not stand in the ticker's order, so that it can't have the file's.
    let yesterday = [
        ("TMT", "3.4949"),
        ("UZS", "12932.31"),
        ("TJS", "10.8655"),
        ("KGS", "86.73"),
        ("EUR", "0.8801"),
        ("KZT", "497.51"),
    ];
    let today = [
        ("TMT", "3.4998"),
        ("UZS", "12932.31"),
        ("TJS", "10.819"),
        ("KGS", "86.7303"),
        ("EUR", "0.8795"),
        ("KZT", "497.5"),
    ];
    publish(app, Source::Market, &market("2026-05-31T06:00:00Z", &yesterday));
    publish(app, Source::Market, &market("2026-06-01T06:00:00Z", &today));
}

/// GETs a path below `/v1/rates` that must be answered with 200.
pub fn asked(app: &TestApp, path: &str) -> Value {
    let answer = app.get(&format!("/v1/rates{path}"));
    assert_eq!(answer.status, 200, "{path}: {}", String::from_utf8_lossy(&answer.body));
    answer.json()
}

/// GETs a path below `/v1/rates` that must be answered with 404, and says why.
pub fn why_not(app: &TestApp, path: &str) -> String {
    let answer = app.get(&format!("/v1/rates{path}"));
    assert_eq!((answer.status, answer.code().as_str()), (404, "not-found"), "{path}");
    answer.json()["detail"].as_str().unwrap_or_default().to_owned()
}

/// Members of an object, in the order asked for; `a/b` is a member of a member.
pub fn members<const N: usize>(object: &Value, paths: [&str; N]) -> [Value; N] {
    paths.map(|path| object.pointer(&format!("/{path}")).unwrap_or_else(|| panic!("no {path} in {object}")).clone())
}

/// The pairs of objects.
pub fn pairs(list: &Value) -> Vec<&str> {
    list.as_array().expect("a list").iter().map(|one| one["pair"].as_str().expect("a pair")).collect()
}
