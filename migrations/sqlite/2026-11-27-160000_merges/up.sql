-- Segments of the index are merged when sixteen of a size are there instead of four, a little at each write as before and all at
-- once only when there are 64; and a transaction's words become a segment when they take 16 MB of memory instead of one. An
-- import wrote the index five times over.
INSERT INTO article_search (article_search, rank) VALUES ('automerge', 16);
INSERT INTO article_search (article_search, rank) VALUES ('crisismerge', 64);
INSERT INTO article_search (article_search, rank) VALUES ('hashsize', 16777216);
