-- What changes the number of active people in each month.
-- Active at the end of a month is who was there in it or in the two months before.
WITH there AS (
    SELECT DISTINCT who, month
    FROM visit
), steps AS (
    SELECT who,
           month,
           lag(month) OVER (PARTITION BY who ORDER BY month) AS before,
           lead(month) OVER (PARTITION BY who ORDER BY month) AS next
    FROM there
), events AS (
    SELECT who, month, CASE WHEN before IS NULL THEN 0 ELSE 1 END AS event
    FROM steps
    WHERE before IS NULL OR month - before > 3
    UNION ALL
    SELECT who, month + 3, 2
    FROM steps
    WHERE next IS NULL OR next - month > 3
)
SELECT month, event, count(*) AS count, bit_count(bit_or(ones)) + bit_count(bit_or(others)) AS agencies
FROM events
JOIN known USING (who)
WHERE month <= $last
GROUP BY ALL
