//! Tokens: opaque, sealed, and good after a restart.

use super::reader::{Reader, get, now};
use crate::on_both;
use crate::support::{Backend, TestApp, article};
use xabar::access::Scope;

on_both! {
    fn now_is_an_empty_page_with_the_token_of_the_present(app: &TestApp) {
        app.store([article("a")]);
        let answer = get(app, "", "", Some("now")).json();
        assert_eq!((answer["data"].as_array().map(Vec::len), &answer["has_more"]), (Some(0), &false.into()));
        let token = answer["token"].as_str().expect("a token").to_owned();
        app.store([article("b")]);
        assert_eq!(Reader::new(app, "", "").at(&token).lines(), ["upsert article b v1 published"]);
        assert_eq!(Reader::new(app, "", "").at(&token).lines(), ["upsert article b v1 published"], "as often as one likes");
    }

    fn an_empty_log_has_a_token_too(app: &TestApp) {
        let mut reader = Reader::new(app, "", "");
        assert_eq!(reader.page(), (vec![], false));
        app.store([article("a")]);
        assert_eq!(reader.lines(), ["upsert article a v1 published"]);
    }

    fn an_altered_token_is_refused(app: &TestApp) {
        app.store([article("a")]);
        let token = now(app, "");
        let cursor = app.get("/v1/articles?limit=1&cursor=*").json()["links"]["prev"].as_str().expect("a link").to_owned();
        let cursor = cursor.split("cursor=").nth(1).and_then(|it| it.split('&').next()).expect("a cursor").to_owned();
        for wrong in [format!("{token}A"), token[1..].to_owned(), "1".to_owned(), cursor, token.to_lowercase()] {
            let answer = get(app, "", "", Some(&wrong));
            assert_eq!((answer.status, answer.code().as_str()), (400, "sync-token-invalid"), "{wrong}");
            assert_eq!(answer.json()["errors"][0]["parameter"], "since");
        }
    }

    fn a_token_is_for_those_who_see_the_same(app: &TestApp) {
        let (one, other) = (app.key(&[Scope::ContentEmbargoed]), app.key(&[Scope::ContentEmbargoed, Scope::ContentRead]));
        let plain = app.key(&[Scope::ContentRead]);
        let (early, public) = (now(app, &one), now(app, ""));
        assert_eq!(get(app, &other, "", Some(&early)).status, 200);
        assert_eq!(get(app, &plain, "", Some(&public)).status, 200);
        for (key, token) in [("", &early), (plain.as_str(), &early), (one.as_str(), &public)] {
            let answer = get(app, key, "", Some(token));
            assert_eq!((answer.status, answer.code().as_str()), (400, "sync-token-invalid"));
        }
    }
}

#[test]
fn a_token_is_good_in_every_process_with_the_secret() {
    let (one, other) = (TestApp::start(Backend::Sqlite), TestApp::start(Backend::Postgres));
    for app in [&one, &other] {
        app.store([article("a"), article("b")]);
    }
    let mut reader = Reader::new(&one, "", "limit=1");
    reader.page();
    let token = reader.token.expect("a token");
    assert_eq!(Reader::new(&other, "", "").at(&token).lines(), ["upsert article b v1 published"]);
}
