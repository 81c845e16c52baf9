//! Keys that see what is under embargo have a log of their own.

use serde_json::json;
use xabar::access::Scope;

use super::reader::{Reader, export, get, now, revoke_all};
use crate::on_both;
use crate::support::{ArticleBuilder, article};

fn held(slug: &str) -> ArticleBuilder {
    article(slug).with("embargo_until", "2026-06-01T13:00:00Z").with("hero", json!({"url": "/hero.jpg"}))
}

on_both! {
    fn an_embargo_is_seen_by_those_who_may_and_by_nobody_else(app: &TestApp) {
        let (early, plain) = (app.key(&[Scope::ContentEmbargoed]), app.key(&[Scope::ContentRead]));
        app.store([held("held")]);
        let mut reader = Reader::new(app, &early, "mode=full&fields=slug,hero");
        let told = reader.all();
        assert_eq!(told.iter().map(|it| it["op"].as_str()).collect::<Vec<_>>(), [Some("upsert"); 2]);
        assert_eq!((&told[0]["data"]["url"], &told[1]["data"]["slug"]), (&json!("/hero.jpg"), &json!("held")));
        assert_eq!(export(app, &early).0[&1]["embargo_until"], "2026-06-01T13:00:00Z");
        for key in ["", &plain] {
            assert_eq!(Reader::new(app, key, "").lines(), Vec::<String>::new());
            assert_eq!(export(app, key).0.len(), 0);
        }
        let mut public = Reader::new(app, "", "types=article&wait=5").at(&now(app, ""));
        app.set_time("2026-06-01T13:00:00Z");
        assert_eq!(public.lines(), ["upsert article held v1 published"]);
        assert_eq!(reader.lines(), ["upsert media 1 v1 updated", "upsert article held v1 published"]);
    }

    fn an_embargo_takes_a_public_story_from_the_public_alone(app: &TestApp) {
        let early = app.key(&[Scope::ContentEmbargoed]);
        app.store([article("a").with("guid", "g")]);
        let mut public = Reader::new(app, "", "types=article").at(&now(app, ""));
        let mut reader = Reader::new(app, &early, "types=article").at(&now(app, &early));
        app.store([held("the-secret-slug").with("guid", "g")]);
        assert_eq!(public.lines(), ["delete article a v2 unpublished"]);
        assert_eq!(reader.lines(), ["upsert article the-secret-slug v2 updated"]);
        app.store([held("another-secret").with("guid", "g").with("title", "Another")]);
        assert_eq!((public.lines().len(), reader.lines().len()), (0, 1));
        app.store([held("another-secret").with("guid", "g").with("status", "draft")]);
        assert_eq!((public.lines().len(), reader.lines()), (0, vec!["delete article another-secret v4 updated".to_owned()]));
    }

    fn a_revoked_key_is_shown_nothing_more(app: &TestApp) {
        let early = app.key(&[Scope::ContentEmbargoed]);
        let token = now(app, &early);
        std::thread::scope(|scope| {
            let wait = scope.spawn(|| get(app, &early, "wait=20", Some(&token)));
            std::thread::sleep(std::time::Duration::from_millis(600));
            revoke_all(app);
            app.store([held("held")]);
            assert_eq!(wait.join().expect("an answer").status, 401);
        });
    }
}
