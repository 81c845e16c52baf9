-- Nothing here: it is SQLite's index that is merged.
SELECT 1;
