DROP TABLE list_spans;
