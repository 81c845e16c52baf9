ALTER TABLE article_cards DROP COLUMN lead_version;
ALTER TABLE article_cards DROP COLUMN lead;
