-- Whom an entry of the change log concerns: those who can see the thing after the change, and those who could before it.
-- To nobody else it says anything, so that work on what is hidden is not told by the tombstone of what was public once.
ALTER TABLE changes ADD COLUMN concerns BIGINT NOT NULL DEFAULT 0;

-- The media of what is hidden were logged as if anyone could see them.
UPDATE changes SET audience = 0, known_to = 0
  WHERE type = 'media'
    AND (EXISTS (SELECT 1 FROM articles WHERE articles.hero_id = changes.entity_id)
      OR EXISTS (SELECT 1 FROM article_media WHERE article_media.media_id = changes.entity_id))
    AND NOT EXISTS (SELECT 1 FROM articles WHERE articles.hero_id = changes.entity_id AND articles.public)
    AND NOT EXISTS (SELECT 1 FROM article_media JOIN articles ON articles.id = article_media.article_id
      WHERE article_media.media_id = changes.entity_id AND articles.public);

-- A kill is for all who ever knew the story.
UPDATE changes SET concerns = greatest(audience, CASE WHEN reason = 'killed' THEN known_to ELSE 0 END,
  coalesce((SELECT earlier.audience FROM changes AS earlier
    WHERE earlier.type = changes.type AND earlier.entity_id = changes.entity_id AND earlier.seq < changes.seq
    ORDER BY earlier.seq DESC LIMIT 1), 0));
