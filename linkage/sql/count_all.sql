-- Everybody in the run, and everybody who received a service.
SELECT 'everybody' AS label,
       count(DISTINCT person) AS people,
       count(DISTINCT loose) AS low,
       count(DISTINCT strict) AS high,
       count(DISTINCT agency) AS agencies
FROM record
