-- What an article is linked to stands in the order of the articles itself, and one index finds the articles of an author or a tag,
-- listed or not: each link is written to two places and not to four.

CREATE TABLE article_authors_in_order (
  article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
  author_id INTEGER NOT NULL REFERENCES authors (id),
  position INTEGER NOT NULL,
  listed INTEGER NOT NULL,        -- the article is public and no page
  published_at INTEGER,             -- the article's, so that one index serves an author's list
  PRIMARY KEY (article_id, author_id)
) STRICT, WITHOUT ROWID;
INSERT INTO article_authors_in_order (article_id, author_id, position, listed, published_at)
  SELECT article_id, author_id, position, listed, published_at FROM article_authors ORDER BY article_id, author_id;
DROP TABLE article_authors;
ALTER TABLE article_authors_in_order RENAME TO article_authors;
CREATE INDEX article_authors_by_author ON article_authors (author_id, listed, published_at DESC, article_id DESC);

CREATE TABLE article_tags_in_order (
  article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
  tag_id INTEGER NOT NULL REFERENCES tags (id),
  position INTEGER NOT NULL,
  listed INTEGER NOT NULL,        -- the article is public and no page
  published_at INTEGER,             -- the article's, so that one index serves a tag page
  PRIMARY KEY (article_id, tag_id)
) STRICT, WITHOUT ROWID;
INSERT INTO article_tags_in_order (article_id, tag_id, position, listed, published_at)
  SELECT article_id, tag_id, position, listed, published_at FROM article_tags ORDER BY article_id, tag_id;
DROP TABLE article_tags;
ALTER TABLE article_tags_in_order RENAME TO article_tags;
CREATE INDEX article_tags_by_tag ON article_tags (tag_id, listed, published_at DESC, article_id DESC);

CREATE TABLE article_media_in_order (
  article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
  media_id INTEGER NOT NULL REFERENCES media (id),
  position INTEGER NOT NULL,
  PRIMARY KEY (article_id, media_id)
) STRICT, WITHOUT ROWID;
INSERT INTO article_media_in_order (article_id, media_id, position)
  SELECT article_id, media_id, position FROM article_media ORDER BY article_id, media_id;
DROP TABLE article_media;
ALTER TABLE article_media_in_order RENAME TO article_media;
CREATE INDEX article_media_by_media ON article_media (media_id);
