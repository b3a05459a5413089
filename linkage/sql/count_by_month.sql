-- People who received any service in each month. Agencies are those that know these people.
WITH received AS (
    SELECT DISTINCT record.person, record.loose, record.strict, service.month
    FROM service
    JOIN record USING (agency, row)
)
SELECT month AS label,
       count(DISTINCT received.person) AS people,
       count(DISTINCT received.loose) AS low,
       count(DISTINCT received.strict) AS high,
       count(DISTINCT known.agency) AS agencies
FROM received
JOIN record AS known ON known.person = received.person
GROUP BY month
ORDER BY month
