DROP TABLE feeds;
DROP TABLE quotes;
DROP TABLE publications;
