INSERT INTO article_search (article_search, rank) VALUES ('automerge', 4);
INSERT INTO article_search (article_search, rank) VALUES ('hashsize', 1048576);
