CREATE INDEX articles_listed ON articles (id) INCLUDE (kind, lang) WHERE public;
CREATE INDEX articles_by_published_at_old ON articles (published_at DESC, id DESC) WHERE public;
DROP INDEX articles_by_published_at;
ALTER INDEX articles_by_published_at_old RENAME TO articles_by_published_at;
