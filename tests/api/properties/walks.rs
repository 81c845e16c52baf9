//! Walks through a whole list, the ways in which a client can go.

use serde_json::Value;

use crate::support::TestApp;

/// One page of a walk.
#[derive(Debug)]
pub struct Page {
    /// What names each item: its slug, or where a redirect is from.
    pub names: Vec<String>,
    pub stands: Value,
    pub next: Option<String>,
    pub prev: Option<String>,
}

/// Gets a page.
pub fn page(app: &TestApp, link: &str) -> Page {
    let answer = app.get(link);
    assert_eq!(answer.status, 200, "{link}: {}", String::from_utf8_lossy(&answer.body));
    let json = answer.json();
    let list = json.get("articles").unwrap_or(&json);
    let name = |item: &Value| item.get("slug").unwrap_or(&item["from"]).as_str().expect("a name").to_owned();
    let link = |rel: &str| list["links"][rel].as_str().map(str::to_owned);
    let names = list["data"].as_array().expect("a list has data").iter().map(name).collect();
    Page { names, stands: list["page"].clone(), next: link("next"), prev: link("prev") }
}

/// The whole list by page number, with each page's arithmetic checked.
pub fn by_page(app: &TestApp, list: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for number in 1.. {
        let Page { names, stands, next, .. } = page(app, &format!("{list}&page={number}"));
        let from = if names.is_empty() { 0 } else { all.len() + 1 };
        all.extend(names);
        assert_eq!(stands["from"], from, "{list} page {number}");
        assert_eq!(stands["to"], if from == 0 { 0 } else { all.len() }, "{list} page {number}");
        assert_eq!(next.is_none(), stands["total"] == all.len(), "{list} page {number}: {stands}");
        if from == 0 {
            break;
        }
    }
    all
}

/// The whole list by cursor, and the link back from its last page.
pub fn by_cursor(app: &TestApp, list: &str) -> (Vec<String>, String) {
    let mut here = page(app, &format!("{list}&cursor=*"));
    let mut all = here.names;
    while let Some(next) = &here.next {
        here = page(app, next);
        assert!(!here.names.is_empty(), "a link leads to an empty page: {list}");
        all.extend(here.names);
    }
    let prev = here.prev.unwrap_or_else(|| panic!("the last page has no link back: {list}"));
    (all, prev)
}

/// Everything before the page whose link back this is, in the list's order.
pub fn back(app: &TestApp, prev: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let mut here = page(app, prev);
    while !here.names.is_empty() {
        all.splice(0..0, here.names);
        here = page(app, &here.prev.expect("a page that is not empty has a link back"));
    }
    all
}

/// Checks that all ways through a list give the same items in the same order, each once, and returns them.
pub fn every_way(app: &TestApp, list: &str) -> Vec<String> {
    let all = by_page(app, list);
    let (forward, prev) = by_cursor(app, list);
    assert_eq!(forward, all, "by cursor and by page: {list}");
    let before = back(app, &prev);
    assert!(before.len() < all.len(), "back from the last page: {list}");
    assert_eq!(before, all[..before.len()], "back by cursor: {list}");
    let mut sorted = all.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!(sorted.len(), all.len(), "an item came twice: {list}");
    all
}
