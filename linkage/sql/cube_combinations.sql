-- How many people exactly these agencies served.
WITH served AS (
    SELECT DISTINCT who, agency
    FROM met
), sets AS (
    SELECT who, list_sort(list(agency)) AS members
    FROM served
    GROUP BY who
)
SELECT members, count(*) AS count
FROM sets
GROUP BY members
