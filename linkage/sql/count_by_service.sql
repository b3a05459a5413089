-- People who received each service area, at whichever agencies. Agencies are those that know these people.
WITH received AS (
    SELECT DISTINCT record.person, record.loose, record.strict, service.area
    FROM service
    JOIN record USING (agency, row)
)
SELECT area AS label,
       count(DISTINCT received.person) AS people,
       count(DISTINCT received.loose) AS low,
       count(DISTINCT received.strict) AS high,
       count(DISTINCT known.agency) AS agencies
FROM received
JOIN record AS known ON known.person = received.person
GROUP BY area
ORDER BY area
