"""Rows in order, by agency and then by pseudonym: a record's number is its place, as with the other engine."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as F

from hashing.schema import check_are_distinct
from linkage.spark.places import name_of
from linkage.spark.reading import Source
from linkage.spark.session import Desk

ROWS = 250_000  # of a part
_WITHIN = 33  # bits of Spark's own row numbers that count within a part; the rest tell the part


def numbered(desk: Desk, read: DataFrame, sources: Sequence[Source]) -> DataFrame:
    """The rows of all files with a column *number*.

    Raises:
        EncodedFileError: a row is given twice.
    """
    parts = max(desk.workers, -(-sum(source.header.rows for source in sources) // ROWS))
    ordered = read.repartitionByRange(parts, "agency", "row").sortWithinPartitions("agency", "row")
    kept = desk.kept(ordered.withColumn("place", F.monotonically_increasing_id()), "ordered")
    kept = kept.withColumn("part", F.shiftright("place", _WITHIN))
    counted = kept.groupBy("part", "agency").agg(F.count("row").alias("rows"), F.countDistinct("row").alias("distinct"))
    counts = counted.orderBy("part").collect()
    _check_are_distinct(counts, sources)
    shifts = F.broadcast(desk.session.createDataFrame(_shifts(counts), "part long, shift long"))
    return kept.join(shifts, "part").withColumn("number", F.col("place") + F.col("shift"))


def _shifts(counts: Sequence[Row]) -> list[tuple[int, int]]:
    """What makes a number of each part's own row numbers."""
    first, shifts = 0, []
    for part, rows in groupby(counts, key=lambda row: row["part"]):
        shifts.append((part, first - (part << _WITHIN)))
        first += sum(row["rows"] for row in rows)
    return shifts


def _check_are_distinct(counts: Sequence[Row], sources: Sequence[Source]) -> None:
    """Rows of one pseudonym are in one part, so that the parts' numbers add up."""
    for source in sources:
        distinct = sum(row["distinct"] for row in counts if row["agency"] == source.agency)
        check_are_distinct(distinct, source.header, source=name_of(source.place))
