-- Every pair of records that shares at least one blocking token of a usable size, once.
WITH usable AS (
    SELECT token
    FROM token
    GROUP BY token
    HAVING count(*) BETWEEN 2 AND $most_records
),
kept AS (
    SELECT token.unique_id, token.token
    FROM token
    JOIN usable USING (token)
)
SELECT DISTINCT a.unique_id AS join_key_l, b.unique_id AS join_key_r
FROM kept AS a
JOIN kept AS b ON a.token = b.token AND a.unique_id < b.unique_id
