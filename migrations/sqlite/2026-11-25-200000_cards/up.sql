-- What a list shows of an article, as finished JSON beside it: rewritten in the transaction of every change to anything in it.
CREATE TABLE article_cards (
  article_id INTEGER PRIMARY KEY NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
  made_at INTEGER NOT NULL,         -- the article's modified_at then: where it is another one now, the card is out of date
  head TEXT NOT NULL,               -- up to the excerpt, with marks in the place of the publisher's addresses
  tail TEXT NOT NULL,               -- after it
  rest TEXT NOT NULL,               -- what a detail shows of the article beyond that
  keys TEXT NOT NULL,               -- surrogate keys of what it shows
  translations TEXT NOT NULL        -- ids of the articles that it shows as translations
) STRICT;
