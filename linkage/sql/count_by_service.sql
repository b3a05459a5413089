-- People who received each service area, at whichever agencies.
WITH received AS (
    SELECT DISTINCT record.agency, record.person, record.loose, record.strict, service.area
    FROM service
    JOIN record USING (agency, row)
)
SELECT area AS label,
       count(DISTINCT person) AS people,
       count(DISTINCT loose) AS low,
       count(DISTINCT strict) AS high,
       count(DISTINCT agency) AS agencies
FROM received
GROUP BY area
ORDER BY area
