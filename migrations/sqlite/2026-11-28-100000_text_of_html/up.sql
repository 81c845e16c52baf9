-- The text of a body is made of its HTML whenever it is wanted, which is seldom; stored, it was a fifth of the database.
ALTER TABLE article_bodies DROP COLUMN text;
