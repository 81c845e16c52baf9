ALTER TABLE articles ALTER COLUMN opening SET STORAGE EXTENDED;
ALTER TABLE articles RESET (toast_tuple_target);
