//! `/v1/media`.

use actix_web::get;

use crate::access::Caller;
use crate::articles::queries::next_change;
use crate::changes::{Audience, Part};
use crate::db::{DbConnection, DbError};
use crate::http::{Answer, NoParams, Params, PathKey, Problem, ProblemBody, Shared};
use crate::media::queries;
use crate::media::wire::Media;

/// Get a medium.
///
/// Found when an article uses it that the caller may see, or when it belongs to no article.
#[utoipa::path(
    tag = "media",
    params(("id" = i64, Path, description = "Id.", minimum = 1, example = 1)),
    responses(
        (status = 200, description = "The medium.", body = Media),
        (status = 404, description = "There is no such medium.", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[get("/media/{id}")]
pub async fn get_media(context: Shared, caller: Caller, key: PathKey, _: Params<NoParams>) -> Result<Answer, Problem> {
    let id = key.id().ok_or_else(|| Problem::not_found("medium", &key.0))?;
    let audience = Audience::of(&caller);
    let read = move |conn: &mut DbConnection| {
        Ok::<_, DbError>((queries::find_visible(conn, id, audience)?, next_change(conn)?))
    };
    let (found, next_change) = context.read(read).await?;
    let medium = found.ok_or_else(|| Problem::not_found("medium", &key.0))?;
    let answer = Answer::json(&Media::from(medium), context.freshness(next_change))?;
    Ok(answer.key("m-", &id.to_string()).made_of([Part::Medium(id), Part::Schedule]))
}
