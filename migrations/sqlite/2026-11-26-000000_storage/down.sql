DELETE FROM list_spans WHERE list LIKE '~%';
