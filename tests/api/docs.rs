//! `/docs` and `/v1/openapi.json`.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use strum::VariantArray;
use xabar::http::Code;

use crate::support::{Backend, TestApp};

/// The addresses that a page loads: the values of `src` and `href`.
fn loads(html: &str) -> Vec<String> {
    let attribute = |name: &'static str| html.split(name).skip(1).filter_map(|rest| rest.split('"').next());
    [" src=\"", " href=\""].into_iter().flat_map(attribute).map(str::to_owned).collect()
}

#[test]
fn docs_leads_to_the_page() {
    let app = TestApp::start(Backend::Sqlite);
    let answer = app.get("/docs");
    assert_eq!((answer.status, answer.header("location")), (302, "/docs/"));
}

#[test]
fn the_page_and_all_that_it_loads_come_from_this_server() {
    let app = TestApp::start(Backend::Sqlite);
    let page = app.get("/docs/");
    assert_eq!(page.status, 200);
    assert!(page.header("content-type").starts_with("text/html"), "{}", page.header("content-type"));
    let files = loads(&String::from_utf8(page.body).expect("text"));
    assert!(files.len() >= 4, "{files:?}");
    for file in files {
        assert!(!file.contains("//"), "{file} is on another host");
        let answer = app.get(&format!("/docs/{}", file.trim_start_matches("./")));
        assert_eq!(answer.status, 200, "{file}");
        assert!(!answer.body.is_empty(), "{file}");
    }
}

