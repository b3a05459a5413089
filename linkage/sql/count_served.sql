-- Everybody who received at least one service. Agencies are those that know these people.
SELECT 'everybody served' AS label,
       count(DISTINCT record.person) AS people,
       count(DISTINCT record.loose) AS low,
       count(DISTINCT record.strict) AS high,
       count(DISTINCT known.agency) AS agencies
FROM record
JOIN (SELECT DISTINCT agency, row FROM service) AS served USING (agency, row)
JOIN record AS known ON known.person = record.person
