-- Rates: what sources published, each quote as it stood, and when each feed is next looked at. Rows are never changed, but
-- that a held quote is accepted once.

CREATE TABLE publications (         -- a source's table, in force from one instant
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  feed TEXT NOT NULL,
  effective_date TEXT NOT NULL,     -- YYYY-MM-DD, as the source wrote it
  valid_days INTEGER NOT NULL,
  url TEXT,                         -- where it was fetched; none for a file
  payload_hash TEXT NOT NULL,       -- BLAKE3, hexadecimal
  fetched_at INTEGER NOT NULL,
  redistributable INTEGER NOT NULL,
  sample INTEGER NOT NULL           -- made up, for a demonstration
) STRICT;
CREATE INDEX publications_by_date ON publications (feed, effective_date);

CREATE TABLE quotes (               -- nominal units of base cost digits of quote
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  publication_id INTEGER NOT NULL REFERENCES publications (id),
  source TEXT NOT NULL,
  base TEXT NOT NULL,
  quote TEXT NOT NULL,
  digits TEXT NOT NULL,             -- as published, with a decimal point
  nominal INTEGER NOT NULL,
  effective_at INTEGER NOT NULL,    -- the first instant of effective_date in the source's zone; a market's own instant
  fetched_at INTEGER NOT NULL,
  accepted_at INTEGER,              -- from when it is served; none while it is held
  held_reason TEXT,
  CHECK (accepted_at IS NOT NULL OR held_reason IS NOT NULL)
) STRICT;
CREATE INDEX quotes_by_pair ON quotes (source, base, quote, effective_at DESC, id DESC);
CREATE INDEX quotes_held ON quotes (source, id) WHERE accepted_at IS NULL;
CREATE INDEX quotes_by_publication ON quotes (publication_id);

CREATE TABLE feeds (                -- how fetching goes
  name TEXT PRIMARY KEY NOT NULL,
  next_poll_at INTEGER NOT NULL,    -- a process that polls moves it on first, so that no other one does
  failures INTEGER NOT NULL,        -- in a row
  etag TEXT,
  checked_at INTEGER,
  succeeded_at INTEGER,
  failed_at INTEGER,
  error_code TEXT,
  error TEXT
) STRICT;
