-- FTS5 knows every place of a word: nothing is needed here that PostgreSQL needs for its phrases.
SELECT 1;
