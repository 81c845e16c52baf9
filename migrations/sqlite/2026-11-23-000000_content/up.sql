-- The content model; see ../../README.md for the rules.

CREATE TABLE settings (
  name TEXT PRIMARY KEY NOT NULL,
  value TEXT NOT NULL
) STRICT;

CREATE TABLE media (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  guid TEXT NOT NULL UNIQUE,
  url TEXT NOT NULL,
  alt TEXT NOT NULL,
  caption TEXT NOT NULL,
  credit TEXT NOT NULL,
  width INTEGER,
  height INTEGER,
  mime_type TEXT,
  rights TEXT,                      -- JSON object
  renditions TEXT NOT NULL,         -- JSON array
  created_at INTEGER NOT NULL,
  modified_at INTEGER NOT NULL
) STRICT;

CREATE TABLE articles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  guid TEXT NOT NULL UNIQUE,
  slug TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  lang TEXT NOT NULL,
  translation_group TEXT,
  status TEXT NOT NULL,
  public INTEGER NOT NULL,        -- what anyone may see; kept by articles::visibility alone
  embargoed INTEGER NOT NULL,     -- published, but held back from all who have no right to see it early
  was_public INTEGER NOT NULL,    -- 410 is only for what anyone could once see
  title TEXT NOT NULL,
  title_key TEXT NOT NULL,       -- folded, for ORDER BY
  standfirst TEXT,
  opening TEXT NOT NULL,            -- the first 500 words of the text, for excerpts
  word_count INTEGER NOT NULL,
  hero_id INTEGER REFERENCES media (id),
  canonical_url TEXT,
  rights TEXT,                      -- JSON object
  published_at INTEGER,
  published_year INTEGER,
  first_published_at INTEGER,
  embargo_until INTEGER,
  expires_at INTEGER,
  next_transition_at INTEGER,       -- when the clock alone changes public or embargoed
  killed_at INTEGER,
  kill_reason TEXT,
  replaced_by TEXT,                 -- a slug
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,      -- editorial changes only
  modified_at INTEGER NOT NULL,     -- any change
  version INTEGER NOT NULL,
  digest TEXT NOT NULL,             -- of everything editorial: an equal one means that nothing changed
  CHECK (published_at IS NOT NULL OR NOT (public OR embargoed)),
  CHECK (NOT (public AND embargoed))
) STRICT;
CREATE INDEX articles_by_published_at ON articles (published_at DESC, id DESC) WHERE public;
CREATE INDEX articles_by_updated_at ON articles (updated_at DESC, id DESC) WHERE public;
CREATE INDEX articles_by_title ON articles (title_key, id) WHERE public;
CREATE INDEX articles_by_kind ON articles (kind, published_at DESC, id DESC) WHERE public;
CREATE INDEX articles_by_lang ON articles (lang, published_at DESC, id DESC) WHERE public;
CREATE INDEX articles_by_translation_group ON articles (translation_group) WHERE translation_group IS NOT NULL;
CREATE INDEX articles_by_next_transition ON articles (next_transition_at) WHERE next_transition_at IS NOT NULL;
CREATE INDEX articles_by_hero ON articles (hero_id);

CREATE TABLE article_bodies (
  article_id INTEGER PRIMARY KEY NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
  source TEXT NOT NULL,
  source_format TEXT NOT NULL,
  html TEXT NOT NULL,               -- sanitised
  sanitiser_version INTEGER NOT NULL,
  text TEXT NOT NULL
) STRICT;

CREATE TABLE article_totals (       -- public articles by kind and lang: counts are kept, never counted on read
  kind TEXT NOT NULL,
  lang TEXT NOT NULL,
  article_count INTEGER NOT NULL,
  PRIMARY KEY (kind, lang)
) STRICT;

CREATE TABLE corrections (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
  corrected_at INTEGER NOT NULL,
  text TEXT NOT NULL
) STRICT;
CREATE INDEX corrections_by_article ON corrections (article_id, corrected_at, id);

