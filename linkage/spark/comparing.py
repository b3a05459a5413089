"""Pairs -> patterns of levels -> weights: codes are brought to the pairs in buckets, each code once a bucket."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from hashing.schema import Header
from linkage.blocking import Candidates, rarity_of
from linkage.encoded_columns import words_of
from linkage.engine import open_engine
from linkage.levels import patterns
from linkage.model import weights_of
from linkage.model_card import ModelCard
from linkage.people import log2_odds
from linkage.records import Records
from linkage.spark.arrays import numbers, words
from linkage.spark.session import Desk
from linkage.spark.tokens import Proposed
from linkage.weights import Weights

BUCKET = 1 << 30  # bytes of codes that a task holds at most


@dataclass(frozen=True, slots=True)
class Scored:
    """All compared pairs, and how many of them links suggested."""

    pairs: DataFrame  # left, right, pattern, weight, probability, a column weight_COMPARISON each
    suggested: int


@dataclass(frozen=True, slots=True)
class Comparer:
    """What is needed to compare: records (number, agency, household, codes), their headers, and the model."""

    desk: Desk
    records: DataFrame
    headers: tuple[Header, ...]
    card: ModelCard

    def compare(self, proposed: Proposed) -> Scored:
        """Score the proposed pairs, and those that two links above the loose threshold suggest."""
        with open_engine(spill=self.desk.spill) as connection:
            weights = weights_of(connection, self.card)
        ours = self._scored(weights, proposed.pairs, proposed.count, name="proposed")
        linked = ours.where(F.col("weight") > log2_odds(self.card.thresholds.loose))
        sides = self.desk.kept(_missing_sides(linked, proposed.pairs), "sides")
        suggested = sides.count()
        if not suggested:
            return Scored(ours, 0)
        return Scored(ours.unionByName(self._scored(weights, sides, suggested, name="suggested")), suggested)

    def _scored(self, weights: Weights, pairs: DataFrame, count: int, *, name: str) -> DataFrame:
        found = self.desk.kept(self._patterns(pairs, count), f"{name}-patterns")
        distinct = found.select("pattern").distinct().toArrow()["pattern"].to_numpy()
        scores = self._scores(weights, np.sort(distinct))
        return found.join(self.desk.kept(scores, f"{name}-scores"), "pattern")

    def _scores(self, weights: Weights, distinct: NDArray[np.int64]) -> DataFrame:
        """Patterns are few: they are scored where the session is, so that both engines give the same bits."""
        scored = weights.scores(distinct).append_column("pattern", pa.array(distinct))
        return self.desk.session.createDataFrame(scored)

    def _patterns(self, pairs: DataFrame, count: int) -> DataFrame:
        """The pattern of each pair. A bucket holds the pairs of some left records, and whatever codes they need."""
        width = 16 * sum(map(words_of, self.headers[0].codes.values()))
        buckets = max(self.desk.workers, -(-count * width // BUCKET))
        placed = pairs.withColumn("bucket", F.pmod("left", F.lit(buckets)))
        ends = [
            pairs.select(F.pmod("left", F.lit(buckets)).alias("bucket"), F.col(side).alias("number"))
            for side in ("left", "right")
        ]
        needed = ends[0].union(ends[1]).distinct()
        sent = needed.join(self.records.select("number", "agency", "household", "codes"), "number")
        kernel = partial(_compared, self.headers, self.card)
        both = placed.groupBy("bucket").cogroup(sent.groupBy("bucket"))
        return both.applyInArrow(_function(kernel), "left long, right long, pattern long")


def _function(kernel: partial[pa.Table]) -> Any:  # noqa: ANN401 -- Spark asks a function for its number of arguments
    def compared(pairs: pa.Table, records: pa.Table) -> pa.Table:
        return kernel(pairs, records)

    return compared


def _compared(headers: tuple[Header, ...], card: ModelCard, pairs: pa.Table, records: pa.Table) -> pa.Table:
    """The pairs of a bucket and the records that they need -> patterns."""
    number = numbers(records["number"])
    order = np.argsort(number)
    left, right = (np.searchsorted(number[order], numbers(pairs[side])).astype(np.int32) for side in ("left", "right"))
    tokens, fewest = (numbers(pairs[name]).astype(np.int16) for name in ("tokens", "fewest"))
    some = Candidates(left, right, rarity_of(numbers(pairs["share"])), tokens, fewest)
    found = patterns(_ordered(headers, records, order), some, card)
    return pa.table({"left": pairs["left"], "right": pairs["right"], "pattern": pa.array(found)})


def _ordered(headers: tuple[Header, ...], records: pa.Table, order: NDArray[np.int64]) -> Records:
    """Some records, in the order of their numbers, with what :mod:`linkage.levels` compares."""
    return Records(
        headers=headers,
        agencies=numbers(records["agency"])[order].astype(np.int16),
        rows=pa.nulls(len(order), pa.string()),
        households=records["household"].combine_chunks().take(pa.array(order)),
        ages=pa.nulls(len(order), pa.string()),
        matrix=words(records["codes"]).reshape(len(order), -1)[order],
        owners=np.empty(0, dtype=np.int32),
        tokens=np.empty(0, dtype=np.uint64),
        services=pa.table({}),
    )


def _missing_sides(links: DataFrame, known: DataFrame) -> DataFrame:
    """The pairs at two ends of two *links* that are not among the *known*; they share no usable token."""
    one, other = (
        links.select(F.col("left").alias("middle"), F.col("right").alias(end)).union(links.select("right", "left"))
        for end in ("left", "right")
    )
    reached = one.join(other, "middle").where(F.col("left") < F.col("right")).select("left", "right").distinct()
    nothing = {name: F.lit(0).cast("long") for name in ("share", "tokens", "fewest")}
    return reached.join(known, ["left", "right"], "left_anti").withColumns(nothing)
