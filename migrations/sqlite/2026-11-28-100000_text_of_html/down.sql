-- An older version shows no text of these bodies until they are written again.
ALTER TABLE article_bodies ADD COLUMN text TEXT NOT NULL DEFAULT '';
