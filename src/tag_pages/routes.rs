//! `/v1/page/tag`.

use actix_web::{Either, HttpResponse, get, web};

use super::Tickers;
use super::wire::TagPage;
use crate::access::Caller;
use crate::articles::params::{CardShape, ListQuery};
use crate::articles::{Lists, PageRequest};
use crate::changes::{Audience, Part};
use crate::http::paging::PagingParams;
use crate::http::{Answer, PathKey, Problem, ProblemBody, Shared, moved};
use crate::rates::Rates;
use crate::rates::names::Lang;
use crate::tags::Tag;
use crate::tags::rows::TagWhole;

/// Get a tag page.
///
/// The ticker, the tag and a page of its articles in one request, with the parameters of the list of articles. An alias
/// answers 301.
#[utoipa::path(
    tag = "pages",
    params(
        ("slug" = String, Path, description = "Slug of a tag, or an alias.", min_length = 1, max_length = 200, pattern = "^[^\\x00-\\x1f\\x7f-\\x9f]+$", example = "azerbaijan"),
        ListQuery, CardShape, PagingParams
    ),
    responses(
        (status = 200, description = "The tag page.", body = TagPage),
        (status = 301, description = "It is an alias.", headers(("Location" = String))),
        (status = 404, description = "There is no such tag.", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[get("/page/tag/{slug}")]
pub async fn get_tag_page(
    context: Shared,
    caller: Caller,
    rates: web::Data<Rates>,
    tickers: web::Data<Tickers>,
    lists: web::Data<Lists>,
    slug: PathKey,
    mut params: PageRequest,
) -> Result<Either<Answer, HttpResponse>, Problem> {
    let audience = Audience::of(&caller);
    params.given.seen_by(audience.as_ref());
    let query = params.query(&context, audience)?;
    let lang = params.lang().map_or(Lang::En, Lang::nearest);
    let (ticker, rates_change) = tickers.now(&context, &rates, lang).await?;
    let (tag, page) = match query.load_of_tag(&context, &lists, slug.0.clone()).await? {
        Ok(read) => read,
        Err(Some(to)) => {
            return Ok(Either::Right(moved(&to, |slug| params.moved(&context, &format!("/v1/page/tag/{slug}")))));
        }
        Err(None) => return Err(Problem::not_found("tag", &slug.0)),
    };
    let next_change = page.next_change().map_or(rates_change, |change| change.min(rates_change));
    let TagWhole { tag, aliases } = tag.as_ref();
    let parts = [Part::Rates, Part::Tag(tag.id), Part::ArticlesOfTag(tag.id)];
    let (made_of, shown, freshness) = (page.made_of(), page.shown(), context.freshness(Some(next_change)));
    let articles = params.render(&context, page)?;
    let page = TagPage { ticker, tag: Tag::new(tag.clone(), aliases), articles };
    let answer = Answer::written(|out| page.write(out), freshness)?.paged(&page.articles.page, &page.articles.links);
    let answer = answer.key("", "list").key("", "rates").key("t-", &slug.0);
    Ok(Either::Left(answer.shows(&shown).made_of(made_of).made_of(parts)))
}
