"""Rows in order, by agency and then by pseudonym: a record's number is its place, as with the other engine."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from hashing.schema import check_are_distinct, check_row_count
from linkage.spark.places import name_of
from linkage.spark.reading import Source
from linkage.spark.session import Desk

ROWS = 250_000  # of a part
_WITHIN = 33  # bits of Spark's own row numbers that count within a part; the rest tell the part


def numbered(desk: Desk, read: DataFrame, sources: Sequence[Source]) -> DataFrame:
    """The rows of all files with a column *number*.

    Raises:
        EncodedFileError: rows are missing, added or given twice.
    """
    parts = max(desk.workers, -(-sum(source.header.rows for source in sources) // ROWS))
    ordered = read.repartitionByRange(parts, "agency", "row").sortWithinPartitions("agency", "row")
    kept = desk.kept(ordered.withColumn("place", F.monotonically_increasing_id()), "ordered")
    _check_rows(kept, sources)
    part = F.shiftright("place", _WITHIN)
    counts = kept.groupBy(part.alias("part")).count().orderBy("part").collect()
    first, offsets = 0, []
    for row in counts:
        offsets.append((row["part"], first - (row["part"] << _WITHIN)))
        first += row["count"]
    shifts = F.broadcast(desk.session.createDataFrame(offsets, "part long, shift long"))
    return kept.withColumn("part", part).join(shifts, "part").withColumn("number", F.col("place") + F.col("shift"))


def _check_rows(kept: DataFrame, sources: Sequence[Source]) -> None:
    """Two rows of one pseudonym stand side by side in *kept*, but counting is what Spark does best."""
    counts = kept.groupBy("agency").agg(F.count("row").alias("rows"), F.countDistinct("row").alias("distinct"))
    found = {row["agency"]: row for row in counts.collect()}
    for source in sources:
        row, name = found.get(source.agency), name_of(source.place)
        check_row_count(row["rows"] if row else 0, source.header, source=name)
        check_are_distinct(row["distinct"] if row else 0, source.header, source=name)
