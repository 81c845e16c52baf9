-- Segments of the index are merged when eight of a size are there instead of four, and a transaction's words become a segment when
-- they take 16 MB of memory instead of one: an import wrote the index four times over. Of those that single articles leave behind
-- there are sixteen of a size at the most, as before.
INSERT INTO article_search (article_search, rank) VALUES ('automerge', 8);
INSERT INTO article_search (article_search, rank) VALUES ('hashsize', 16777216);
