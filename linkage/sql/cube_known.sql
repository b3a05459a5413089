-- Everybody of the run under one grouping.
-- The agencies that know them are bits of two numbers (124: further agencies share bits, which can only withhold more).
-- The age band is the one that most of their records tell, of several the youngest.
CREATE OR REPLACE TEMP TABLE known AS
WITH told AS (
    SELECT grouping.who, record.age, count(*) AS times
    FROM grouping
    JOIN record USING (place)
    WHERE record.age IS NOT NULL
    GROUP BY ALL
), banded AS (
    SELECT who, arg_min(age, -times * 100 + age) AS age
    FROM told
    GROUP BY who
), met AS (
    SELECT grouping.who,
           bit_or(CASE WHEN record.agency % 124 < 62 THEN CAST(1 AS BIGINT) << CAST(record.agency % 62 AS INTEGER) ELSE 0 END) AS ones,
           bit_or(CASE WHEN record.agency % 124 < 62 THEN 0 ELSE CAST(1 AS BIGINT) << CAST(record.agency % 62 AS INTEGER) END) AS others,
           bool_or(record.age < 3) AS children,
           bool_or(record.age >= 3) AS adults
    FROM grouping
    JOIN record USING (place)
    GROUP BY who
)
SELECT met.who,
       met.ones,
       met.others,
       coalesce(banded.age, 9) AS age,
       CASE
           WHEN met.children AND met.adults THEN 1
           WHEN met.children THEN 2
           WHEN met.adults THEN 0
           ELSE 3
       END AS kind
FROM met
LEFT JOIN banded USING (who)
