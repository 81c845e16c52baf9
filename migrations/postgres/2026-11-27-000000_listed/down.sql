DROP INDEX articles_by_published_at;
CREATE INDEX articles_by_published_at ON articles (published_at DESC, id DESC) WHERE public;
