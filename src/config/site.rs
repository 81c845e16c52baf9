//! The publisher's own site, which this API is not.

use super::{ConfigError, Env, Variable};

const ARTICLE_URL: Variable = Variable {
    name: "ARTICLE_URL",
    default: "/articles/{slug}",
    about: "Address of an article on your site, {slug} in the place of its slug",
};
pub(super) const VARIABLES: &[Variable] = &[ARTICLE_URL];

/// How the site that shows the articles is laid out.
#[derive(Debug, Clone)]
pub struct SiteConfig {
    pub article_url: String,
}

impl SiteConfig {
    /// Reads its variables.
    pub fn read(env: &Env<'_>) -> Result<Self, ConfigError> {
        let article_url = env.get(&ARTICLE_URL);
        if !article_url.contains("{slug}") {
            return Err(ConfigError { name: ARTICLE_URL.name, reason: format!("{article_url:?} has no {{slug}}") });
        }
        Ok(Self { article_url })
    }
}
