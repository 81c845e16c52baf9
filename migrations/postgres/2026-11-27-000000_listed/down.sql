DROP INDEX articles_listed;
