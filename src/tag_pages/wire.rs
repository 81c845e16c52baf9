//! The tag page on the wire.

use utoipa::ToSchema;

use crate::articles::ArticleList;
use crate::http::sparse::Json;
use crate::rates::ticker::Ticker;
use crate::tags::Tag;

/// The ticker, and a tag with a page of its articles.
#[derive(Debug, ToSchema)]
pub struct TagPage {
    /// Official rates against USD, in the language of the `lang` filter where it is one of the ticker's, else in English.
    #[schema(value_type = Ticker)]
    pub ticker: Json,
    pub tag: Tag,
    pub articles: ArticleList,
}

impl TagPage {
    /// Appends the page in JSON.
    pub fn write(&self, out: &mut Vec<u8>) -> serde_json::Result<()> {
        let Self { ticker, tag, articles } = self;
        out.reserve(ticker.get().len() + tag.description.len() + articles.length() + 1024);
        out.extend_from_slice(br#"{"ticker":"#);
        out.extend_from_slice(ticker.get().as_bytes());
        out.extend_from_slice(br#","tag":"#);
        serde_json::to_writer(&mut *out, tag)?;
        out.extend_from_slice(br#","articles":"#);
        articles.write(out)?;
        out.push(b'}');
        Ok(())
    }
}
