-- The words of an article in a row, for phrases: a tsvector knows the first 255 places of a word only, and none after the
-- 16,383rd. What is empty here is filled in when the service starts.
ALTER TABLE article_search ADD COLUMN words TEXT NOT NULL DEFAULT '';
