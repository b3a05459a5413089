-- Everybody who received at least one service.
SELECT 'everybody served' AS label,
       count(DISTINCT record.person) AS people,
       count(DISTINCT record.loose) AS low,
       count(DISTINCT record.strict) AS high,
       count(DISTINCT record.agency) AS agencies
FROM record
JOIN (SELECT DISTINCT agency, row FROM service) AS served USING (agency, row)
