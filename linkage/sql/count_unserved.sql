-- Everybody of whom no service was recorded, by each threshold.
WITH served AS (
    SELECT record.person, record.loose, record.strict
    FROM record
    JOIN (SELECT DISTINCT agency, row FROM service) AS received USING (agency, row)
)
SELECT 'no service recorded' AS label,
       count(DISTINCT person) FILTER (person NOT IN (SELECT person FROM served)) AS people,
       count(DISTINCT loose) FILTER (loose NOT IN (SELECT loose FROM served)) AS low,
       count(DISTINCT strict) FILTER (strict NOT IN (SELECT strict FROM served)) AS high,
       count(DISTINCT agency) FILTER (person NOT IN (SELECT person FROM served)) AS agencies
FROM record
