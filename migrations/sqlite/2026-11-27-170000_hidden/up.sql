-- SQLite finds what is hidden in the index of what is listed.
SELECT 1;
