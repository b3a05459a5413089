"""The cube on Spark: the statements of ``linkage/sql``, said in Spark's words, over people tables of any size."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from linkage.cube.asking import Wanted, counted_cube
from linkage.cube.calculator import UNIT_WORDS, Calculator
from linkage.cube.counting import Cube
from linkage.cube.facts import BANDS, UNTOLD, Words
from linkage.errors import RunError
from linkage.spark.grouping import components
from linkage.spark.places import check_can_be_shared, for_spark, is_local, name_of, store_of
from linkage.spark.session import Desk, SparkSettings, spark_session
from linkage.spark.statements import translated

_GROUPINGS = UNIT_WORDS["people"]
_HOMES = dict(zip(_GROUPINGS, UNIT_WORDS["households"], strict=True))
_BETWEEN = ".between"  # the folder beside a run for what goes when the work is done


def cube_on_spark(run: str, wanted: Wanted, chosen: SparkSettings) -> tuple[Cube, tuple[str, ...]]:
    """The cube of a run at a path or an address, and what has to be said beside each of its numbers.

    The cells are those of `linkage.cube.asking.cube_of`.

    Raises:
        RunError: the place is no run, or Spark cannot work.
        RequestRefused: the period is none.
    """
    check_can_be_shared(run)
    report = read_report_at(run)
    with _spill() as spill, spark_session(chosen, spill=spill) as session, _between(run, spill) as work:
        counted = SparkTables.of(Desk(session, work, spill), for_spark(run))
        return counted_cube(counted, report, wanted)


def read_report_at(run: str) -> dict[str, Any]:
    """The report of a run at a path or an address.

    Raises:
        RunError: there is no run.
    """
    system, path = store_of(run)
    try:
        with system.open(f"{path}/report.json", "rb") as stream:
            return msgspec.json.decode(stream.read(), type=dict[str, Any])
    except (OSError, msgspec.MsgspecError) as error:
        raise RunError(
            f"{name_of(run)}: this is not the folder of a run", hint="Link first: headcount link."
        ) from error


@contextmanager
def _spill() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="headcount."))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _between(run: str, spill: Path) -> Iterator[str]:
    """A folder that all workers reach: of this machine, or beside the run."""
    if is_local(run):
        yield for_spark(str(spill / "between"))
        return
    place = f"{run.rstrip('/')}{_BETWEEN}"
    system, path = store_of(place)
    try:
        yield for_spark(place)
    finally:
        if system.exists(path):
            system.rm(path, recursive=True)


@dataclass(frozen=True, slots=True)
class SparkTables:
    """A run's tables, with numbers for words, where Spark keeps them."""

    session: SparkSession
    records: DataFrame  # place, agency, row, age; and the six groupings
    services: DataFrame
    words: Words

    @classmethod
    def of(cls, desk: Desk, run: str) -> SparkTables:
        """The tables of the run at an address of Spark's."""
        records, services = (desk.session.read.parquet(f"{run}/{name}.parquet") for name in ("records", "services"))
        for name, word in UNTOLD.items():
            if name not in services.columns:
                services = services.withColumn(name, F.lit(word))
        if "age" not in records.columns:
            records = records.withColumn("age", F.lit(None).cast("string"))
        words = Words.of(
            agencies=_members(records, "agency"),
            areas=_members(services, "area"),
            types=_members(services, "type"),
            telling=_members(services, "agency"),
            months=_members(services, "month"),
        )
        return cls(desk.session, desk.kept(_numbered(desk, records, words), "record"), services, words)

    @contextmanager
    def opened(self) -> Iterator[Calculator]:
        """The session, knowing these tables."""
        calculator = OnSpark(self.session, self.records)
        for name, table in self.words.tables():
            calculator.put(name, table)
        self.records.createOrReplaceTempView("record")
        self.services.createOrReplaceTempView("service")
        calculator.make("cube_received")
        yield calculator


def _members(table: DataFrame, name: str) -> list[str]:
    return [row[0] for row in table.select(name).distinct().collect()]


def _numbered(desk: Desk, records: DataFrame, words: Words) -> DataFrame:
    placed = desk.kept(records.withColumn("place", F.monotonically_increasing_id()), "placed")
    for name in _GROUPINGS:
        placed = _with_homes(desk, placed, name)
    numbers = {
        "agency": _numbers(words.agencies)[F.col("agency")],
        "age": _numbers(BANDS[:-1])[F.col("age")],
    }
    return placed.withColumns(numbers).select("place", "agency", "row", "age", *_GROUPINGS, *_HOMES.values())


def _numbers(members: Sequence[str]) -> Any:  # noqa: ANN401 -- a column that Spark may index
    pairs = [F.lit(each) for number, name in enumerate(members) for each in (name, number)]
    return F.create_map(*pairs) if pairs else F.create_map(F.lit(""), F.lit(0))


def _with_homes(desk: Desk, records: DataFrame, name: str) -> DataFrame:
    """Households of a grouping's people: components of people whom any agency lists as one household."""
    listed = records.where("household <> ''").select("agency", "household", F.col(name).alias("right"))
    first = listed.groupBy("agency", "household").agg(F.min("right").alias("left"))
    links = listed.join(first, ["agency", "household"]).select("left", "right").where("left <> right").distinct()
    apart = Desk(desk.session, f"{desk.work}/{_HOMES[name]}", desk.spill)
    homes = components(apart, links).withColumnsRenamed({"number": name, "component": _HOMES[name]})
    return records.join(homes, name, "left").withColumn(_HOMES[name], F.coalesce(_HOMES[name], name))


@dataclass(frozen=True, slots=True)
class OnSpark:
    """The calculator of `linkage.cube.calculator` on Spark."""

    session: SparkSession
    records: DataFrame
    made: dict[str, DataFrame] = field(default_factory=dict)

    def put(self, name: str, table: pa.Table) -> None:
        """See `Calculator`."""
        self.session.createDataFrame(table).createOrReplaceTempView(name)

    def make(self, name: str, **asked: int) -> None:
        """See `Calculator`."""
        query, made = translated(name)
        self._keep(made, self._asked(query, asked))

    def select(self, name: str, **asked: int) -> Sequence[Sequence[Any]]:
        """See `Calculator`."""
        query, _ = translated(name)
        return [tuple(row) for row in self._asked(query, asked).collect()]

    def group(self, name: str, *, unlike: str = "") -> None:
        """See `Calculator`."""
        records = _differing(self.records, name, unlike) if unlike else self.records
        self._keep("grouping", records.select("place", F.col(name).alias("who")))

    def _asked(self, query: str, asked: Mapping[str, int]) -> DataFrame:
        return self.session.sql(query, args=dict(asked)) if asked else self.session.sql(query)

    def _keep(self, name: str, table: DataFrame) -> None:
        """Work the table out once; the one that had its name before goes."""
        table.persist().createOrReplaceTempView(name)
        table.count()
        if name in self.made:
            self.made[name].unpersist()
        self.made[name] = table


def _differing(records: DataFrame, one: str, other: str) -> DataFrame:
    """The records that two groupings put together with different records."""
    sides = [(one, other, "left_split"), (other, one, "right_split")]
    for by, of, split in sides:
        told = records.groupBy(by).agg((F.min(of) != F.max(of)).alias(split))
        records = records.join(told, by)
    return records.where("left_split OR right_split")
