//! Which methods a path takes, for 405 and preflight answers. Read from the OpenAPI document, so that a new route is in
//! it without anyone's doing.

use actix_web::dev::{Path, ResourceDef};
use utoipa::openapi::OpenApi;

/// Every path pattern of the service. All of them are read by GET, and so by HEAD.
#[derive(Clone)]
pub struct Routes {
    patterns: Vec<(ResourceDef, String)>,
}

impl Routes {
    /// The paths of a document.
    pub fn of(document: &OpenApi) -> Self {
        let patterns = document.paths.paths.iter().map(|(path, item)| {
            let named = [
                ("GET, HEAD", item.get.is_some()),
                ("POST", item.post.is_some()),
                ("PUT", item.put.is_some()),
                ("PATCH", item.patch.is_some()),
                ("DELETE", item.delete.is_some()),
                ("OPTIONS", true),
            ];
            let methods: Vec<&str> = named.iter().filter(|(_, there)| *there).map(|(name, _)| *name).collect();
            (ResourceDef::new(path.as_str()), methods.join(", "))
        });
        Self { patterns: patterns.collect() }
    }

    /// The `Allow` of a path; `None` when nothing is there.
    pub fn allow(&self, path: &str) -> Option<&str> {
        let mut path = Path::new(path);
        self.patterns.iter().find(|(pattern, _)| pattern.capture_match_info(&mut path)).map(|(_, allow)| allow.as_str())
    }
}
