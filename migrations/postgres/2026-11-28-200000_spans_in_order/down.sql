-- PostgreSQL keeps every table beside its indexes: nothing is to be done.
SELECT 1;
