-- How many articles of a list were published in each span of 30 days, so that a page far into it is found without counting up
-- to it. Of a tag `t17`, of an author `w4`, of everything but pages `all` and `lang=en`, of a kind `kind=news` and
-- `kind=news&lang=en`.
CREATE TABLE list_spans (
  list TEXT COLLATE "C" NOT NULL,
  span BIGINT NOT NULL,            -- 30 days each, since 1970
  article_count BIGINT NOT NULL,
  PRIMARY KEY (list, span)
);

-- The sum takes the remainder to be positive, also before 1970.
INSERT INTO list_spans (list, span, article_count)
  SELECT 't' || tag_id, (published_at - ((published_at % 2592000000000) + 2592000000000) % 2592000000000) / 2592000000000, COUNT(*)
  FROM article_tags WHERE listed GROUP BY 1, 2;
INSERT INTO list_spans (list, span, article_count)
  SELECT 'w' || author_id, (published_at - ((published_at % 2592000000000) + 2592000000000) % 2592000000000) / 2592000000000, COUNT(*)
  FROM article_authors WHERE listed GROUP BY 1, 2;
INSERT INTO list_spans (list, span, article_count)
  SELECT 'all', (published_at - ((published_at % 2592000000000) + 2592000000000) % 2592000000000) / 2592000000000, COUNT(*)
  FROM articles WHERE public AND kind <> 'page' GROUP BY 1, 2;
INSERT INTO list_spans (list, span, article_count)
  SELECT 'lang=' || lang, (published_at - ((published_at % 2592000000000) + 2592000000000) % 2592000000000) / 2592000000000, COUNT(*)
  FROM articles WHERE public AND kind <> 'page' GROUP BY 1, 2;
INSERT INTO list_spans (list, span, article_count)
  SELECT 'kind=' || kind, (published_at - ((published_at % 2592000000000) + 2592000000000) % 2592000000000) / 2592000000000, COUNT(*)
  FROM articles WHERE public GROUP BY 1, 2;
INSERT INTO list_spans (list, span, article_count)
  SELECT 'kind=' || kind || '&lang=' || lang, (published_at - ((published_at % 2592000000000) + 2592000000000) % 2592000000000) / 2592000000000, COUNT(*)
  FROM articles WHERE public GROUP BY 1, 2;
