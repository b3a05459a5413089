-- Who received what, where and when, each once.
CREATE OR REPLACE TEMP TABLE visit AS
SELECT DISTINCT grouping.who, received.agency, received.area, received.type, received.month
FROM received
JOIN grouping USING (place)
