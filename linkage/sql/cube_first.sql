-- Whom the files tell of for the first time in the period, and who was there before.
WITH firsts AS (
    SELECT who, min(month) AS month
    FROM visit
    GROUP BY who
)
SELECT firsts.month < $first AS before, count(*) AS count, bit_count(bit_or(ones)) + bit_count(bit_or(others)) AS agencies
FROM firsts
JOIN known USING (who)
WHERE who IN (SELECT who FROM met)
GROUP BY ALL
