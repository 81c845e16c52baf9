//! Which methods a path takes, for 405 and preflight answers, and who calls it. Read from the OpenAPI document, so that a
//! new route is in it without anyone's doing.

use percent_encoding::percent_decode_str;
use utoipa::openapi::OpenApi;
use utoipa::openapi::path::PathItem;

use crate::text::bytes;

/// The tag of what operators and probes ask.
pub const OPERATIONS: &str = "operations";

/// A path pattern of the service.
#[derive(Clone)]
pub struct Route {
    /// As the document has it: `/v1/tags/{slug}`.
    pub path: String,
    /// How many segments every path of it has, and what it begins with: most are told apart by that.
    segments: usize,
    beginning: String,
    /// The value of `Allow`.
    pub allow: String,
    /// Whether it is for operators and probes, and so never limited.
    pub operational: bool,
    /// Whether a token stands in its path, which is leave to read and not to be logged.
    pub holds_token: bool,
}

/// Every path pattern of the service.
#[derive(Clone)]
pub struct Routes(Vec<Route>);

impl Routes {
    /// The paths of a document.
    pub fn of(document: &OpenApi) -> Self {
        let route = |(path, item): (&String, &PathItem)| Route {
            path: path.clone(),
            segments: segments(path),
            beginning: path.split('{').next().unwrap_or_default().to_owned(),
            allow: allow(item),
            operational: operational(item),
            holds_token: path.contains("{token}"),
        };
        Self(document.paths.paths.iter().map(route).collect())
    }

    /// A path as it may be logged: without the token that stands in it, or seems to.
    pub fn shown<'a>(&'a self, path: &'a str, route: Option<&'a Route>) -> &'a str {
        match route {
            Some(route) if route.holds_token => &route.path,
            Some(_) => path,
            None => {
                let plain = percent_decode_str(path).decode_utf8_lossy().to_lowercase();
                let holds = |route: &&Route| route.holds_token && plain.contains(last_word(&route.beginning));
                self.0.iter().find(holds).map_or(path, |route| &route.path)
            }
        }
    }

    /// The route of a path; `None` when nothing is there.
    pub fn find(&self, path: &str) -> Option<&Route> {
        let segments = segments(path);
        let may = |route: &Route| route.segments == segments && path.starts_with(&route.beginning);
        self.0.iter().find(|route| may(route) && route.fits(path))
    }
}

impl Route {
    /// Whether it is the route of a path, by the rules of actix's router: a parameter is one segment that is not empty.
    fn fits(&self, path: &str) -> bool {
        let mut parts = path.split('/');
        let fits = |own: &str, part: &str| if own.starts_with('{') { !part.is_empty() } else { own == part };
        self.path.split('/').all(|own| parts.next().is_some_and(|part| fits(own, part))) && parts.next().is_none()
    }
}

fn segments(path: &str) -> usize {
    bytes::count(path.as_bytes(), |byte| byte == b'/')
}

/// The last segment of a path that ends with a slash.
fn last_word(path: &str) -> &str {
    path.trim_end_matches('/').rsplit('/').next().unwrap_or(path)
}

fn allow(item: &PathItem) -> String {
    let named = [
        ("GET, HEAD", item.get.is_some()),
        ("POST", item.post.is_some()),
        ("PUT", item.put.is_some()),
        ("PATCH", item.patch.is_some()),
        ("DELETE", item.delete.is_some()),
        ("OPTIONS", true),
    ];
    named.iter().filter(|(_, there)| *there).map(|(name, _)| *name).collect::<Vec<&str>>().join(", ")
}

fn operational(item: &PathItem) -> bool {
    let tags = item.get.iter().flat_map(|operation| operation.tags.iter().flatten());
    tags.into_iter().any(|tag| tag == OPERATIONS)
}
