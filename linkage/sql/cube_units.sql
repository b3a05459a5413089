-- What was given, in its own units: added up, not unduplicated.
SELECT grouping(agency, area, month // 3) AS shape, agency, area, month // 3 AS quarter, unit, sum(amount) AS amount
FROM received
WHERE month BETWEEN $first AND $last
GROUP BY GROUPING SETS ((unit), (agency, unit), (area, unit), (agency, month // 3, unit))
