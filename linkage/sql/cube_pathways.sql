-- Where people went next: from the area of their first month to another one within three months.
-- Several areas in one month are -1, and none is -2. Only people who came first within the period.
WITH there AS (
    SELECT DISTINCT who, month, area
    FROM visit
), firsts AS (
    SELECT who, min(month) AS month
    FROM there
    GROUP BY who
    HAVING min(month) BETWEEN $first AND $last
), starts AS (
    SELECT who, any_value(firsts.month) AS month, CASE WHEN count(*) > 1 THEN -1 ELSE any_value(area) END AS area
    FROM firsts
    JOIN there USING (who, month)
    GROUP BY who
), later AS (
    SELECT who, there.month, CASE WHEN count(*) > 1 THEN -1 ELSE any_value(there.area) END AS area
    FROM starts
    JOIN there USING (who)
    WHERE there.month > starts.month
      AND there.month <= starts.month + 3
      AND there.area NOT IN (SELECT area FROM there AS old WHERE old.who = starts.who AND old.month = starts.month)
    GROUP BY who, there.month
), nexts AS (
    SELECT who, arg_min(area, month) AS area
    FROM later
    GROUP BY who
)
SELECT starts.area AS start,
       coalesce(nexts.area, -2) AS next,
       count(*) AS count,
       bit_count(bit_or(ones)) + bit_count(bit_or(others)) AS agencies
FROM starts
LEFT JOIN nexts USING (who)
JOIN known USING (who)
GROUP BY ALL
