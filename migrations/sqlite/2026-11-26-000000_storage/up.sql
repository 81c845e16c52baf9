-- Of each list its eras as well, under its name with a tilde: 32 spans each, so that a long one is not added up span by span.
INSERT INTO list_spans (list, span, article_count)
  SELECT '~' || list, (span - ((span % 32) + 32) % 32) / 32, SUM(article_count) FROM list_spans GROUP BY 1, 2;
