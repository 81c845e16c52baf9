//! Writes down when keys were last used, twice a minute and at the end; and drops answers that nobody will be given again.

use std::time::Duration;

use crate::access::LastUse;
use crate::access::queries::note_uses;
use crate::clock::Clock;
use crate::db::Db;
use crate::manage::queries::drop_old_answers;

const EVERY: Duration = Duration::from_secs(30);
/// Old answers are dropped once in so many rounds: every hour.
const ROUNDS: u32 = 120;

/// Runs for as long as it is polled.
pub async fn run(db: Db, clock: Clock, used: LastUse) {
    for round in 0_u32.. {
        tokio::time::sleep(EVERY).await;
        write_down(&db, &used).await;
        if round.is_multiple_of(ROUNDS) {
            drop_answers(&db, &clock).await;
        }
    }
}

/// Writes down the uses that were noted since the last time. What can't be written now is noted again.
pub async fn write_down(db: &Db, used: &LastUse) {
    let uses = used.take();
    if uses.is_empty() {
        return;
    }
    let noted = uses.clone();
    if let Err(error) = db.write(move |conn| note_uses(conn, &noted)).await {
        tracing::warn!(%error, "the last uses of keys wait: {error}");
        uses.into_iter().for_each(|(key, at)| used.note(key, at));
    }
}

async fn drop_answers(db: &Db, clock: &Clock) {
    let now = clock.now();
    match db.write(move |conn| drop_old_answers(conn, now)).await {
        Ok(0) => {}
        Ok(count) => tracing::debug!(count, "{count} old answers dropped"),
        Err(error) => tracing::warn!(%error, "old answers are kept for longer: {error}"),
    }
}
