-- The newsroom's side: keys, the audit trail, idempotent answers, revisions; and whom an entry of the change log is for.

-- Who may see the thing after the change, and who could ever see it until then: 0 nobody, 1 keys that may see what is under
-- embargo, 2 everyone.
ALTER TABLE changes ADD COLUMN audience INTEGER NOT NULL DEFAULT 2;
ALTER TABLE changes ADD COLUMN known_to INTEGER NOT NULL DEFAULT 2;
UPDATE changes SET audience = 0 WHERE op = 'delete';
UPDATE changes SET known_to = 0
  WHERE type = 'article' AND EXISTS (SELECT 1 FROM articles WHERE articles.id = changes.entity_id AND NOT articles.was_public);
CREATE INDEX articles_by_modified_at ON articles (modified_at DESC, id DESC);
CREATE INDEX articles_by_created_at ON articles (created_at DESC, id DESC);
CREATE INDEX changes_by_time ON changes (modified_at);

CREATE TABLE keys (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  name TEXT NOT NULL,
  hint TEXT NOT NULL,               -- the start of the key, by which it is found and recognised
  digest TEXT NOT NULL UNIQUE,      -- SHA-256 of the key, hexadecimal; the key itself is nowhere
  scopes TEXT NOT NULL,             -- separated by spaces
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  revoked_at INTEGER,
  last_used_at INTEGER,              -- to the minute or so
  replaces INTEGER REFERENCES keys (id)
) STRICT;
CREATE INDEX keys_by_hint ON keys (hint);

CREATE TABLE audit (                -- one row for every call that wrote, appended in the write's transaction
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  at INTEGER NOT NULL,
  key_id INTEGER REFERENCES keys (id),   -- none for a command
  key_name TEXT NOT NULL,
  action TEXT NOT NULL,
  type TEXT NOT NULL,
  entity_id INTEGER NOT NULL,
  slug TEXT NOT NULL,
  version INTEGER NOT NULL,
  request_id TEXT NOT NULL
) STRICT;
CREATE INDEX audit_by_entity ON audit (type, entity_id, id);
CREATE INDEX audit_by_key ON audit (key_id, id);

CREATE TABLE idempotent_answers (   -- what a POST with an Idempotency-Key was answered, so that a second one writes nothing
  key_id INTEGER NOT NULL REFERENCES keys (id),
  idempotency_key TEXT NOT NULL,
  request_digest TEXT NOT NULL,     -- of method, path, query and body
  answer TEXT NOT NULL,             -- JSON: status, headers, body
  created_at INTEGER NOT NULL,
  PRIMARY KEY (key_id, idempotency_key)
) STRICT;
CREATE INDEX idempotent_answers_by_time ON idempotent_answers (created_at);

CREATE TABLE revisions (            -- an article as it stood after a change
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
  version INTEGER NOT NULL,
  at INTEGER NOT NULL,
  key_id INTEGER REFERENCES keys (id),   -- none for an import
  key_name TEXT NOT NULL,
  action TEXT NOT NULL,
  record TEXT NOT NULL,             -- JSON: the interchange record
  UNIQUE (article_id, version)
) STRICT;
