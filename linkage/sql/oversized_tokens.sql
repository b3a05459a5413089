-- Blocking tokens that too many records share: they are reported, and make no candidate pairs.
SELECT token, count(*) AS records
FROM token
GROUP BY token
HAVING count(*) > $most_records
ORDER BY records DESC, token
