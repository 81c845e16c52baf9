-- Which titles and which standfirsts a word stands in. The index of all words does not know where they stand, so that each document
-- in which a word stands had to be fetched: five seconds a million.
CREATE INDEX article_search_titles ON article_search USING gin (ts_filter(document, '{a}'));
CREATE INDEX article_search_standfirsts ON article_search USING gin (ts_filter(document, '{b}'));
