//! `/v1/manage/tags/{slug}`: which other slugs lead to a tag.

use actix_web::{delete, post};

use super::manage::{done, present, tag_of};
use crate::access::Scope;
use crate::changes::Audience;
use crate::db::DbConnection;
use crate::http::{Code, NoParams, Params, PathKey, PathPair, Problem, ProblemBody};
use crate::manage::{Body, Call, Done, Nothing, Reply, faults};
use crate::records::Invalid;
use crate::tags::queries::{self, Found, Taken};
use crate::tags::rows::TagRow;
use crate::tags::wire::{ManagedTag, NewAlias, TagMerge};
use crate::text::slug::{composed, is_slug};

/// Let another slug lead to a tag.
///
/// One that does so already is no fault. One that leads to another tag is a 422 that names it.
#[utoipa::path(
    tag = "newsroom",
    params(("slug" = String, Path, description = "Slug.", min_length = 1, max_length = 200, pattern = "^[^\\x00-\\x1f\\x7f-\\x9f]+$", example = "azerbaijan")),
    request_body = NewAlias,
    security(("key" = ["content:write"])),
    responses(
        (status = 200, description = "The tag as it is now.", body = ManagedTag, headers(("ETag" = String, description = "For `If-Match`."))),
        (status = 404, description = "There is no such tag.", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[post("/tags/{slug}/aliases")]
pub async fn create_tag_alias(
    call: Call,
    slug: PathKey,
    _: Params<NoParams>,
    body: Body<NewAlias>,
) -> Result<Reply, Problem> {
    let precondition = call.precondition.clone();
    call.write(Scope::ContentWrite, "create_tag_alias", body, move |conn, act, value| {
        let row = present(conn, &slug.0)?;
        precondition.check(&tag_of(&row))?;
        let alias = value.checked().map_err(|invalid| faults(&invalid))?;
        queries::add_alias(conn, act.now, &row, &alias)?
            .map_err(|Taken { slug, by, .. }| fault("slug", format!("`{slug}` leads to the tag `{by}` already")))?;
        let row = present(conn, &row.slug)?;
        done(conn, row, Reply::ok)
    })
    .await
}

/// Take an alias away from a tag.
///
/// It is free then, and leads nowhere. The slug of a tag that was merged into this one stays.
#[utoipa::path(
    tag = "newsroom",
    params(
        ("slug" = String, Path, description = "Slug.", min_length = 1, max_length = 200, pattern = "^[^\\x00-\\x1f\\x7f-\\x9f]+$", example = "azerbaijan"),
        ("alias" = String, Path, description = "One of its aliases.", min_length = 1, max_length = 200, pattern = "^[^\\x00-\\x1f\\x7f-\\x9f]+$", example = "azerbaycan")
    ),
    security(("key" = ["content:write"])),
    responses(
        (status = 200, description = "The tag as it is now.", body = ManagedTag, headers(("ETag" = String, description = "For `If-Match`."))),
        (status = 404, description = "There is no such tag, or it has no such alias.", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[delete("/tags/{slug}/aliases/{alias}")]
pub async fn delete_tag_alias(
    call: Call,
    keys: PathPair,
    _: Params<NoParams>,
    body: Body<Nothing>,
) -> Result<Reply, Problem> {
    let precondition = call.precondition.clone();
    call.write(Scope::ContentWrite, "delete_tag_alias", body, move |conn, act, Nothing {}| {
        let PathPair(slug, alias) = keys;
        let row = present(conn, &slug)?;
        precondition.demand(&tag_of(&row))?;
        if queries::by_slug(conn, &alias)?.is_some_and(|merged| merged.merged_into == Some(row.id)) {
            let detail =
                format!("`{alias}` is the slug of a tag that was merged into `{slug}`, and leads there for good.");
            return Err(Problem::new(Code::Conflict, detail));
        }
        if !queries::remove_alias(conn, act.now, &row, &alias)? {
            return Err(Problem::not_found("alias", &alias));
        }
        let row = present(conn, &row.slug)?;
        done(conn, row, Reply::ok)
    })
    .await
}

/// Merge a tag into another.
///
/// Its articles get the other one, and its slug and aliases lead there, in filters too. It can't be taken back. The answer is
/// the tag that it was merged into.
#[utoipa::path(
    tag = "newsroom",
    params(("slug" = String, Path, description = "Slug of the tag that is to go.", min_length = 1, max_length = 200, pattern = "^[^\\x00-\\x1f\\x7f-\\x9f]+$", example = "azerbaycan")),
    request_body = TagMerge,
    security(("key" = ["content:write"])),
    responses(
        (status = 200, description = "The tag that has its articles now.", body = ManagedTag, headers(("ETag" = String, description = "For `If-Match`."))),
        (status = 404, description = "There is no such tag.", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[post("/tags/{slug}/merge")]
pub async fn merge_tag(call: Call, slug: PathKey, _: Params<NoParams>, body: Body<TagMerge>) -> Result<Reply, Problem> {
    let precondition = call.precondition.clone();
    call.write(Scope::ContentWrite, "merge_tag", body, move |conn, act, value| {
        let from = present(conn, &slug.0)?;
        precondition.check(&tag_of(&from))?;
        let into = target(conn, &from, &composed(value.into))?;
        queries::merge(conn, act.now, &from, &into)?;
        let row = present(conn, &into.slug)?;
        Ok(Done { id: from.id, slug: from.slug, ..done(conn, row, Reply::ok)? })
    })
    .await
}

/// What a tag may be merged into: another one that is in use.
fn target(conn: &mut DbConnection, from: &TagRow, slug: &str) -> Result<TagRow, Problem> {
    let conflict = |detail: String| Err(Problem::new(Code::Conflict, detail));
    if !is_slug(slug) {
        return Err(fault("into", format!("{slug:?} is no slug")));
    }
    if let Some(merged) = queries::by_slug(conn, slug)?.filter(|tag| tag.merged_into.is_some())
        && let Some(Found::Moved(to)) = queries::find(conn, &merged.slug, Audience::NEWSROOM)?
    {
        return conflict(format!("`{slug}` was merged into the tag `{to}`."));
    }
    match queries::resolve(conn, slug, Audience::NEWSROOM)? {
        Some(into) if into.id == from.id => conflict(format!("`{slug}` is the tag that is to be merged.")),
        Some(into) => Ok(into),
        None => Err(fault("into", format!("there is no tag `{slug}`"))),
    }
}

fn fault(field: &str, reason: String) -> Problem {
    faults(&[Invalid { field: field.to_owned(), reason }])
}
