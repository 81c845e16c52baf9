-- Only PostgreSQL's index by date changes: on SQLite, which plans by the schema alone, this list was never sorted.
SELECT 1;
