DELETE FROM list_spans WHERE list LIKE '~%';
DO $$
BEGIN
  EXECUTE 'ALTER TABLE revisions ALTER COLUMN record SET COMPRESSION default';
  EXECUTE 'ALTER TABLE article_search ALTER COLUMN words SET COMPRESSION default';
  EXECUTE 'ALTER TABLE article_search ALTER COLUMN document SET COMPRESSION default';
  EXECUTE 'ALTER TABLE article_bodies ALTER COLUMN text SET COMPRESSION default';
  EXECUTE 'ALTER TABLE article_bodies ALTER COLUMN html SET COMPRESSION default';
  EXECUTE 'ALTER TABLE article_bodies ALTER COLUMN source SET COMPRESSION default';
EXCEPTION
  WHEN feature_not_supported OR syntax_error OR invalid_parameter_value THEN NULL;
END
$$;
ALTER TABLE articles ALTER COLUMN opening SET STORAGE EXTENDED;
ALTER TABLE articles RESET (toast_tuple_target);
