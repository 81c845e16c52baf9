//! Whatever is written, an answer from memory is what the handler would answer now.

use serde_json::Value;

use super::count;
use crate::on_both;
use crate::support::{Answer, Newsroom, Random};

/// What is asked in every round, so that much of it is in memory when something changes.
fn paths(random: &mut Random) -> Vec<String> {
    let fixed = [
        "/v1/articles",
        "/v1/articles?limit=3&page=2",
        "/v1/articles?sort=title&limit=5",
        "/v1/articles?sort=-updated_at&limit=5",
        "/v1/articles?lang=ru",
        "/v1/articles?kind=page",
        "/v1/articles?kind=page&tag=kz",
        "/v1/articles?q=title&limit=4",
        "/v1/articles?facets=tag,author,lang,kind",
        "/v1/articles?tag=energy",
        "/v1/articles?tag=water&limit=2&page=2",
        "/v1/articles?tag=energy&lang=ru",
        "/v1/articles?tags_any=kz,water",
        "/v1/articles?tags_all=kz,water",
        "/v1/articles?tags_none=energy&limit=5",
        "/v1/articles?tag=kz&q=title",
        "/v1/articles?tag=kz&author=dina",
        "/v1/articles?author=dina",
        "/v1/articles?author=timur&cursor=*",
        "/v1/articles?ids=1,2,3,4,5,6,7,8",
        "/v1/articles?tag=kz&cursor=*&count=exact",
        "/v1/page/tag/energy",
        "/v1/page/tag/kz?limit=2",
        "/v1/tags",
        "/v1/tags?sort=-article_count",
        "/v1/tags/kz",
        "/v1/authors",
        "/v1/authors/asel",
        "/v1/redirects",
        "/v1/rates/ticker",
    ];
    let mut paths: Vec<String> = fixed.map(str::to_owned).into();
    for _ in 0..12 {
        let id = 1 + random.below(70);
        paths.extend([
            format!("/v1/articles/{id}"),
            format!("/v1/articles/{id}/corrections"),
            format!("/v1/media/{id}"),
        ]);
    }
    paths
}

/// What is compared: all but what is each request's own, the choice of related stories, which may be a minute old, and until
/// when it is true.
fn essence(answer: &Answer) -> (u16, Value, Vec<String>) {
    let mut json = answer.json();
    let related = json.as_object_mut().and_then(|object| object.remove("related"));
    json.as_object_mut().and_then(|object| object.remove("request_id"));
    let of_tag = if related.is_none() && answer.status == 200 { ["etag", "surrogate-key"] } else { ["", ""] };
    let named = ["link", "x-total-count", "vary", "content-type"].into_iter().chain(of_tag);
    let headers = named.filter(|name| !name.is_empty()).map(|name| answer.header(name).to_owned()).collect();
    (answer.status, json, headers)
}

/// The numbers in `Cache-Control`.
fn seconds(answer: &Answer) -> Vec<u32> {
    let parts = answer.header("cache-control").split(|c: char| !c.is_ascii_digit());
    parts.filter_map(|part| part.parse().ok()).collect()
}

on_both! {
    fn an_answer_from_memory_is_the_present_one(app: &TestApp) {
        let plain = app.beside(&[("KEPT_ANSWERS_MB", "0")]);
        let mut random = Random::seeded(0x6e65_7773);
        let mut newsroom = Newsroom::new(app, random.clone());
        newsroom.work(120);
        let rounds = if cfg!(debug_assertions) { 60 } else { 300 };
        for round in 0..rounds {
            let paths = paths(&mut random);
            // Into memory, all of it twice; then a few changes; then everything is compared.
            for path in &paths {
                app.get(path);
            }
            match random.one_in(4) {
                true => newsroom.work(1 + random.below(3)),
                false => newsroom.write(1 + random.below(3)),
            }
            let token = app.consistency_token();
            for path in &paths {
                let (kept, present) = (app.get(path), plain.get_with(path, &[("Consistency-Token", &token)]));
                assert_eq!(essence(&kept), essence(&present), "round {round}: {path}");
                // What was next when it was kept may be off by now: it then says less than it could, and never more.
                let (said, true_for) = (seconds(&kept), seconds(&present));
                assert!(said.iter().zip(&true_for).all(|(said, limit)| said <= limit), "round {round}: {path}: {said:?} {true_for:?}");
            }
        }
        assert!(count(app, "memory") > 500, "too little of it was in memory");
    }
}
