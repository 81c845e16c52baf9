//! Which scope each operation on tags, authors, media and rates needs: none of them works without it.

use reqwest::Method;
use serde_json::{Value, json};
use strum::VariantArray;
use xabar::access::Scope;

use super::trail::{audit_rows, outcome};
use crate::on_both;

/// Method, path, body, and the scope.
fn operations() -> Vec<(Method, &'static str, Value, Scope)> {
    use Scope::{ContentRead, ContentWrite, RatesWrite};
    let (get, post, patch) = (Method::GET, Method::POST, Method::PATCH);
    vec![
        (get.clone(), "/v1/manage/tags", Value::Null, ContentRead),
        (get.clone(), "/v1/manage/tags/t", Value::Null, ContentRead),
        (post.clone(), "/v1/manage/tags", json!({"name": "New"}), ContentWrite),
        (patch.clone(), "/v1/manage/tags/t", json!({"name": "New"}), ContentWrite),
        (post.clone(), "/v1/manage/tags/t/aliases", json!({"slug": "another"}), ContentWrite),
        (Method::DELETE, "/v1/manage/tags/t/aliases/tt", json!({}), ContentWrite),
        (post.clone(), "/v1/manage/tags/t/merge", json!({"into": "u"}), ContentWrite),
        (get.clone(), "/v1/manage/authors", Value::Null, ContentRead),
        (get.clone(), "/v1/manage/authors/w", Value::Null, ContentRead),
        (post.clone(), "/v1/manage/authors", json!({"name": "New"}), ContentWrite),
        (patch.clone(), "/v1/manage/authors/w", json!({"name": "New"}), ContentWrite),
        (get.clone(), "/v1/manage/media", Value::Null, ContentRead),
        (get.clone(), "/v1/manage/media/1", Value::Null, ContentRead),
        (post.clone(), "/v1/manage/media", json!({"url": "/new.jpg"}), ContentWrite),
        (patch, "/v1/manage/media/1", json!({"alt": "New"}), ContentWrite),
        (get, "/v1/manage/rates", Value::Null, RatesWrite),
        (post, "/v1/manage/rates/1/release", json!({}), RatesWrite),
    ]
}

on_both! {
    fn every_operation_needs_its_scope_and_no_other_will_do(app: &TestApp) {
        app.put(&json!({"type": "tag", "slug": "t", "name": "T", "aliases": ["tt"]}));
        app.put(&json!({"type": "tag", "slug": "u", "name": "U"}));
        app.put(&json!({"type": "author", "slug": "w", "name": "W"}));
        app.put(&json!({"type": "media", "guid": "m", "url": "/m.jpg"}));
        let known = app.log_length();
        for (method, path, body, needed) in operations() {
            let at = format!("{method} {path}");
            let send = |key: &str| outcome(&app.send(method.clone(), path, key, &[("If-Match", "*")], &body));
            assert_eq!(send(""), (401, "unauthorized".into()), "{at}");
            let others: Vec<Scope> = Scope::VARIANTS.iter().copied().filter(|scope| *scope != needed).collect();
            assert_eq!(send(&app.key(&others)), (403, "forbidden".into()), "{at}");
        }
        assert_eq!((app.log_length(), audit_rows(app)), (known, vec![]), "nothing was written");
        for (method, path, body, needed) in operations() {
            let answer = app.send(method.clone(), path, &app.key(&[needed]), &[("If-Match", "*")], &body);
            let expected: &[u16] = if path.ends_with("release") { &[404] } else { &[200, 201] };
            assert!(expected.contains(&answer.status), "{method} {path}: {}", answer.status);
            assert_eq!(answer.header("cache-control"), "no-store", "{method} {path}");
        }
    }

    fn a_parameter_that_nobody_knows_is_refused(app: &TestApp) {
        app.put(&json!({"type": "tag", "slug": "t", "name": "T", "aliases": ["tt"]}));
        let key = app.key(Scope::VARIANTS);
        for (method, path, body, _) in operations() {
            let answer = app.send(method.clone(), &format!("{path}?force=true"), &key, &[("If-Match", "*")], &body);
            assert_eq!(outcome(&answer), (400, "unknown-parameter".into()), "{method} {path}");
        }
    }
}
