-- People at each agency, by the best, the loose and the strict threshold.
SELECT agency AS label,
       count(DISTINCT person) AS people,
       count(DISTINCT loose) AS low,
       count(DISTINCT strict) AS high,
       count(DISTINCT agency) AS agencies
FROM record
GROUP BY agency
ORDER BY agency
