//! `/v1/articles`.

use actix_web::{Either, HttpResponse, get, web};

use crate::access::Caller;
use crate::articles::card::Correction;
use crate::articles::params::{CardParams, CardShape, DetailParams, DetailShape, ListQuery, RelatedParams};
use crate::articles::queries::{self, Found};
use crate::articles::rows::{Card, KeyRow};
use crate::articles::whole::WholeQuery;
use crate::articles::wire::{ArticleDetail, ArticleList, CorrectionList, RelatedList, Render};
use crate::articles::{Details, Lists, PageRequest, Related};
use crate::changes::{Audience, Part};
use crate::db::{DbConnection, DbError};
use crate::http::paging::PagingParams;
use crate::http::{Answer, NoParams, Params, PathKey, Problem, ProblemBody, Shared, moved};

/// For how many seconds a choice of related stories is kept: it is weighed by counts that every story moves a little.
const RELATED: u32 = 60;

/// An answer, or a redirect to where the thing is now.
type Answered = Result<Either<Answer, HttpResponse>, Problem>;

/// List articles.
///
/// Complete cards, the newest first. All filters narrow together. Past the end the page is empty and its totals are true.
#[utoipa::path(
    tag = "articles",
    params(ListQuery, CardShape, PagingParams),
    responses((status = 200, description = "A page of articles.", body = ArticleList))
)]
#[get("/articles")]
pub async fn list_articles(
    context: Shared,
    caller: Caller,
    lists: web::Data<Lists>,
    mut params: PageRequest,
) -> Result<Answer, Problem> {
    let audience = Audience::of(&caller);
    params.given.seen_by(audience.as_ref());
    let page = params.query(&context, audience)?.load(&context, &lists).await?;
    params.answer(&context, page)
}

