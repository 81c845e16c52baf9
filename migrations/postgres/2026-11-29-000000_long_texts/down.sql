-- Nothing here: it is SQLite whose long texts are compressed.
SELECT 1;
