DELETE FROM list_spans WHERE list LIKE '~%';
ALTER TABLE revisions ALTER COLUMN record SET COMPRESSION default;
ALTER TABLE article_search ALTER COLUMN words SET COMPRESSION default;
ALTER TABLE article_search ALTER COLUMN document SET COMPRESSION default;
ALTER TABLE article_bodies ALTER COLUMN text SET COMPRESSION default;
ALTER TABLE article_bodies ALTER COLUMN html SET COMPRESSION default;
ALTER TABLE article_bodies ALTER COLUMN source SET COMPRESSION default;
ALTER TABLE articles ALTER COLUMN opening SET STORAGE EXTENDED;
ALTER TABLE articles RESET (toast_tuple_target);