/// Get an article.
///
/// By id or slug. A former slug answers 301, a killed story 410 with the reason and what replaces it.
#[utoipa::path(
    tag = "articles",
    params(("key" = String, Path, description = "Id or slug.", min_length = 1, max_length = 200, pattern = "^[^\\x00-\\x1f\\x7f-\\x9f]+$", example = "aktau-ferry-timetable"), DetailShape),
    responses(
        (status = 200, description = "The article.", body = ArticleDetail),
        (status = 301, description = "It has another slug now.", headers(("Location" = String))),
        (status = 404, description = "There is no such article.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 410, description = "The story was withdrawn for good.", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[get("/articles/{key}")]
pub async fn get_article(
    context: Shared,
    caller: Caller,
    details: web::Data<Details>,
    key: PathKey,
    params: Params<DetailParams>,
) -> Answered {
    let (shape, audience) = (params.0.clone(), Audience::of(&caller));
    let query = WholeQuery { key: key.clone(), shape, audience };
    let (whole, next_change) = match query.load(&context, &details).await? {
        Ok(found) => found,
        Err(other) => return elsewhere(other, &key, |slug| params.given.link(&format!("/v1/articles/{slug}"), &[])),
    };
    let render = Render { shape: &params.0, query: None, url_template: &context.article_url };
    Ok(Either::Left(whole.answer(&render, context.freshness(next_change))?.for_seconds(RELATED)))
}

/// List related articles.
///
/// The stories that share tags with this one, the closest first; a rare tag weighs more than a common one.
#[utoipa::path(
    tag = "articles",
    params(("key" = String, Path, description = "Id or slug.", min_length = 1, max_length = 200, pattern = "^[^\\x00-\\x1f\\x7f-\\x9f]+$", example = "aktau-ferry-timetable"), RelatedParams, CardShape),
    responses(
        (status = 200, description = "Related articles.", body = RelatedList),
        (status = 301, description = "The article has another slug now.", headers(("Location" = String))),
        (status = 404, description = "There is no such article.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 410, description = "The story was withdrawn for good.", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[get("/articles/{key}/related")]
pub async fn list_related_articles(
    context: Shared,
    caller: Caller,
    related: web::Data<Related>,
    key: PathKey,
    params: Params<(RelatedParams, CardParams)>,
) -> Answered {
    let (RelatedParams { limit }, CardParams(shape)) = &params.value;
    let (limit, needs, name) = (*limit as usize, shape.needs(), key.clone());
    let (audience, choice) = (Audience::of(&caller), related.begin());
    let read = move |conn: &mut DbConnection| match found(conn, &name, audience)? {
        Ok(row) => Ok(Ok((row.id, choice.cards(conn, row.id, limit, needs)?, queries::next_change(conn)?))),
        Err(other) => Ok::<_, DbError>(Err(other)),
    };
    let (id, cards, next_change) = match context.read(read).await? {
        Ok(read) => read,
        Err(other) => {
            return elsewhere(other, &key, |slug| params.given.link(&format!("/v1/articles/{slug}/related"), &[]));
        }
    };
    let shown: String = cards.iter().map(|card| card.shown() + " ").collect();
    let made_of: Vec<_> = cards.iter().flat_map(Card::made_of).chain([Part::Article(id), Part::Schedule]).collect();
    let render = Render { shape, query: None, url_template: &context.article_url };
    let data = cards.into_iter().map(|card| render.sparse(card)).collect::<Result<_, DbError>>()?;
    let answer = Answer::json(&RelatedList { data }, context.freshness(next_change))?;
    Ok(Either::Left(answer.key("a-", &id.to_string()).shows(&shown).made_of(made_of).for_seconds(RELATED)))
}

/// List an article's corrections.
///
/// The oldest first; empty when there are none.
#[utoipa::path(
    tag = "articles",
    params(("key" = String, Path, description = "Id or slug.", min_length = 1, max_length = 200, pattern = "^[^\\x00-\\x1f\\x7f-\\x9f]+$", example = "aktau-ferry-timetable")),
    responses(
        (status = 200, description = "The corrections.", body = CorrectionList),
        (status = 301, description = "The article has another slug now.", headers(("Location" = String))),
        (status = 404, description = "There is no such article.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 410, description = "The story was withdrawn for good.", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[get("/articles/{key}/corrections")]
pub async fn list_article_corrections(context: Shared, caller: Caller, key: PathKey, _: Params<NoParams>) -> Answered {
    let (name, audience) = (key.clone(), Audience::of(&caller));
    let read = move |conn: &mut DbConnection| match found(conn, &name, audience)? {
        Ok(row) => Ok(Ok((row.id, queries::corrections(conn, row.id)?, queries::next_change(conn)?))),
        Err(other) => Ok::<_, DbError>(Err(other)),
    };
    let (id, rows, next_change) = match context.read(read).await? {
        Ok(read) => read,
        Err(other) => return elsewhere(other, &key, |slug| format!("/v1/articles/{slug}/corrections")),
    };
    let list = CorrectionList { data: rows.into_iter().map(Correction::from).collect() };
    let answer = Answer::json(&list, context.freshness(next_change))?.key("a-", &id.to_string());
    Ok(Either::Left(answer.made_of([Part::Article(id), Part::Schedule])))
}

/// The article of a key, or what the key leads to instead.
fn found(conn: &mut DbConnection, key: &PathKey, audience: Audience) -> Result<Result<KeyRow, Option<Found>>, DbError> {
    Ok(match queries::find(conn, key.id(), &key.0, audience)? {
        Some(Found::Article(row)) => Ok(*row),
        other => Err(other),
    })
}

fn elsewhere(found: Option<Found>, key: &PathKey, link: impl FnOnce(&str) -> String) -> Answered {
    match found {
        Some(Found::Moved(slug)) => Ok(Either::Right(moved(&slug, link))),
        Some(Found::Killed { reason, replaced_by }) => Err(Problem::gone(reason, replaced_by)),
        Some(Found::Article(_)) | None => Err(Problem::not_found("article", &key.0)),
    }
}
