-- FTS5 knows the column of each word.
SELECT 1;
