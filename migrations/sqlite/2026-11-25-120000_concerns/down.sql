ALTER TABLE changes DROP COLUMN concerns;
