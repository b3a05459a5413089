-- Who was there in several months of the last twelve.
-- Unknown is who was in none of the areas where somebody could know more of them.
WITH recent AS (
    SELECT DISTINCT who, agency, area, month
    FROM visit
    WHERE month BETWEEN $last - 11 AND $last
), regular AS (
    SELECT gap.number, recent.who
    FROM gap
    JOIN recent ON recent.area = gap.area OR recent.agency = gap.agency
    GROUP BY gap.number, recent.who, gap.months
    HAVING count(DISTINCT recent.month) >= gap.months
), seen AS (
    SELECT DISTINCT elsewhere.number, recent.who
    FROM elsewhere
    JOIN recent ON recent.area = elsewhere.area
)
SELECT regular.number, seen.who IS NULL AS unknown, count(*) AS count, bit_count(bit_or(ones)) + bit_count(bit_or(others)) AS agencies
FROM regular
LEFT JOIN seen ON seen.number = regular.number AND seen.who = regular.who
JOIN known ON known.who = regular.who
GROUP BY ALL
