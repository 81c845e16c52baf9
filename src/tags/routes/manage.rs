//! `/v1/manage/tags`: reading, creating and changing one.
//!
//! `content:write` is enough for all of it, also where public articles show the tag.

use actix_web::{get, patch, post};

use crate::access::Scope;
use crate::changes::Audience;
use crate::db::DbConnection;
use crate::http::paging::{Paging, PagingParams};
use crate::http::{Code, NoParams, Params, PathKey, Problem, ProblemBody, segment};
use crate::manage::{Body, Call, Done, Reply, etag, faults};
use crate::records::Invalid;
use crate::tags::params::{ManagedTagParams, ManagedTagQuery};
use crate::tags::queries::{self, Found, Taken};
use crate::tags::rows::TagRow;
use crate::tags::wire::{ManagedTag, ManagedTagList, NewTag, TagPatch};
use crate::text::slug::first_free;

/// List tags with those that were merged away.
///
/// By name, or with `sort=-article_count` the most used first. `merged_into` marks a tag that was merged into another.
#[utoipa::path(
    tag = "newsroom",
    params(ManagedTagQuery, PagingParams),
    security(("key" = ["content:read"])),
    responses((status = 200, description = "A page of tags.", body = ManagedTagList))
)]
#[get("/tags")]
pub async fn list_managed_tags(call: Call, params: Params<(ManagedTagParams, Paging)>) -> Result<Reply, Problem> {
    let (ManagedTagParams(filter), paging) = &params.value;
    let (filter, cut) = (filter.clone(), call.context.cut(paging, &params.given)?);
    let read = move |conn: &mut DbConnection| {
        let (rows, extent) = queries::list(conn, &filter, Audience::NEWSROOM, &cut)?;
        let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
        let merged: Vec<i64> = rows.iter().filter_map(|row| row.merged_into).collect();
        let (aliases, slugs) = (queries::aliases(conn, &ids)?, queries::slugs(conn, &merged)?);
        Ok((rows.into_iter().map(|row| ManagedTag::new(row, &aliases, &slugs)).collect(), extent))
    };
    let (data, extent) = call.read(Scope::ContentRead, read).await?;
    let (page, links) = paging.describe(&params.given, &call.context.cursors, &extent);
    let list = ManagedTagList { data, page, links };
    Ok(Reply::ok(&list)?.paged(&list.page, &list.links))
}

/// Get a tag as the newsroom sees it.
///
/// Also one that was merged away, which `merged_into` marks. An alias answers 301.
#[utoipa::path(
    tag = "newsroom",
    params(("slug" = String, Path, description = "Slug, or an alias.", min_length = 1, max_length = 200, pattern = "^[^\\x00-\\x1f\\x7f-\\x9f]+$", example = "azerbaijan")),
    security(("key" = ["content:read"])),
    responses(
        (status = 200, description = "The tag.", body = ManagedTag, headers(("ETag" = String, description = "For `If-Match`."))),
        (status = 301, description = "It is an alias.", headers(("Location" = String))),
        (status = 404, description = "There is no such tag.", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[get("/tags/{slug}")]
pub async fn get_managed_tag(call: Call, slug: PathKey, _: Params<NoParams>) -> Result<Reply, Problem> {
    call.read(Scope::ContentRead, move |conn| {
        if let Some(row) = queries::by_slug(conn, &slug.0)? {
            let tag = tag_of(&row);
            return Ok(Reply::ok(&shown(conn, row)?)?.tagged(tag));
        }
        match queries::find(conn, &slug.0, Audience::NEWSROOM)? {
            Some(Found::Moved(to)) => Ok(Reply::moved(address(&to))),
            _ => Err(Problem::not_found("tag", &slug.0)),
        }
    })
    .await
}

/// Create a tag.
///
/// Without a `slug` it gets one made of its name. A slug or alias that is in use is a 422 that names the tag it leads to.
#[utoipa::path(
    tag = "newsroom",
    request_body = NewTag,
    security(("key" = ["content:write"])),
    responses((status = 201, description = "The new tag.", body = ManagedTag,
        headers(("Location" = String), ("ETag" = String, description = "For `If-Match`."))))
)]
#[post("/tags")]
pub async fn create_tag(call: Call, _: Params<NoParams>, body: Body<NewTag>) -> Result<Reply, Problem> {
    call.write(Scope::ContentWrite, "create_tag", body, move |conn, act, value| {
        let mut taken = |slug: &str| {
            let own = value.aliases.iter().any(|alias| alias == slug);
            Ok::<_, Problem>(own || queries::find(conn, slug, Audience::NEWSROOM)?.is_some())
        };
        let made = if value.slug.is_none() { first_free(&value.name, &mut taken)? } else { None };
        let input = value.checked(made).map_err(|invalid| faults(&invalid))?;
        queries::create(conn, act.now, &input)?.map_err(|taken| in_use(&taken))?;
        let row = present(conn, &input.slug)?;
        let location = address(&row.slug);
        done(conn, row, |tag| Reply::created(tag, location))
    })
    .await
}

