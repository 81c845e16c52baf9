-- An older version finds what it looks for in the index as it is.
SELECT 1;
