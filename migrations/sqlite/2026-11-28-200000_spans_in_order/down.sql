CREATE TABLE spans_by_index (
  list TEXT NOT NULL,
  span INTEGER NOT NULL,            -- 30 days each, since 1970
  article_count INTEGER NOT NULL,
  PRIMARY KEY (list, span)
) STRICT;
INSERT INTO spans_by_index (list, span, article_count) SELECT list, span, article_count FROM list_spans;
DROP TABLE list_spans;
ALTER TABLE spans_by_index RENAME TO list_spans;
