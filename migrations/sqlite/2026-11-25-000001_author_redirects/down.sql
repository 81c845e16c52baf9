CREATE TABLE redirects_old (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  type TEXT NOT NULL,
  from_slug TEXT NOT NULL,
  article_id INTEGER REFERENCES articles (id) ON DELETE CASCADE,
  tag_id INTEGER REFERENCES tags (id) ON DELETE CASCADE,
  created_at INTEGER NOT NULL,
  UNIQUE (type, from_slug),
  CHECK ((type = 'article' AND article_id IS NOT NULL AND tag_id IS NULL)
      OR (type = 'tag' AND tag_id IS NOT NULL AND article_id IS NULL))
) STRICT;
INSERT INTO redirects_old (id, type, from_slug, article_id, tag_id, created_at)
  SELECT id, type, from_slug, article_id, tag_id, created_at FROM redirects WHERE type <> 'author' ORDER BY id;
DROP TABLE redirects;
ALTER TABLE redirects_old RENAME TO redirects;
CREATE INDEX redirects_by_article ON redirects (article_id);
CREATE INDEX redirects_by_tag ON redirects (tag_id);
