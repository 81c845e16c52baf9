-- SQL can't read what is compressed: where there is any this fails, and nothing is lost.

CREATE TABLE article_bodies_as_text (
  article_id INTEGER PRIMARY KEY NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
  source TEXT NOT NULL,
  source_format TEXT NOT NULL,
  html TEXT NOT NULL,               -- sanitised
  sanitiser_version INTEGER NOT NULL
) STRICT;
INSERT INTO article_bodies_as_text (article_id, source, source_format, html, sanitiser_version)
  SELECT article_id, source, source_format, iif(substr(html, 1, 4) = x'28B52FFD', html, CAST(html AS TEXT)), sanitiser_version
  FROM article_bodies;
DROP TABLE article_bodies;
ALTER TABLE article_bodies_as_text RENAME TO article_bodies;
