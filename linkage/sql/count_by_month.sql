-- People who received any service in each month.
WITH received AS (
    SELECT DISTINCT record.agency, record.person, record.loose, record.strict, service.month
    FROM service
    JOIN record USING (agency, row)
)
SELECT month AS label,
       count(DISTINCT person) AS people,
       count(DISTINCT loose) AS low,
       count(DISTINCT strict) AS high,
       count(DISTINCT agency) AS agencies
FROM received
GROUP BY month
ORDER BY month