/// Change a tag.
///
/// A changed slug leaves the former one behind as an alias, if anyone could see it. Articles that show the tag are entries of the change log too.
#[utoipa::path(
    tag = "newsroom",
    params(("slug" = String, Path, description = "Slug.", min_length = 1, max_length = 200, pattern = "^[^\\x00-\\x1f\\x7f-\\x9f]+$", example = "azerbaijan")),
    request_body(content = TagPatch, content_type = "application/json"),
    security(("key" = ["content:write"])),
    responses(
        (status = 200, description = "The tag as it is now.", body = ManagedTag, headers(("ETag" = String, description = "For `If-Match`."))),
        (status = 404, description = "There is no such tag.", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[patch("/tags/{slug}")]
pub async fn update_tag(
    call: Call,
    slug: PathKey,
    _: Params<NoParams>,
    body: Body<TagPatch>,
) -> Result<Reply, Problem> {
    let precondition = call.precondition.clone();
    call.write(Scope::ContentWrite, "update_tag", body, move |conn, act, value| {
        let row = present(conn, &slug.0)?;
        precondition.demand(&tag_of(&row))?;
        let input = value.checked(row.input()).map_err(|invalid| faults(&invalid))?;
        queries::update(conn, act.now, &row, &input)?.map_err(|taken| in_use(&[taken]))?;
        let row = present(conn, &input.slug)?;
        done(conn, row, Reply::ok)
    })
    .await
}

/// The tag of a row. Its count moves with articles and is left out: nobody edits it.
pub(super) fn tag_of(row: &TagRow) -> String {
    etag::of(row.id, row.modified_at)
}

fn address(slug: &str) -> String {
    format!("/v1/manage/tags/{}", segment(slug))
}

/// The tag that is in use under its own slug.
pub(super) fn present(conn: &mut DbConnection, slug: &str) -> Result<TagRow, Problem> {
    match queries::find(conn, slug, Audience::NEWSROOM)? {
        Some(Found::Tag(row)) => Ok(*row),
        Some(Found::Moved(to)) => Err(Problem::new(Code::Conflict, format!("`{slug}` leads to the tag `{to}`."))),
        None => Err(Problem::not_found("tag", slug)),
    }
}

pub(super) fn shown(conn: &mut DbConnection, row: TagRow) -> Result<ManagedTag, Problem> {
    let merged: Vec<i64> = row.merged_into.into_iter().collect();
    let (aliases, slugs) = (queries::aliases(conn, &[row.id])?, queries::slugs(conn, &merged)?);
    Ok(ManagedTag::new(row, &aliases, &slugs))
}

/// What a write of a tag did.
pub(super) fn done(
    conn: &mut DbConnection,
    row: TagRow,
    reply: impl FnOnce(&ManagedTag) -> Result<Reply, Problem>,
) -> Result<Done, Problem> {
    let (id, slug, tag) = (row.id, row.slug.clone(), tag_of(&row));
    let reply = reply(&shown(conn, row)?)?.tagged(tag);
    Ok(Done { reply, subject: "tag", id, slug, version: 1 })
}

/// The fields whose slugs are in use.
fn in_use(taken: &[Taken]) -> Problem {
    let fault = |Taken { slug, by, alias }: &Taken| Invalid {
        field: alias.map_or_else(|| "slug".to_owned(), |i| format!("aliases[{i}]")),
        reason: format!("`{slug}` leads to the tag `{by}` already"),
    };
    faults(&taken.iter().map(fault).collect::<Vec<_>>())
}
