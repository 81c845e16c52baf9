-- What not everyone may see, which is little, and is left out of what a word stands in.
CREATE INDEX articles_hidden ON articles (id) WHERE public = FALSE;
