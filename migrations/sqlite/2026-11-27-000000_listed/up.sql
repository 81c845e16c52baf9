-- Which articles are listed is read from this alone: every other index of what is public has SQLite look at each row besides. It begins
-- with `public`, which no query compares with anything, so that it is never taken for a way to the articles of a kind.
CREATE INDEX articles_listed ON articles (public, kind, lang);
