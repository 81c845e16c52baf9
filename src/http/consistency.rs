//! Read what you wrote, whichever process answers: a write's answer names the place of the change log that it came to, and a
//! request that names it is answered when its process has read the log so far.

use std::time::Duration;

use actix_web::http::header::HeaderMap;
use tokio::time::{Instant, sleep};

use super::context::Context;
use super::fields::CONSISTENCY_TOKEN;
use super::problem::{Code, Problem};

/// How long a request waits. Other processes' changes are heard of within a tenth of it.
const WAIT: Duration = Duration::from_secs(1);
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Waits until this process has read the log so far as a request with these headers wants.
///
/// # Errors
/// Where it takes too long, or no place is named.
pub async fn caught_up(context: &Context, headers: &HeaderMap) -> Result<(), Problem> {
    let Some(wanted) = wanted(headers)? else { return Ok(()) };
    let end = Instant::now() + WAIT;
    while context.marks.position().seq < wanted {
        if Instant::now() >= end {
            return Err(Problem::busy("What `Consistency-Token` names has not been heard of here."));
        }
        sleep(LOOK_EVERY).await;
    }
    Ok(())
}

fn wanted(headers: &HeaderMap) -> Result<Option<i64>, Problem> {
    let Some(token) = headers.get(CONSISTENCY_TOKEN) else { return Ok(None) };
    let digits = token.to_str().ok().filter(|text| text.len() <= 18 && text.bytes().all(|b| b.is_ascii_digit()));
    let seq = digits.and_then(|digits| digits.parse().ok());
    seq.map(Some).ok_or_else(|| Problem::new(Code::BadRequest, "`Consistency-Token` is not one that a write answered."))
}
