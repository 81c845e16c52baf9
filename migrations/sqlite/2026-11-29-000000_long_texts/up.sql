-- What is served of a body may be compressed. PostgreSQL does that by itself.

CREATE TABLE article_bodies_compressed (
  article_id INTEGER PRIMARY KEY NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
  source TEXT NOT NULL,
  source_format TEXT NOT NULL,
  html BLOB NOT NULL,               -- sanitised; UTF-8, or one frame of zstd
  sanitiser_version INTEGER NOT NULL
) STRICT;
INSERT INTO article_bodies_compressed (article_id, source, source_format, html, sanitiser_version)
  SELECT article_id, source, source_format, CAST(html AS BLOB), sanitiser_version FROM article_bodies;
DROP TABLE article_bodies;
ALTER TABLE article_bodies_compressed RENAME TO article_bodies;
