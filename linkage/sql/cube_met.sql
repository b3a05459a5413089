-- The visits of the period, with what is known of the people.
CREATE OR REPLACE TEMP TABLE met AS
SELECT visit.*, known.ones, known.others, known.age, known.kind
FROM visit
JOIN known USING (who)
WHERE visit.month BETWEEN $first AND $last
