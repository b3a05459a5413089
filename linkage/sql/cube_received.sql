-- Each service row beside its record's place, and with numbers for words.
-- Rows of no record are none of this run's.
CREATE TEMP TABLE received AS
SELECT record.place,
       record.agency,
       area.number AS area,
       kind.number AS type,
       unit.number AS unit,
       CAST(left(service.month, 4) AS INTEGER) * 12 + CAST(right(service.month, 2) AS INTEGER) - 1 AS month,
       service.units AS amount
FROM service
JOIN agency ON agency.name = service.agency
JOIN record ON record.agency = agency.number AND record.row = service.row
JOIN area ON area.name = service.area
JOIN kind ON kind.name = service.type
JOIN unit ON unit.name = service.unit
