DROP INDEX articles_hidden;
