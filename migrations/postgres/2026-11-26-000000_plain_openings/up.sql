-- What every list reads of an article is stored as it is, and in the row: compressed, it was half of the cost of a page. What is
-- there already stays as it is until it is written again.
ALTER TABLE articles SET (toast_tuple_target = 8160);
ALTER TABLE articles ALTER COLUMN opening SET STORAGE EXTERNAL;
