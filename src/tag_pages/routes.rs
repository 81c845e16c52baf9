//! `/v1/page/tag`.

use std::sync::Arc;

use actix_web::{Either, HttpResponse, get, web};

use super::Tickers;
use super::wire::TagPage;
use crate::access::Caller;
use crate::articles::params::{CardShape, ListQuery};
use crate::articles::queries::TagScope;
use crate::articles::{Lists, PageRequest};
use crate::changes::{Audience, Part};
use crate::db::{DbConnection, DbError};
use crate::http::paging::PagingParams;
use crate::http::{Answer, PathKey, Problem, ProblemBody, Shared, moved};
use crate::rates::Rates;
use crate::rates::names::Lang;
use crate::tags::Tag;
use crate::tags::queries::{self as tags, Found};
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
    let at = (context.clock.now(), tickers.moment());
    let remembered = match tickers.made(lang, at.0) {
        Some(ticker) => query.remembered(&context, &lists, Some(&slug.0)).await?.map(|(tag, page)| (ticker, tag, page)),
        None => None,
    };
    let read = match remembered {
        Some(read) => Ok(read),
        None => {
            let (first, name, known, made) = (query.clone(), slug.clone(), lists.clone(), tickers.clone());
            let at_once = move |conn: &mut DbConnection| {
                let Some(ticker) = made.made(lang, at.0) else { return Ok(None) };
                Ok(first.at_once(conn, &known, Some(&name.0))?.map(|(tag, page)| Ok((ticker, tag, page))))
            };
            let (name, rates) = (slug.clone(), rates.clone());
            let whole = move |conn: &mut DbConnection| match tags::find_with_aliases(conn, &name.0, audience)? {
                Some((Found::Tag(tag), aliases)) => {
                    let ticker = tickers.at(conn, &rates, lang, at)?;
                    let scope = TagScope { id: tag.id, article_count: tag.article_count };
                    let page = query.tagged(scope).read(conn, &lists)?;
                    Ok(Ok((ticker, Arc::new(TagWhole { tag: *tag, aliases }), page)))
                }
                Some((Found::Moved(to), _)) => Ok::<_, DbError>(Err(Some(to))),
                None => Ok(Err(None)),
            };
            context.read_at_once(at_once, whole).await?
        }
    };
    let ((ticker, rates_change), tag, page) = match read {
        Ok(read) => read,
        Err(Some(to)) => {
            return Ok(Either::Right(moved(&to, |slug| params.given.link(&format!("/v1/page/tag/{slug}"), &[]))));
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
