//! Every surface on which an article can show, and how to see whether it does.

use std::collections::BTreeSet;

use serde_json::Value;

use super::articles::Case;
use crate::support::{Answer, TestApp};

/// What one caller sees.
pub struct View<'a> {
    pub app: &'a TestApp,
    /// Empty for nobody in particular.
    pub key: &'a str,
    /// Of the change feed, from before anything was made.
    pub token: &'a str,
}

impl View<'_> {
    pub fn get(&self, path: &str) -> Answer {
        if self.key.is_empty() { self.app.get(path) } else { self.app.get_as(path, self.key) }
    }

    /// The slugs on each surface that shows many articles at once.
    pub fn crowds(&self) -> Vec<(&'static str, BTreeSet<String>)> {
        let of = |answer: Answer| -> BTreeSet<String> { answer.slugs().into_iter().collect() };
        let page = self.get("/v1/page/tag/all?limit=100").json();
        let on_page =
            page["articles"]["data"].as_array().expect("articles").iter().map(|it| text(&it["slug"])).collect();
        let feed = self.get("/v1/changes?types=article&limit=1000").json();
        let upserts = feed["data"].as_array().expect("data").iter().filter(|it| it["op"] == "upsert");
        let streamed = self.streamed();
        vec![
            ("list", of(self.get("/v1/articles?limit=100"))),
            ("cursor", of(self.get("/v1/articles?cursor=*&limit=100"))),
            ("tag", of(self.get("/v1/articles?tag=all&limit=100"))),
            ("search", of(self.get("/v1/articles?q=matrix&limit=100"))),
            ("page", on_page),
            ("changes", upserts.map(|it| text(&it["slug"])).collect()),
            ("stream", streamed.into_iter().filter(|it| it["op"] == "upsert").map(|it| text(&it["slug"])).collect()),
            ("export", self.exported().into_iter().map(|it| text(&it["slug"])).collect()),
        ]
    }

    /// The tombstones in the change feed.
    pub fn tombstones(&self) -> BTreeSet<String> {
        let feed = self.get("/v1/changes?types=article&limit=1000").json();
        let deletes = feed["data"].as_array().expect("data").iter().filter(|it| it["op"] == "delete");
        deletes.map(|it| text(&it["slug"])).collect()
    }

    fn exported(&self) -> Vec<Value> {
        let body = self.get("/v1/export/articles.ndjson").body;
        let lines = String::from_utf8(body).expect("text");
        let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        lines.into_iter().filter(|line| line["type"] != "end").collect()
    }

    /// The entries of the stream, up to the first pause.
    fn streamed(&self) -> Vec<Value> {
        let since = format!("types=article&since={}", self.token);
        let expected = self.get(&format!("/v1/changes?{since}&limit=1000")).json();
        let expected = expected["data"].as_array().expect("data").len();
        self.app.stream(&format!("/v1/changes/stream?{since}"), self.key, expected)
    }

    /// Whether a case shows on each surface that is about one article.
    pub fn alone(&self, case: &Case) -> Vec<(&'static str, bool)> {
        let Case { name, id, hero, .. } = case;
        let there = |path: &str| self.get(path).status == 200;
        let listed = |path: &str| self.get(path).slugs().contains(&(*name).to_owned());
        let facets = self.get(&format!("/v1/articles?tag=of-{name}&facets=tag,author")).json();
        let redirects = self.get("/v1/redirects?limit=100").each("from");
        let word = name.replace('-', "");
        vec![
            ("detail by slug", there(&format!("/v1/articles/{name}"))),
            ("detail by id", there(&format!("/v1/articles/{id}"))),
            ("corrections", there(&format!("/v1/articles/{name}/corrections"))),
            ("its related", there(&format!("/v1/articles/{id}/related"))),
            ("former slug", self.get(&format!("/v1/articles/former-{name}")).status == 301),
            ("ids", listed(&format!("/v1/articles?ids={id}"))),
            ("author", listed(&format!("/v1/articles?author=by-{name}"))),
            ("own word", listed(&format!("/v1/articles?q={word}"))),
            ("facets", facets["facets"]["tag"].as_array().is_some_and(|it| !it.is_empty())),
            ("media", there(&format!("/v1/media/{hero}"))),
            // What is kept and shown to all is counted and listed for all alike.
            ("public: tag count", self.get(&format!("/v1/tags/of-{name}")).json()["article_count"] == 1),
            ("public: author count", self.get(&format!("/v1/authors/by-{name}")).json()["article_count"] == 1),
            ("public: redirects", redirects.contains(&Value::from(format!("former-{name}")))),
        ]
    }

    /// Whether the tag and the author that only this case names show on each surface that is about them.
    pub fn names(&self, case: &Case) -> Vec<(&'static str, bool)> {
        let name = case.name;
        let (tag, author) = (Value::from(format!("of-{name}")), Value::from(format!("by-{name}")));
        let there = |path: String| self.get(&path).status == 200;
        let listed = |path: &str, slug: &Value| self.get(path).each("slug").contains(slug);
        let told = self.get("/v1/changes?types=tag,author&limit=1000").each("slug");
        let word = name.replace('-', " ");
        vec![
            ("tag", there(format!("/v1/tags/of-{name}"))),
            ("author", there(format!("/v1/authors/by-{name}"))),
            ("tag page", there(format!("/v1/page/tag/of-{name}"))),
            ("tags", listed("/v1/tags?limit=100", &tag)),
            ("tags by name", listed(&format!("/v1/tags?q={word}&cursor=*&limit=100"), &tag)),
            ("authors", listed("/v1/authors?limit=100", &author)),
            ("tag in changes", told.contains(&tag)),
            ("author in changes", told.contains(&author)),
        ]
    }
}

fn text(value: &Value) -> String {
    value.as_str().expect("text").to_owned()
}
