-- The beginning of the opening, beside what else a list shows of an article: most lists show no more of it. A process of an older version
-- does not set it, and so it says of which card it is.
ALTER TABLE article_cards ADD COLUMN lead TEXT;
ALTER TABLE article_cards ADD COLUMN lead_made_at BIGINT;         -- the card's made_at then: where it is another one now, the opening is read
