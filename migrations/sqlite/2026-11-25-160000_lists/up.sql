-- Whose lists of articles a change to an article touches, those of before and those of after: `t17 t4 w2` for the tags 17
-- and 4 and the author 2. It tells which kept answers are no longer true.
ALTER TABLE changes ADD COLUMN lists TEXT NOT NULL DEFAULT '';
