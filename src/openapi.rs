//! The OpenAPI document: its head, and what is the same for every operation. The operations come from the handlers.

mod flattened;
mod sparse;

use actix_web::App;
use serde_json::{Value, json};
use utoipa::OpenApi;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{ContentBuilder, Header, Ref, RefOr, Response, ResponseBuilder};
use utoipa_actix_web::AppExt;

use crate::http::ProblemBody;
use crate::http::methods::OPERATIONS;
use crate::records::{ArticleRecord, AuthorRecord, EndRecord, MediaRecord, TagRecord};
use crate::routes;

/// Under these something is done to what has a version.
const VERSIONED: [&str; 2] = ["/v1/manage/articles/{id}/", "/v1/manage/tags/{slug}/"];

/// The name of the security scheme.
const KEY: &str = "key";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "xabar",
        description = "A headless content API for a news publisher. Public reads need no key; the newsroom's operations take `Authorization: Bearer KEY`.\n\n\
            Errors are `application/problem+json` (RFC 9457) with a stable `code`. An unknown, repeated or malformed parameter \
            is a 400 that names it; nothing is clamped or ignored. Enums and objects may grow; nothing is renamed or removed \
            within v1. `HEAD` works wherever `GET` does. Every public answer that is whole has an `ETag`, but for the change feed; send it back in `If-None-Match`.\n\n\
            The schemas `ArticleRecord`, `TagRecord`, `AuthorRecord`, `MediaRecord` and `EndRecord` are the lines of the NDJSON \
            interchange format, told apart by a member `type`: `article` when absent, `tag`, `author`, `media`, `end`.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    servers((url = "/", description = "This server")),
    tags(
        (name = "articles", description = "What the newsroom publishes"),
        (name = "tags", description = "What articles are about"),
        (name = "authors", description = "Who stands in a byline"),
        (name = "media", description = "Images, video, audio and files"),
        (name = "redirects", description = "Former slugs and aliases"),
        (name = "changes", description = "What has changed since you last looked, and all of it at once"),
        (name = "rates", description = "What KGS, KZT, TJS, UZS and TMT cost, exact to the published digit"),
        (name = "pages", description = "A front end's whole page in one request"),
        (name = "newsroom", description = "Writing: for keys with scopes. Answers are never cached"),
        (name = "operations", description = "Health, metrics and this document")
    ),
    components(schemas(ProblemBody, ArticleRecord, TagRecord, AuthorRecord, MediaRecord, EndRecord))
)]
struct Head;

/// The whole document.
pub fn document() -> utoipa::openapi::OpenApi {
    let app = App::new().into_utoipa_app().openapi(Head::openapi()).configure(routes::configure);
    let (_, mut document) = app.split_for_parts();
    for (path, item) in &mut document.paths.paths {
        let operations = [
            (Method::Get, &mut item.get),
            (Method::Post, &mut item.post),
            (Method::Patch, &mut item.patch),
            (Method::Delete, &mut item.delete),
        ];
        for (method, operation) in operations {
            if let Some(operation) = operation {
                complete(method, path, operation);
            }
        }
    }
    let components = document.components.get_or_insert_with(Default::default);
    let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("A key, `xabar_live_…`.")).build();
    components.add_security_scheme(KEY, SecurityScheme::Http(scheme));
    sparse::add(&mut document);
    flattened::open(&mut document);
    document
}

/// The document as it is published: pretty, with a line break at its end.
pub fn text() -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(&document()).map(|text| text + "\n")
}

