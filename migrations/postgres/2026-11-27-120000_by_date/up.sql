-- The list of all articles is read from its index alone, pages left out, and so is which articles are listed. Without `kind` in it the
-- planner, which does not know how short a page is, took the index by kind and sorted all of it. Readers wait for no more than the
-- exchange of the two.
CREATE INDEX articles_by_published_at_new ON articles (published_at DESC, id DESC) INCLUDE (kind, lang) WHERE public;
DROP INDEX articles_by_published_at;
ALTER INDEX articles_by_published_at_new RENAME TO articles_by_published_at;
-- It does that one's work; where an unreleased version was run it is not there.
DROP INDEX IF EXISTS articles_listed;
