"""What a run on Spark leaves: the tables of a run folder as folders of Parquet parts, people.csv and report.json."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from linkage.agency_table import TrueRow
from linkage.history import Named, pseudonym
from linkage.people import Links, weakest_link
from linkage.report import EVERYBODY
from linkage.spark.arrays import numbers
from linkage.spark.grouping import GROUPS
from linkage.spark.places import for_spark, store_of
from linkage.spark.session import Desk

KEYS = ("agency", "row")
_COUNTED = ("person", "loose", "strict")


@dataclass(frozen=True, slots=True)
class Tables:
    """What was found: records with their groups, and scored pairs, both by numbers of records."""

    desk: Desk
    agencies: Sequence[str]
    records: DataFrame  # number, agency (which), row, household, missing, services, person, care, strict, loose
    pairs: DataFrame

    def write(self, out: str, *, kept_probability: float) -> None:
        """Write all but the report into *out*."""
        where = for_spark(out)
        named = self._named()
        named.orderBy("number").select(*KEYS, "household", "age", *GROUPS, "missing").write.option(
            "compression", "zstd"
        ).parquet(f"{where}/records.parquet")
        self._services(named).write.option("compression", "zstd").parquet(f"{where}/services.parquet")
        kept = self.pairs.where(F.col("probability") >= kept_probability)
        _with_ends(kept, named).write.option("compression", "zstd").parquet(f"{where}/pairs.parquet")
        self._write_people(named, out)
        _write_history(out)

    def _named(self) -> DataFrame:
        """The records, with the names of their agencies."""
        names = self.desk.session.createDataFrame(list(enumerate(self.agencies)), "agency int, name string")
        joined = self.records.join(F.broadcast(names), "agency")
        return joined.withColumn("agency", F.col("name")).drop("name")

    @staticmethod
    def _services(named: DataFrame) -> DataFrame:
        each = named.select("number", *KEYS, F.explode("services").alias("service"))
        every = each.select("number", *KEYS, "service.*")
        return every.orderBy("number", *(name for name in every.columns if name not in ("number", *KEYS))).drop(
            "number"
        )

    def _write_people(self, named: DataFrame, out: str) -> None:
        """One file in the order of the records, as the other engine writes it."""
        firsts = named.where(F.col("number") == F.col("person")).select(F.col("person").alias("group"), *KEYS)
        people = firsts.mapInArrow(_pseudonyms, "group long, person string")
        lines = named.select("number", *KEYS, F.col("person").alias("group")).join(people, "group")
        self.desk.kept(lines.orderBy("number").select(*KEYS, "person"), "people")
        _write_csv(f"{self.desk.work}/people", out)

    def counted(self) -> tuple[list[TrueRow], TrueRow]:
        """People of each agency, and of all."""
        groups = [F.countDistinct(name).alias(name) for name in _COUNTED]
        each = {row["agency"]: row for row in self.records.rollup("agency").agg(*groups).collect()}
        rows = [_true_row(name, each[number]) for number, name in enumerate(self.agencies)]
        return rows, _true_row(EVERYBODY, each[None], agencies=len(self.agencies))

    def largest(self) -> tuple[int, float | None]:
        """How many records the person with the most has, and the bits of the weakest link that holds them together."""
        sizes = self.records.groupBy("person").count().orderBy(F.desc("count"), "person")
        (most,) = sizes.limit(1).collect()
        members = self.records.where(F.col("person") == most["person"]).select("number")
        inside = self.pairs.select("left", "right", "weight")
        for side in ("left", "right"):
            inside = inside.join(members.withColumnRenamed("number", side), side, "left_semi")
        return most["count"], _weakest(inside.toArrow())


def _true_row(label: str, counts: Any, *, agencies: int = 1) -> TrueRow:  # noqa: ANN401 -- a row of Spark
    people, loose, strict = (counts[name] for name in _COUNTED)
    return TrueRow(label, people=people, low=loose, high=strict, agencies=agencies)


def _weakest(pairs: pa.Table) -> float | None:
    left, right, weight = (numbers(pairs[name]) for name in ("left", "right", "weight"))
    known = np.unique(np.concatenate([left, right]))
    left, right = (np.searchsorted(known, side).astype(np.int32) for side in (left, right))
    return weakest_link(Links(left, right, weight), records=len(known))


def _with_ends(pairs: DataFrame, named: DataFrame) -> DataFrame:
    """Pairs with the names of their records, in order."""
    for side, end in (("left", "l"), ("right", "r")):
        names = {name: f"{name}_{end}" for name in KEYS}
        ends = named.select(F.col("number").alias(side), *KEYS).withColumnsRenamed(names)
        pairs = pairs.join(ends, side)
    scores = [name for name in pairs.columns if name.startswith("weight_")]
    return pairs.orderBy("left", "right").select(
        "agency_l", "row_l", "agency_r", "row_r", "weight", "probability", *scores
    )


def _pseudonyms(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        keys = zip(batch.column("agency").to_pylist(), batch.column("row").to_pylist(), strict=True)
        names = pa.array([pseudonym(agency, row) for agency, row in keys], pa.string())
        yield pa.RecordBatch.from_arrays([batch.column("group"), names], names=["group", "person"])


def _write_csv(parts: str, out: str) -> None:
    """The parts behind one another, a batch at a time."""
    source, folder = store_of(parts)
    target, path = store_of(out)
    schema = pa.schema([(name, pa.string()) for name in (*KEYS, "person")])
    plain = pc.WriteOptions(quoting_style="none", quoting_header="none")
    with target.open(f"{path}/people.csv", "wb") as stream, pc.CSVWriter(stream, schema, write_options=plain) as csv:
        for part in sorted(source.glob(f"{folder}/part-*")):
            with source.open(part, "rb") as content:
                for batch in pq.ParquetFile(content).iter_batches():
                    csv.write_batch(batch.cast(schema))


def _write_history(out: str) -> None:
    """A run without an earlier one tells no changes."""
    system, path = store_of(out)
    with system.open(f"{path}/history.parquet", "wb") as stream:
        pq.write_table(Named(pa.array([], pa.string()), ()).change_table(), stream, compression="zstd")


def write_report(report: dict[str, object], out: str) -> None:
    """The last file of a run: a run without it is none."""
    system, path = store_of(out)
    with system.open(f"{path}/report.json", "wb") as stream:
        stream.write((json.dumps(report, indent=1, sort_keys=True) + "\n").encode())
