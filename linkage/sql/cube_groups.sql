-- How many people (or households) in each cell of each table.
-- The bits of shape tell which of the columns the cell is about. Agencies are those that know these people.
SELECT grouping(agency, area, type, month, month // 3, month // 12, age, kind) AS shape,
       agency,
       area,
       type,
       month,
       month // 3 AS quarter,
       month // 12 AS year,
       age,
       kind,
       count(DISTINCT who) AS count,
       bit_count(bit_or(ones)) + bit_count(bit_or(others)) AS agencies
FROM met
GROUP BY GROUPING SETS (
    (),
    (agency),
    (area),
    (area, type),
    (month),
    (month // 3),
    (month // 12),
    (age),
    (kind),
    (agency, area),
    (agency, month // 3),
    (area, month // 3),
    (area, age)
)
