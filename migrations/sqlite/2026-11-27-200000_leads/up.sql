-- The beginning of the opening, beside what else a list shows of an article: most lists show no more of it. A process of an older version
-- does not set it, and so it says of which version of the article it is: where that is another one now, the opening is read.
ALTER TABLE article_cards ADD COLUMN lead TEXT;
ALTER TABLE article_cards ADD COLUMN lead_version INTEGER CHECK ((lead IS NULL) = (lead_version IS NULL));
