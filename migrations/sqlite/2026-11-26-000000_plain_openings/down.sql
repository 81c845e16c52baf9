-- SQLite stores everything as it is.
SELECT 1;
