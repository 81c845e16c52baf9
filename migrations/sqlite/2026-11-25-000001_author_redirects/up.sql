-- An author's former slugs lead to the author, as an article's and a tag's do. SQLite can't change a CHECK, so the table is
-- made anew; nothing refers to it.

CREATE TABLE redirects_new (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  type TEXT NOT NULL,
  from_slug TEXT NOT NULL,
  article_id INTEGER REFERENCES articles (id) ON DELETE CASCADE,
  tag_id INTEGER REFERENCES tags (id) ON DELETE CASCADE,
  created_at INTEGER NOT NULL,
  author_id INTEGER REFERENCES authors (id) ON DELETE CASCADE,
  UNIQUE (type, from_slug),
  CHECK ((type = 'article' AND article_id IS NOT NULL AND tag_id IS NULL AND author_id IS NULL)
      OR (type = 'tag' AND tag_id IS NOT NULL AND article_id IS NULL AND author_id IS NULL)
      OR (type = 'author' AND author_id IS NOT NULL AND article_id IS NULL AND tag_id IS NULL))
) STRICT;
INSERT INTO redirects_new (id, type, from_slug, article_id, tag_id, created_at)
  SELECT id, type, from_slug, article_id, tag_id, created_at FROM redirects ORDER BY id;
DROP TABLE redirects;
ALTER TABLE redirects_new RENAME TO redirects;
CREATE INDEX redirects_by_article ON redirects (article_id);
CREATE INDEX redirects_by_tag ON redirects (tag_id);
CREATE INDEX redirects_by_author ON redirects (author_id);
