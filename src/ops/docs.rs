//! `/docs`: the contract to try out, and the page of the error codes. All of it comes from files in the binary.

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use strum::VariantArray;
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::http::Code;

/// Adds the pages. They are for people and so not part of the contract.
pub fn configure(service: &mut web::ServiceConfig) {
    service
        .service(web::resource("/docs").get(to_docs))
        .service(web::resource("/docs/errors").get(errors))
        .service(SwaggerUi::new("/docs/{_:.*}").config(pages()));
}

/// Without `none` the page loads a badge from another host's validator, and so tells it who reads which contract.
fn pages() -> Config<'static> {
    Config::from("/v1/openapi.json").deep_linking(true).validator_url("none")
}

async fn to_docs() -> HttpResponse {
    HttpResponse::Found().insert_header((header::LOCATION, "/docs/")).finish()
}

async fn errors() -> HttpResponse {
    HttpResponse::Ok().content_type("text/html; charset=utf-8").body(error_page())
}

fn error_page() -> String {
    let row = |code: &Code| {
        let (name, status, title) = (code.as_ref(), code.status().as_u16(), code.title());
        format!(
            "<tr id=\"{name}\"><td><code>{name}</code></td><td>{status}</td><td>{title}</td><td>{}</td></tr>\n",
            code.remedy()
        )
    };
    let rows: String = Code::VARIANTS.iter().map(row).collect();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>Errors</title>\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <style>body{{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}}\
         td,th{{text-align:left;padding:.4rem .8rem;vertical-align:top;border-bottom:1px solid #8884}}:target{{background:#fd04}}</style></head>\n\
         <body><h1>Errors</h1>\n<p>Every error is an <code>application/problem+json</code> document (RFC 9457). \
         Programs look at <code>code</code>; the list may grow.</p>\n\
         <table><tr><th>code</th><th>status</th><th>title</th><th>what to do</th></tr>\n{rows}</table></body>\n</html>\n"
    )
}
