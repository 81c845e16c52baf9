//! The contract in the repository is the one that is served.

use std::path::Path;

use super::rust_files;

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

/// Two types under one name would both be described as one of them.
#[test]
fn every_schema_has_a_name_of_its_own() {
    let mut names: Vec<String> = Vec::new();
    for (_, text) in rust_files("src") {
        for part in text.split("ToSchema").skip(1) {
            let Some((attributes, declared)) = part.split_once("\npub ") else { continue };
            let mut words = declared.split([' ', '<', ';', '(']);
            let (Some("struct" | "enum"), Some(name)) = (words.next(), words.next()) else { continue };
            let given = attributes.split_once("schema(as = ").and_then(|(_, rest)| rest.split([',', ')']).next());
            names.push(given.unwrap_or(name).to_owned());
        }
    }
    assert!(names.len() > 60, "{} schemas were found", names.len());
    names.sort();
    let doubled: Vec<&String> = names.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| &pair[0]).collect();
    assert!(doubled.is_empty(), "{doubled:?}");
}