CREATE TABLE authors (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  slug TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  bio TEXT NOT NULL,
  article_count INTEGER NOT NULL,   -- public articles, pages not counted
  created_at INTEGER NOT NULL,
  modified_at INTEGER NOT NULL
) STRICT;
CREATE INDEX authors_by_name ON authors (name_key, id);
CREATE INDEX authors_by_article_count ON authors (article_count DESC, id DESC);

CREATE TABLE article_authors (
  article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
  author_id INTEGER NOT NULL REFERENCES authors (id),
  position INTEGER NOT NULL,
  listed INTEGER NOT NULL,        -- the article is public and no page
  published_at INTEGER,             -- the article's, so that one index serves an author's list
  PRIMARY KEY (article_id, author_id)
) STRICT;
CREATE INDEX article_authors_listed ON article_authors (author_id, published_at DESC, article_id DESC) WHERE listed;
CREATE INDEX article_authors_by_author ON article_authors (author_id);

CREATE TABLE tags (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  slug TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  kind TEXT NOT NULL,
  description TEXT NOT NULL,
  merged_into INTEGER REFERENCES tags (id),
  article_count INTEGER NOT NULL,   -- public articles, pages not counted
  created_at INTEGER NOT NULL,
  modified_at INTEGER NOT NULL
) STRICT;
CREATE INDEX tags_by_name ON tags (name_key, id);
CREATE INDEX tags_by_article_count ON tags (article_count DESC, id DESC);

CREATE TABLE article_tags (
  article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
  tag_id INTEGER NOT NULL REFERENCES tags (id),
  position INTEGER NOT NULL,
  listed INTEGER NOT NULL,        -- the article is public and no page
  published_at INTEGER,             -- the article's, so that one index serves a tag page
  PRIMARY KEY (article_id, tag_id)
) STRICT;
CREATE INDEX article_tags_listed ON article_tags (tag_id, published_at DESC, article_id DESC) WHERE listed;
CREATE INDEX article_tags_by_tag ON article_tags (tag_id);

CREATE TABLE article_media (
  article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
  media_id INTEGER NOT NULL REFERENCES media (id),
  position INTEGER NOT NULL,
  PRIMARY KEY (article_id, media_id)
) STRICT;
CREATE INDEX article_media_by_media ON article_media (media_id);

CREATE TABLE redirects (            -- an article's former slugs, a tag's aliases
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  type TEXT NOT NULL,
  from_slug TEXT NOT NULL,
  article_id INTEGER REFERENCES articles (id) ON DELETE CASCADE,
  tag_id INTEGER REFERENCES tags (id) ON DELETE CASCADE,
  created_at INTEGER NOT NULL,
  UNIQUE (type, from_slug),
  CHECK ((type = 'article' AND article_id IS NOT NULL AND tag_id IS NULL)
      OR (type = 'tag' AND tag_id IS NOT NULL AND article_id IS NULL))
) STRICT;
CREATE INDEX redirects_by_article ON redirects (article_id);
CREATE INDEX redirects_by_tag ON redirects (tag_id);

CREATE TABLE changes (              -- appended in the transaction of every write; seq is in commit order
  seq INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
  op TEXT NOT NULL,
  type TEXT NOT NULL,
  entity_id INTEGER NOT NULL,
  slug TEXT NOT NULL,
  version INTEGER NOT NULL,
  modified_at INTEGER NOT NULL,
  reason TEXT NOT NULL,
  replaced_by TEXT
) STRICT;
CREATE INDEX changes_by_entity ON changes (type, entity_id, seq);

-- Folded words only, so that the plainest tokenizer splits them as PostgreSQL's tsvector holds them.
CREATE VIRTUAL TABLE article_search USING fts5 (
  title, standfirst, body, content = '', contentless_delete = 1, tokenize = 'ascii', prefix = '2 3'
);
