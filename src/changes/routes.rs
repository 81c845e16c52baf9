//! `/v1/changes`.

use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, get, web};
use futures_util::stream;
use tokio::time::{Instant, timeout_at};

use super::full::Showing;
use super::live::{Follower, Wake};
use super::page::{Page, Read, Reader, Since};
use super::params::{FeedParams, FeedQuery, Mode, PollParams};
use super::stream::Listener;
use super::wire::ChangeList;
use super::{EXPORT, Tokens, Viewer};
use crate::access::Caller;
use crate::access::guard::unauthorized;
use crate::articles::params::{CardParams, CardShape};
use crate::http::{Answer, Params, Problem, ProblemBody, Shared, events};
use crate::rates::Rates;

/// Extractors: the room's own services.
type SharedTokens = web::Data<Tokens>;
type SharedFollower = web::Data<Follower>;
type SharedRates = web::Data<Rates>;

/// The header in which a browser says where it was when a stream broke.
const LAST_EVENT_ID: &str = "Last-Event-ID";

/// List changes.
///
/// What has changed since `since`, each thing at most once and in its present state, in the order of the log; without `since`
/// everything, from the beginning of the log. What you may not see is not mentioned, and what you may see no longer is a
/// `delete`. Go on with `token` until `has_more` is false; a reader who does so misses nothing. Deletions are kept for 180 days,
/// kills for ever.
///
/// Counts such as a tag's `article_count` change without an entry of their own.
#[utoipa::path(
    tag = "changes",
    params(FeedQuery, PollParams, CardShape),
    responses(
        (status = 200, description = "A part of the log.", body = ChangeList, headers(("Cache-Control" = String, description = "`no-store`"))),
        (status = 410, description = "The token is too old; `export` is where to begin anew.", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[get("/changes")]
pub async fn list_changes(
    context: Shared,
    tokens: SharedTokens,
    follower: SharedFollower,
    rates: SharedRates,
    caller: Caller,
    params: Params<((FeedParams, PollParams), CardParams)>,
) -> Result<Answer, Problem> {
    let ((feed, poll), shape) = params.value;
    let since = since(&tokens, &caller, feed.since.as_deref(), "since")?.unwrap_or(Since::Beginning);
    let reader = reader(&context, rates, &caller, feed, shape);
    let page = if poll.wait == 0 {
        read(&reader, since, poll.limit).await?
    } else {
        wait(&reader, &follower, since, poll).await?
    };
    let Page { changes: data, place, has_more } = page;
    let token = tokens.seal(reader.viewer.audience, place);
    Answer::passing(&ChangeList { data, token, has_more }, context.clock.now())
}

/// Stream changes.
///
/// Server-sent events named `change`, each an entry as in the list, its `id` the token at which to go on. Without `since` and
/// `Last-Event-ID` the stream begins with what comes next; an `id` alone then says where that was. Silence is broken by comments
/// every 15 seconds. An event `expired`, without an id, says that the token is too old and where to begin anew, and ends the
/// stream.
#[utoipa::path(
    tag = "changes",
    params(
        FeedQuery, CardShape,
        ("Last-Event-ID" = Option<String>, Header, description = "The token at which to go on, in the place of `since`: browsers send it when they connect anew."),
    ),
    responses(
        (status = 200, description = "Events, until you close the connection.", body = String, content_type = "text/event-stream",
            example = "event: change\nid: 9Zk0V8cYd2mJ2m3xk5Jq6ls0NzExLDAsMl0\ndata: {\"seq\":4711,\"op\":\"upsert\",\"type\":\"article\",\"id\":128}\n\n"),
    )
)]
#[get("/changes/stream")]
pub async fn stream_changes(
    req: HttpRequest,
    context: Shared,
    tokens: SharedTokens,
    follower: SharedFollower,
    rates: SharedRates,
    caller: Caller,
    params: Params<(FeedParams, CardParams)>,
) -> Result<HttpResponse, Problem> {
    let (feed, shape) = params.value;
    let last = req.headers().get(LAST_EVENT_ID).map(|id| String::from_utf8_lossy(id.as_bytes()));
    let since = match last.filter(|id| !id.is_empty()) {
        Some(id) => since(&tokens, &caller, Some(&id), LAST_EVENT_ID)?,
        None => since(&tokens, &caller, feed.since.as_deref(), "since")?,
    };
    let reader = reader(&context, rates, &caller, feed, shape);
    let tokens = Tokens::clone(&tokens);
    let listener = Listener::new(reader, tokens, follower.listen()?, since.unwrap_or(Since::Now));
    Ok(events::respond(&req, stream::unfold(listener, Listener::next)))
}

fn since(tokens: &Tokens, caller: &Caller, given: Option<&str>, name: &str) -> Result<Option<Since>, Problem> {
    match given {
        None => Ok(None),
        Some("now") => Ok(Some(Since::Now)),
        Some(token) => tokens.open(Viewer::of(caller).audience, token, name).map(|place| Some(Since::Place(place))),
    }
}

fn reader(
    context: &Shared,
    rates: SharedRates,
    caller: &Caller,
    feed: FeedParams,
    CardParams(shape): CardParams,
) -> Reader {
    let showing = Showing { shape, url_template: context.article_url.clone(), rates: rates.into_inner() };
    Reader {
        db: context.db.clone(),
        clock: context.clock.clone(),
        viewer: Viewer::of(caller),
        types: feed.types,
        showing: (feed.mode == Mode::Full).then_some(showing),
    }
}

async fn read(reader: &Reader, since: Since, limit: i64) -> Result<Page, Problem> {
    match reader.read(since, limit).await? {
        Read::Page(page) => Ok(page),
        Read::Expired => Err(Problem::expired(EXPORT)),
        Read::KeyLost => Err(unauthorized("The key was revoked, or has expired.")),
    }
}

/// Reads again whenever the log has grown, until there is something to tell or the time is over. Nothing is held between
/// two reads but a place among the listeners.
async fn wait(reader: &Reader, follower: &Follower, since: Since, poll: PollParams) -> Result<Page, Problem> {
    let mut listening = follower.listen()?;
    let seconds = u64::try_from(poll.wait).unwrap_or(0);
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut since = since;
    loop {
        let page = read(reader, since, poll.limit).await?;
        if !page.changes.is_empty() || Instant::now() >= end {
            return Ok(page);
        }
        if !page.has_more && timeout_at(end, listening.after(page.place.seq)).await != Ok(Wake::News) {
            return Ok(page);
        }
        since = Since::Place(page.place);
    }
}
