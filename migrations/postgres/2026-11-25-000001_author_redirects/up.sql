-- An author's former slugs lead to the author, as an article's and a tag's do.

ALTER TABLE redirects ADD COLUMN author_id BIGINT REFERENCES authors (id) ON DELETE CASCADE;
ALTER TABLE redirects DROP CONSTRAINT redirects_check;
ALTER TABLE redirects ADD CONSTRAINT redirects_check
  CHECK ((type = 'article' AND article_id IS NOT NULL AND tag_id IS NULL AND author_id IS NULL)
      OR (type = 'tag' AND tag_id IS NOT NULL AND article_id IS NULL AND author_id IS NULL)
      OR (type = 'author' AND author_id IS NOT NULL AND article_id IS NULL AND tag_id IS NULL));
CREATE INDEX redirects_by_author ON redirects (author_id);
