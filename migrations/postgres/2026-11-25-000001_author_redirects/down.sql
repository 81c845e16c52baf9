DELETE FROM redirects WHERE type = 'author';
DROP INDEX redirects_by_author;
ALTER TABLE redirects DROP CONSTRAINT redirects_check;
ALTER TABLE redirects DROP COLUMN author_id;
ALTER TABLE redirects ADD CONSTRAINT redirects_check
  CHECK ((type = 'article' AND article_id IS NOT NULL AND tag_id IS NULL)
      OR (type = 'tag' AND tag_id IS NOT NULL AND article_id IS NULL));
