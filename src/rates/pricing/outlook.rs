//! How long an answer about rates stays true.

use jiff::civil::Date;

use super::super::calendar::Calendar;
use super::legs::Leg;
use super::price::Quote;
use super::timeline::{Observation, Origin};
use crate::clock::Timestamp;

/// How often to look, in seconds, while a publication may come at any moment.
const WATCHING: i64 = 60;

/// When the clock, or a publication, may next change one of `quotes`: at a source's midnight, when what is published
/// already takes effect, and when a source's time to publish begins. While that lasts, and while a pair has no rate at all,
/// it is soon; and a pair's first rate may begin at any source's midnight.
pub fn next_change(quotes: &[Quote], complete: bool, calendar: &Calendar, now: Timestamp) -> Timestamp {
    let soon = now.plus_seconds(WATCHING);
    let parts = quotes.iter().flat_map(|quote| quote.parts.iter().zip(&quote.known_until));
    let changes = parts.map(|(part, known_until)| change_of(part, *known_until, calendar, now, soon));
    let taking_effect = quotes.iter().filter_map(|quote| quote.next.as_ref()).map(|next| next.from);
    let first = changes.chain(taking_effect.filter(|from| *from > now)).min();
    match first {
        Some(first) if complete => first,
        first => first.into_iter().chain([soon, calendar.next_midnight(now)]).min().unwrap_or(soon),
    }
}

fn change_of(
    (leg, one): &(Leg, Observation),
    known_until: Date,
    calendar: &Calendar,
    now: Timestamp,
    soon: Timestamp,
) -> Timestamp {
    let source = leg.source();
    let midnight = calendar.midnight_after(source, calendar.date(source, now));
    let Origin::Published { feed, .. } = one.origin else { return midnight };
    match calendar.awaited(feed, Some(known_until), now) {
        // At its end the clock alone makes what is missing overdue.
        Some(table) if table.is_open(now) => midnight.min(soon).min(table.closes),
        Some(table) => midnight.min(table.opens),
        None => midnight,
    }
}