#[test]
fn the_page_shows_our_contract_and_asks_no_validator_elsewhere() {
    let app = TestApp::start(Backend::Sqlite);
    let script = String::from_utf8(app.get("/docs/swagger-initializer.js").body).expect("text");
    assert!(script.contains("/v1/openapi.json"), "{script}");
    // Without this line the page loads a badge from validator.swagger.io, and tells it the address of the contract.
    assert!(script.contains(r#""validatorUrl": "none""#), "{script}");
    assert!(!script.contains("http://") && !script.contains("https://"), "{script}");
}

#[test]
fn a_file_that_is_not_there_is_a_problem() {
    let app = TestApp::start(Backend::Sqlite);
    let answer = app.get("/docs/nothing.js");
    assert_eq!((answer.status, &answer.json()["code"]), (404, &json!("not-found")));
    assert_eq!(app.get("/docs/..%2f..%2fCargo.toml").status, 404);
}

#[test]
fn the_page_of_errors_lists_every_code_with_its_status() {
    let app = TestApp::start(Backend::Sqlite);
    let answer = app.get("/docs/errors");
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/html; charset=utf-8"));
    let page = String::from_utf8(answer.body).expect("text");
    assert_eq!(page.matches("<tr id=").count(), Code::VARIANTS.len());
    for code in Code::VARIANTS {
        let (name, status, title) = (code.as_ref(), code.status().as_u16(), code.title());
        let row = format!("<tr id=\"{name}\"><td><code>{name}</code></td><td>{status}</td><td>{title}</td><td>");
        assert!(page.contains(&row), "{name}");
    }
    assert!(!page.contains("://"), "no other host");
}

#[test]
fn a_problem_links_to_its_row() {
    let app = TestApp::start(Backend::Sqlite);
    let type_ = app.get("/v1/articles/nothing").json()["type"].as_str().expect("a type").to_owned();
    let (page, row) = type_.split_once('#').expect("a row");
    let page = String::from_utf8(app.get(page).body).expect("text");
    assert!(page.contains(&format!("id=\"{row}\"")), "{type_}");
}

fn contract() -> Value {
    TestApp::start(Backend::Sqlite).get("/v1/openapi.json").json()
}

/// Every operation with its path and method.
fn operations(contract: &Value) -> Vec<(String, &Value)> {
    let paths = contract["paths"].as_object().expect("paths");
    let each = |(path, item)| {
        let item: &Value = item;
        let methods = item.as_object().expect("methods").iter();
        methods.map(move |(method, operation)| (format!("{method} {path}"), operation)).collect::<Vec<_>>()
    };
    paths.iter().flat_map(each).collect()
}

#[test]
fn the_contract_is_openapi_3_1_in_json() {
    let answer = TestApp::start(Backend::Sqlite).get("/v1/openapi.json");
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
    let json = answer.json();
    assert_eq!((&json["openapi"], &json["info"]["title"]), (&json!("3.1.0"), &json!("xabar")));
    assert_eq!(json["info"]["version"], json!(env!("CARGO_PKG_VERSION")));
}

#[test]
fn every_operation_is_named_summed_up_and_grouped() {
    let contract = contract();
    let tags: BTreeSet<&str> =
        contract["tags"].as_array().expect("tags").iter().filter_map(|tag| tag["name"].as_str()).collect();
    let mut names = BTreeSet::new();
    let operations = operations(&contract);
    assert!(operations.len() >= 14, "{}", operations.len());
    for (at, operation) in operations {
        let name = operation["operationId"].as_str().unwrap_or_else(|| panic!("{at} has no operationId"));
        assert!(names.insert(name), "{at}: {name} is taken");
        let verb = name.split('_').next().unwrap_or_default();
        let reads = matches!(verb, "get" | "list" | "convert" | "stream" | "export" | "health");
        assert_eq!(reads, !is_write(&at), "{at}: {name}");
        assert!(operation["summary"].as_str().is_some_and(|text| text.len() > 8), "{at} has no summary");
        let groups: Vec<&str> = operation["tags"].as_array().expect("tags").iter().filter_map(Value::as_str).collect();
        assert!(groups.len() == 1 && tags.contains(groups[0]), "{at}: {groups:?}");
    }
}

#[test]
fn every_parameter_says_what_it_takes() {
    // A list has an answer without any; there is nothing to convert without these.
    let needed = ["from", "to", "amount"];
    for (at, operation) in operations(&contract()) {
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let name = parameter["name"].as_str().expect("a name");
            let schema = &parameter["schema"];
            let shown =
                parameter.get("example").is_some() || schema.get("example").is_some() || schema.get("enum").is_some();
            assert!(shown || parameter["description"].is_string(), "{at}: {name} has no example and no description");
            assert!(schema.is_object(), "{at}: {name} has no schema");
            let of_write = parameter["in"] == "header" && matches!(name, "Idempotency-Key" | "If-Match");
            let of_stream = parameter["in"] == "header" && name == "Last-Event-ID" && at.ends_with("/stream");
            let elsewhere = matches!(parameter["in"].as_str(), Some("query" | "path"));
            assert!(elsewhere || of_stream || of_write && is_write(&at), "{at}: {name}");
            let required = parameter["in"] == "path" || at.ends_with("/convert") && needed.contains(&name);
            assert_eq!(parameter["required"] == json!(true), required, "{at}: {name}");
        }
    }
}

#[test]
fn every_operation_documents_its_errors() {
    for (at, operation) in operations(&contract()) {
        let responses = operation["responses"].as_object().expect("responses");
        assert!(responses.contains_key("200") || responses.contains_key("201"), "{at} documents no success");
        for status in ["400", "401", "500"] {
            assert!(responses.contains_key(status), "{at} does not document {status}");
        }
        let limited = operation["tags"] != json!(["operations"]);
        assert_eq!(responses.contains_key("429"), limited, "{at}");
        let keyed: &[&str] = if needs_key(operation) { &["403", "503"] } else { &[] };
        let writes: &[&str] = if is_write(&at) { &["409", "422"] } else { &[] };
        for status in [keyed, writes].concat() {
            assert!(responses.contains_key(status), "{at} does not document {status}");
        }
        for (status, response) in responses {
            assert!(response["description"].as_str().is_some_and(|text| !text.is_empty()), "{at} {status}");
            let error = status.parse::<u16>().expect("a status") >= 400;
            let schema = &response["content"]["application/problem+json"]["schema"]["$ref"];
            let expected = if error { json!("#/components/schemas/Problem") } else { Value::Null };
            assert_eq!(schema, &expected, "{at} {status}");
        }
        if operation["parameters"].as_array().into_iter().flatten().any(|parameter| parameter["in"] == "path") {
            assert!(responses.contains_key("404"), "{at} does not document 404");
        }
    }
}

#[test]
fn every_answer_that_is_cached_documents_its_304_and_headers() {
    for (at, operation) in operations(&contract()) {
        let ok = &operation["responses"]["200"];
        let streams =
            ["text/event-stream", "application/x-ndjson"].iter().any(|form| ok["content"].get(form).is_some());
        let passing = ok["headers"]["Cache-Control"]["description"] == "`no-store`";
        if operation["tags"] == json!(["operations"]) || needs_key(operation) || streams || passing {
            assert!(operation["responses"].get("304").is_none(), "{at}");
            continue;
        }
        assert!(operation["responses"]["304"].is_object(), "{at}");
        for header in ["ETag", "Cache-Control", "Vary"] {
            assert!(operation["responses"]["200"]["headers"][header].is_object(), "{at}: {header}");
        }
    }
}

#[test]
fn the_contract_lists_every_code() {
    let contract = contract();
    let codes = &contract["components"]["schemas"]["Code"]["enum"];
    let expected: Vec<&str> = Code::VARIANTS.iter().map(AsRef::as_ref).collect();
    assert_eq!(codes, &json!(expected));
}

/// Whether it is for keys alone, and so never cached.
fn needs_key(operation: &Value) -> bool {
    operation["security"][0]["key"].is_array()
}

/// Whether it writes: such operations take the headers of preconditions and repetition.
fn is_write(at: &str) -> bool {
    !at.starts_with("get ")
}

#[test]
fn every_operation_of_the_newsroom_needs_a_key_with_a_scope() {
    for (at, operation) in operations(&contract()) {
        assert_eq!(at.contains("/v1/manage/"), needs_key(operation), "{at}");
        assert_eq!(operation["tags"] == json!(["newsroom"]), needs_key(operation), "{at}");
        if needs_key(operation) {
            assert!(operation["security"][0]["key"][0].is_string(), "{at} names no scope");
        }
    }
}

/// What a `$ref`, or the first of several schemas that is not null, leads to.
fn resolved<'a>(contract: &'a Value, schema: &'a Value) -> &'a Value {
    let one = ["oneOf", "allOf"].iter().find_map(|of| schema[of].as_array()?.iter().find(|one| one["type"] != "null"));
    match (schema["$ref"].as_str(), one) {
        (Some(reference), _) => {
            resolved(contract, contract.pointer(reference.trim_start_matches('#')).expect("it leads somewhere"))
        }
        (None, Some(one)) => resolved(contract, one),
        (None, None) => schema,
    }
}

/// The names of members that are objects, or lists of them, below a schema.
fn members_with_members(contract: &Value, schema: &Value, found: &mut BTreeSet<String>) {
    for (name, member) in schema["properties"].as_object().into_iter().flatten() {
        let member = resolved(contract, member);
        let inner = if member["items"].is_null() { member } else { resolved(contract, &member["items"]) };
        if inner["properties"].is_object() {
            found.insert(name.clone());
            members_with_members(contract, inner, found);
        }
    }
}

#[test]
fn a_body_is_searched_for_lists_in_the_place_of_every_object_that_it_may_hold() {
    let (contract, mut found) = (contract(), BTreeSet::new());
    for (at, operation) in operations(&contract) {
        let body = &operation["requestBody"]["content"]["application/json"]["schema"];
        if at.contains("/v1/manage/") && !body.is_null() {
            members_with_members(&contract, resolved(&contract, body), &mut found);
        }
    }
    assert_eq!(found, xabar::manage::OBJECTS.map(str::to_owned).into());
}

/// Every `$ref` below a value.
fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|member| references(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_schema_says_what_it_is() {
    let contract = contract();
    let mut found = BTreeSet::new();
    references(&contract, &mut found);
    assert!(found.len() > 10, "{found:?}");
    for reference in found {
        let pointer = reference.trim_start_matches('#');
        assert!(contract.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
    for (name, schema) in contract["components"]["schemas"].as_object().expect("schemas") {
        assert!(schema["description"].is_string(), "{name} has no description");
    }
}
