ALTER TABLE article_cards DROP COLUMN lead_made_at;
ALTER TABLE article_cards DROP COLUMN lead;
