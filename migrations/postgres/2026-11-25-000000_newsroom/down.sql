DROP TABLE revisions;
DROP TABLE idempotent_answers;
DROP TABLE audit;
DROP TABLE keys;
DROP INDEX changes_by_time;
ALTER TABLE changes DROP COLUMN known_to;
ALTER TABLE changes DROP COLUMN audience;
