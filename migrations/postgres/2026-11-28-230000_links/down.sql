DROP INDEX article_authors_by_author;
CREATE INDEX article_authors_listed ON article_authors (author_id, published_at DESC, article_id DESC) WHERE listed;
CREATE INDEX article_authors_by_author ON article_authors (author_id);
DROP INDEX article_tags_by_tag;
CREATE INDEX article_tags_listed ON article_tags (tag_id, published_at DESC, article_id DESC) WHERE listed;
CREATE INDEX article_tags_by_tag ON article_tags (tag_id);
