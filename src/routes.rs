//! The whole route list, grouped by who calls it.
//!
//! A route is added with `.service(handler)`, which does not compile without its documentation. Groups are scopes with a
//! literal prefix, because actix tries routes one after the other.

use utoipa_actix_web::scope::scope;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::access::routes as access;
use crate::articles::routes as articles;
use crate::authors::routes as authors;
use crate::changes::routes as changes;
use crate::exports::routes as exports;
use crate::http::kept::Paths;
use crate::manage::routes as manage;
use crate::media::routes as media;
use crate::ops::routes as ops;
use crate::rates::routes as rates;
use crate::redirects::routes as redirects;
use crate::tag_pages::routes as tag_pages;
use crate::tags::routes as tags;

/// Where answers may be kept in memory: what front ends and apps read, but for what goes on or is told at once. What is asked for under
/// these and is not in memory waits for a place.
pub const KEPT: Paths = Paths {
    under: &[
        "/v1/articles",
        "/v1/page/",
        "/v1/tags",
        "/v1/authors",
        "/v1/media/",
        "/v1/redirects",
        "/v1/rates",
        "/v1/currencies",
    ],
    except: &["/v1/rates/stream", "/v1/rates/sources"],
};

/// Adds every documented route.
pub fn configure(service: &mut ServiceConfig<'_>) {
    // The newsroom's tools, with keys. Before `/v1`, since the first scope whose prefix fits is the one.
    service.service(
        scope("/v1/manage")
            .service(articles::list_managed_articles)
            .service(articles::create_article)
            .service(articles::get_managed_article)
            .service(articles::update_article)
            .service(articles::publish_article)
            .service(articles::schedule_article)
            .service(articles::unpublish_article)
            .service(articles::embargo_article)
            .service(articles::correct_article)
            .service(articles::kill_article)
            .service(articles::restore_article)
            .service(articles::list_revisions)
            .service(articles::get_revision)
            .service(articles::restore_revision)
            .service(articles::create_preview)
            .service(access::list_keys)
            .service(access::create_key)
            .service(access::get_key)
            .service(access::rotate_key)
            .service(access::revoke_key)
            .service(manage::list_audit)
            .service(tags::list_managed_tags)
            .service(tags::create_tag)
            .service(tags::get_managed_tag)
            .service(tags::update_tag)
            .service(tags::create_tag_alias)
            .service(tags::delete_tag_alias)
            .service(tags::merge_tag)
            .service(authors::list_managed_authors)
            .service(authors::create_author)
            .service(authors::get_managed_author)
            .service(authors::update_author)
            .service(media::list_managed_media)
            .service(media::create_media)
            .service(media::get_managed_media)
            .service(media::update_media)
            .service(rates::list_held_rates)
            .service(rates::release_rate),
    );
    // Front ends and apps.
    service.service(
        scope("/v1")
            .service(articles::list_articles)
            .service(articles::get_article)
            .service(articles::list_related_articles)
            .service(articles::list_article_corrections)
            .service(articles::get_preview)
            .service(tag_pages::get_tag_page)
            .service(tags::list_tags)
            .service(tags::get_tag)
            .service(authors::list_authors)
            .service(authors::get_author)
            .service(media::get_media)
            .service(redirects::list_redirects)
            .service(changes::list_changes)
            .service(changes::stream_changes)
            .service(exports::export_articles)
            .service(rates::list_rates)
            .service(rates::get_ticker)
            .service(rates::convert)
            .service(rates::list_rate_sources)
            .service(rates::stream_rates)
            .service(rates::get_rate)
            .service(rates::list_rate_history)
            .service(rates::get_sparkline)
            .service(rates::list_currencies)
            .service(ops::get_openapi),
    );
    // Operators.
    service.service(ops::health_live).service(ops::health_ready).service(ops::get_metrics);
}
