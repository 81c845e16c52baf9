ALTER TABLE authors DROP COLUMN audience;
ALTER TABLE tags DROP COLUMN audience;
