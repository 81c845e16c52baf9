-- Which articles are listed is read from this alone.
CREATE INDEX articles_listed ON articles (id) INCLUDE (kind, lang) WHERE public;
