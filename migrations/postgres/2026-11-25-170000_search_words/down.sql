ALTER TABLE article_search DROP COLUMN words;
