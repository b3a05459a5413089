-- New, continuing and returning people of each month and each quarter.
-- A quarter is by the first month there. New is who was never there before in the files, returning who was away for
-- more than three months.
WITH there AS (
    SELECT DISTINCT who, month
    FROM visit
), steps AS (
    SELECT who, month, lag(month) OVER (PARTITION BY who ORDER BY month) AS before
    FROM there
), told AS (
    SELECT who, month, CASE WHEN before IS NULL THEN 0 WHEN month - before > 3 THEN 2 ELSE 1 END AS flow
    FROM steps
    WHERE month BETWEEN $first AND $last
), quarters AS (
    SELECT who, month // 3 AS quarter, arg_min(flow, month) AS flow
    FROM told
    GROUP BY ALL
)
SELECT 'month' AS every, month AS at, flow, count(*) AS count, bit_count(bit_or(ones)) + bit_count(bit_or(others)) AS agencies
FROM told
JOIN known USING (who)
GROUP BY ALL
UNION ALL
SELECT 'quarter', quarter, flow, count(*), bit_count(bit_or(ones)) + bit_count(bit_or(others))
FROM quarters
JOIN known USING (who)
GROUP BY ALL
