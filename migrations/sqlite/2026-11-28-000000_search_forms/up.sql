-- The index without those of its own for the first two and three letters of words, which took longer to write than the words did:
-- what begins with some letters is found without them. It is filled when the service starts.
DROP TABLE article_search;
CREATE VIRTUAL TABLE article_search USING fts5 (
  title, standfirst, body, content = '', contentless_delete = 1, tokenize = 'ascii'
);
-- A transaction's words become a segment when they take 16 MB of memory, and segments are merged, a little with each write, when
-- sixteen of a size are there; when it is thirty-two, at once.
INSERT INTO article_search (article_search, rank) VALUES ('hashsize', 16777216);
INSERT INTO article_search (article_search, rank) VALUES ('automerge', 16);
INSERT INTO article_search (article_search, rank) VALUES ('crisismerge', 32);
DELETE FROM settings WHERE name = 'search';
