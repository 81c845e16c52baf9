//! Builders of content. What a test doesn't say is plausible and fixed.

use serde_json::{Value, json};

/// An article in the making: an NDJSON record.
#[derive(Debug, Clone)]
pub struct ArticleBuilder(Value);

/// A published article in English with a short body.
pub fn article(slug: &str) -> ArticleBuilder {
    ArticleBuilder(json!({
        "slug": slug, "title": format!("Title of {slug}"), "kind": "news", "lang": "en", "status": "published",
        "published_at": "2026-05-01T09:00:00Z", "body": format!("<p>Body of {slug}.</p>"), "authors": [], "tags": []
    }))
}

impl ArticleBuilder {
    /// Sets a member of the record.
    pub fn with(mut self, member: &str, value: impl Into<Value>) -> Self {
        self.0[member] = value.into();
        self
    }

    /// Adds tags, whose names are their slugs.
    pub fn tags(mut self, slugs: &[&str]) -> Self {
        let tags = self.0["tags"].as_array_mut().expect("tags are a list");
        tags.extend(slugs.iter().map(|slug| json!({"slug": slug, "name": slug})));
        self
    }

    /// Adds an author, whose name is the slug.
    pub fn author(mut self, slug: &str) -> Self {
        self.0["authors"].as_array_mut().expect("authors are a list").push(json!({"slug": slug, "name": slug}));
        self
    }

    /// Sets when it was published.
    pub fn at(self, published_at: &str) -> Self {
        self.with("published_at", published_at)
    }

    /// Makes it a killed story.
    pub fn killed(self, reason: &str) -> Self {
        self.with("status", "killed").with("kill", json!({"at": "2026-05-20T09:00:00Z", "reason": reason}))
    }

    /// The record as a line of NDJSON.
    pub fn line(&self) -> String {
        self.0.to_string()
    }
}
