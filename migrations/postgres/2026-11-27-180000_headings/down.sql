DROP INDEX article_search_standfirsts;
DROP INDEX article_search_titles;