/// A parameter with a schema of its own loses its words in the derive, so the schema holds them; they belong here.
fn describe(parameter: &mut Parameter) {
    if let (None, Some(RefOr::T(Schema::Object(schema)))) = (&parameter.description, &mut parameter.schema) {
        parameter.description = schema.description.take();
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Method {
    Get,
    Post,
    Patch,
    Delete,
}

/// Adds what every operation has: the errors that any request can meet, and the headers of a cached answer.
fn complete(method: Method, path: &str, operation: &mut Operation) {
    let operational = operation.tags.as_ref().is_some_and(|tags| tags.iter().any(|tag| tag == OPERATIONS));
    let keyed = operation.security.is_some();
    if keyed {
        complete_keyed(method, path, operation);
    } else if !operational {
        let anyone = SecurityRequirement::default();
        operation.security = Some(vec![anyone, SecurityRequirement::new::<_, [&str; 0], &str>(KEY, [])]);
    }
    add(operation, "401", "The key is not valid; see `WWW-Authenticate`.", Some(("unauthorized", 401)));
    let passing = is_passing(operation);
    if !operational && !keyed && !passing && !streams(operation) {
        if let Some(RefOr::T(ok)) = operation.responses.responses.get_mut("200") {
            ok.headers.insert("ETag".into(), RefOr::T(header("Strong; one for each content coding.")));
            ok.headers.insert("Cache-Control".into(), RefOr::T(header("How long it may be kept.")));
            ok.headers.insert("Vary".into(), RefOr::T(header("`Accept-Encoding`.")));
            ok.headers.insert(
                "Surrogate-Key".into(),
                RefOr::T(header("What a cache in front can purge by, separated by spaces; not with a key.")),
            );
            ok.headers.insert("Cache-Tag".into(), RefOr::T(header("The same, separated by commas.")));
        }
        add(operation, "304", "Not modified: `If-None-Match` names what would be sent.", None);
    }
    if is_paged(operation)
        && let Some(RefOr::T(ok)) = operation.responses.responses.get_mut("200")
    {
        ok.headers
            .insert("Link".into(), RefOr::T(header("RFC 8288: `first`, `prev`, `next` and `last`, as in `links`.")));
        ok.headers.insert("X-Total-Count".into(), RefOr::T(header("`page.total`, where it is counted.")));
    }
    if !operational && !keyed && !streams(operation) {
        add(operation, "406", "No acceptable content coding.", Some(("not-acceptable", 406)));
        add(operation, "503", "Busy, or the database is away; see `Retry-After`.", Some(("unavailable", 503)));
    }
    if !operational {
        add(operation, "429", "Too many requests, where the operator sets a limit.", Some(("rate-limited", 429)));
    }
    if streams(operation) {
        add(
            operation,
            "503",
            "As many read as this server takes, or it is busy; see `Retry-After`.",
            Some(("unavailable", 503)),
        );
    }
    for parameter in operation.parameters.iter_mut().flatten() {
        if let RefOr::T(parameter) = parameter {
            describe(parameter);
        }
    }
    add(operation, "400", "A parameter is unknown, repeated or malformed.", Some(("unknown-parameter", 400)));
    add(operation, "500", "Our fault; nothing is said about its inside.", Some(("internal", 500)));
}

/// Whether its answer goes on and on, and so is not compressed, kept or named by a tag.
fn streams(operation: &Operation) -> bool {
    let Some(RefOr::T(ok)) = operation.responses.responses.get("200") else { return false };
    ok.content.contains_key("text/event-stream") || ok.content.contains_key("application/x-ndjson")
}

/// Whether it answers with a page of a list.
fn is_paged(operation: &Operation) -> bool {
    let named = |parameter: &RefOr<Parameter>| matches!(parameter, RefOr::T(one) if one.name == "cursor");
    operation.parameters.iter().flatten().any(named)
}

/// Whether its answers are for one request alone, and so have no tag: it says of its own `Cache-Control` that it is so.
fn is_passing(operation: &Operation) -> bool {
    let Some(RefOr::T(ok)) = operation.responses.responses.get("200") else { return false };
    ok.headers.contains_key("Cache-Control")
}

/// Adds what every operation has that needs a key.
fn complete_keyed(method: Method, path: &str, operation: &mut Operation) {
    add(operation, "403", "The key has not the scope that this needs.", Some(("forbidden", 403)));
    add(operation, "503", "Busy, or the database is away; see `Retry-After`.", Some(("unavailable", 503)));
    if method == Method::Get {
        return;
    }
    if operation.request_body.is_some() {
        add(operation, "413", "The body is too large.", Some(("payload-too-large", 413)));
        add(operation, "415", "The body is no JSON by its type.", Some(("unsupported-media-type", 415)));
    }
    add(operation, "409", "The present state does not allow it.", Some(("conflict", 409)));
    add(operation, "422", "Fields are at fault; see `errors`.", Some(("validation-failed", 422)));
    for (status, response) in &mut operation.responses.responses {
        if let (true, RefOr::T(done)) = (status.starts_with('2'), response) {
            done.headers.insert(
                "Consistency-Token".into(),
                RefOr::T(header("Send it with a request that must show what was written, whichever process answers.")),
            );
            if method == Method::Post {
                let replayed = header("`true` where the same call was answered before, and this is that answer.");
                done.headers.insert("Idempotent-Replayed".into(), RefOr::T(replayed));
            }
        }
    }
    if method == Method::Post {
        send(
            operation,
            "Idempotency-Key",
            "A second call with the same key and body writes nothing and gets the same answer, for 24 hours.",
        );
        if VERSIONED.iter().any(|under| path.starts_with(under)) {
            send(operation, "If-Match", "The `ETag` of what you read: 412 when it was changed since.");
            add(operation, "412", "It was changed since you read it.", Some(("precondition-failed", 412)));
        }
    } else {
        send(operation, "If-Match", "The `ETag` of what you read; without it 428, and 412 when it was changed since.");
        add(operation, "412", "It was changed since you read it.", Some(("precondition-failed", 412)));
        add(operation, "428", "`If-Match` is missing.", Some(("precondition-required", 428)));
    }
}

/// Adds a header that a request may have.
fn send(operation: &mut Operation, name: &str, description: &str) {
    let text = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(255));
    let parameter = ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .description(Some(description))
        .schema(Some(text.pattern(Some("^[!-~]+$"))))
        .build();
    operation.parameters.get_or_insert_default().push(RefOr::T(parameter));
}

fn add(operation: &mut Operation, status: &str, description: &str, problem: Option<(&str, u16)>) {
    let mut response = ResponseBuilder::new().description(description);
    if let Some((code, status)) = problem {
        let content = ContentBuilder::new()
            .schema(Some(RefOr::Ref(Ref::from_schema_name("Problem"))))
            .example(Some(example(code, status, description)))
            .build();
        response = response.content("application/problem+json", content);
    }
    if matches!(status, "429" | "503") {
        response = response.header("Retry-After", header("Seconds."));
    }
    if status == "429" {
        response = response
            .header(
                "RateLimit-Policy",
                header("`\"address\";q=600;w=60`: 600 requests a minute. On every limited answer."),
            )
            .header(
                "RateLimit",
                header("`\"address\";r=599;t=1`: 599 are left, and in 1 second it is more. Likewise."),
            );
    }
    operation.responses.responses.entry(status.to_owned()).or_insert_with(|| RefOr::T(Response::from(response)));
}

fn example(code: &str, status: u16, detail: &str) -> Value {
    json!({
        "type": format!("/docs/errors#{code}"), "title": code.replace('-', " "), "status": status, "detail": detail,
        "code": code, "request_id": "0199f3f0-7f8e-7c3a-9d55-3f3c2f9f7a10"
    })
}

fn header(description: &str) -> Header {
    let text = ObjectBuilder::new().schema_type(Type::String);
    HeaderBuilder::new().schema(Some(text)).description(Some(description)).build()
}

#[cfg(test)]
mod tests {
    use actix_web::dev::{Path, ResourceDef};
    use proptest::prelude::*;

    use crate::http::methods::Routes;

    proptest! {
        #[test]
        fn a_path_has_the_route_that_the_router_would_give_it(
            parts in proptest::collection::vec("(v1|articles|tags|page|tag|corrections|manage|rates|history|x|%20|\\{|)", 0..7),
        ) {
            let (document, path) = (super::document(), format!("/{}", parts.join("/")));
            let fits = |pattern: &&String| ResourceDef::new(pattern.as_str()).capture_match_info(&mut Path::new(path.as_str()));
            let by_router = document.paths.paths.keys().find(fits);
            let routes = Routes::of(&document);
            prop_assert_eq!(routes.find(&path).map(|route| &route.path), by_router);
        }
    }
}
