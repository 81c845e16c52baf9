//! The tag page on the wire.

use serde::Serialize;
use utoipa::ToSchema;

use crate::articles::ArticleList;
use crate::http::sparse::Json;
use crate::rates::ticker::Ticker;
use crate::tags::Tag;

/// The ticker, and a tag with a page of its articles, read in one snapshot.
#[derive(Debug, Serialize, ToSchema)]
pub struct TagPage {
    /// Official rates against USD, in the language of the `lang` filter where it is one of the ticker's, else in English.
    #[schema(value_type = Ticker)]
    pub ticker: Json,
    pub tag: Tag,
    pub articles: ArticleList,
}
