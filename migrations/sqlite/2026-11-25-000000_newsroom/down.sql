DROP TABLE revisions;
DROP TABLE idempotent_answers;
DROP TABLE audit;
DROP TABLE keys;
DROP INDEX changes_by_time;
DROP INDEX articles_by_created_at;
DROP INDEX articles_by_modified_at;
ALTER TABLE changes DROP COLUMN known_to;
ALTER TABLE changes DROP COLUMN audience;
