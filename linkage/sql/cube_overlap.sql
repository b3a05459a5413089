-- How many people two agencies have in common. Each agency's own stand on the diagonal.
WITH served AS (
    SELECT DISTINCT who, agency, ones, others
    FROM met
)
SELECT one.agency AS one, other.agency AS other, count(*) AS count, bit_count(bit_or(one.ones)) + bit_count(bit_or(one.others)) AS agencies
FROM served AS one
JOIN served AS other ON other.who = one.who AND other.agency >= one.agency
GROUP BY ALL
