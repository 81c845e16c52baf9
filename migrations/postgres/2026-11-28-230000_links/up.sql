-- One index finds the articles of an author or a tag, listed or not.
DROP INDEX article_authors_listed;
DROP INDEX article_authors_by_author;
CREATE INDEX article_authors_by_author ON article_authors (author_id, listed, published_at DESC, article_id DESC);
DROP INDEX article_tags_listed;
DROP INDEX article_tags_by_tag;
CREATE INDEX article_tags_by_tag ON article_tags (tag_id, listed, published_at DESC, article_id DESC);
