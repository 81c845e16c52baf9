-- The counts stand in the order of the lists themselves, and not beside an index of it: a page far into a list of many years adds up
-- sixty of them.
CREATE TABLE spans_in_order (
  list TEXT NOT NULL,
  span INTEGER NOT NULL,            -- 30 days each, since 1970
  article_count INTEGER NOT NULL,
  PRIMARY KEY (list, span)
) STRICT, WITHOUT ROWID;
INSERT INTO spans_in_order (list, span, article_count) SELECT list, span, article_count FROM list_spans;
DROP TABLE list_spans;
ALTER TABLE spans_in_order RENAME TO list_spans;
