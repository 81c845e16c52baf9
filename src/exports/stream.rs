//! One export under way: a batch is read when the reader has taken the one before.

use std::time::Duration;

use serde::Serialize;
use tokio::sync::OwnedSemaphorePermit;

use super::record::record;
use crate::articles::queries::export_batch;
use crate::changes::Viewer;
use crate::clock::Clock;
use crate::db::{Db, DbConnection, DbError};
use crate::records::EndRecord;

/// How often a batch is tried again while the database is busy.
const ATTEMPTS: usize = 20;

/// One export under way.
pub struct Export {
    db: Db,
    clock: Clock,
    viewer: Viewer,
    token: String,
    /// The last article that was sent.
    after: i64,
    done: bool,
    _place: OwnedSemaphorePermit,
}

/// Why an export breaks off.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    #[error(transparent)]
    Database(#[from] DbError),
    #[error("the reader's key was revoked, or has expired")]
    KeyLost,
}

/// The last line.
#[derive(Serialize)]
struct End {
    #[serde(rename = "type")]
    type_: &'static str,
    #[serde(flatten)]
    record: EndRecord,
}

impl Export {
    /// An export of what `viewer` may see. `token` says where to go on in the change log when it is read.
    pub fn new(db: Db, clock: Clock, viewer: Viewer, token: String, place: OwnedSemaphorePermit) -> Self {
        Self { db, clock, viewer, token, after: 0, done: false, _place: place }
    }

    /// The next lines; `None` when all were given.
    pub async fn next(mut self) -> Result<Option<(Vec<u8>, Self)>, Broken> {
        if self.done {
            return Ok(None);
        }
        let batch = self.batch().await.inspect_err(|error| tracing::warn!(%error, "an export broke off: {error}"))?;
        let lines = match batch {
            Some((lines, last)) => {
                self.after = last;
                lines
            }
            None => {
                self.done = true;
                line(&End { type_: "end", record: EndRecord { token: self.token.clone() } })?
            }
        };
        Ok(Some((lines, self)))
    }

    /// The lines of a batch, and the id of its last article; `None` when there are no more.
    async fn batch(&self) -> Result<Option<(Vec<u8>, i64)>, Broken> {
        let mut attempt = 1;
        loop {
            let (viewer, after, now) = (self.viewer, self.after, self.clock.now());
            let read = move |conn: &mut DbConnection| {
                if !viewer.is_valid(conn, now)? {
                    return Err(Broken::KeyLost);
                }
                lines(conn, viewer, after)
            };
            match self.db.read(read).await {
                Err(Broken::Database(DbError::Busy { .. })) if attempt < ATTEMPTS => attempt += 1,
                result => return result,
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    }
}

fn lines(conn: &mut DbConnection, viewer: Viewer, after: i64) -> Result<Option<(Vec<u8>, i64)>, Broken> {
    let batch = export_batch(conn, viewer.audience, after)?;
    let Some(last) = batch.last().map(|exported| exported.article.id) else { return Ok(None) };
    let mut lines = Vec::new();
    for exported in batch {
        lines.append(&mut line(&record(exported)?)?);
    }
    Ok(Some((lines, last)))
}

fn line(value: &impl Serialize) -> Result<Vec<u8>, DbError> {
    let mut line = serde_json::to_vec(value).map_err(|error| DbError::Corrupt(error.to_string()))?;
    line.push(b'\n');
    Ok(line)
}
