-- Who may see a tag or an author: 0 nobody but the newsroom, 1 keys that may see what is under embargo, 2 everyone. One that
-- a draft names first is nobody's until an article shows it to others.
ALTER TABLE tags ADD COLUMN audience BIGINT NOT NULL DEFAULT 2;
ALTER TABLE authors ADD COLUMN audience BIGINT NOT NULL DEFAULT 2;
