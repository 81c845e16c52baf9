//! The contract in the repository is the one that is served.

use std::path::Path;

const MEND: &str = "cargo run -- openapi";

#[test]
fn the_committed_openapi_is_what_the_code_serves() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi/openapi.json");
    let committed = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{error}; make it with: {MEND}"));
    let served = xabar::openapi::text().expect("the document can be written");
    if committed != served {
        let same = committed.lines().zip(served.lines()).take_while(|(a, b)| a == b).count();
        let line = |text: &str| text.lines().nth(same).unwrap_or("(the end)").to_owned();
        panic!(
            "openapi/openapi.json differs from what the code serves at line {}:\n  committed: {}\n  served:    {}\nmend it with: {MEND}",
            same + 1,
            line(&committed),
            line(&served)
        );
    }
}

#[test]
fn a_server_serves_the_committed_openapi() {
    let app = crate::support::TestApp::start(crate::support::Backend::Sqlite);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi/openapi.json");
    let committed: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(path).expect("text")).expect("JSON");
    assert!(app.get("/v1/openapi.json").json() == committed, "mend it with: {MEND}");
}
