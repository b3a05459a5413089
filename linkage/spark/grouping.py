"""Links -> people. Records that hang together get one name by passing the smallest number on; within them, people are
formed by the function of the other engine, many components at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from linkage.model_card import ModelCard
from linkage.people import ANY, Links, form_people, log2_odds
from linkage.spark.arrays import batches_of, gathered
from linkage.spark.session import Desk

GROUPS = ("person", "care", "strict", "loose")  # one for each threshold
LINKS = 1 << 20  # that a task forms people of


def grouped(desk: Desk, records: DataFrame, pairs: DataFrame, card: ModelCard) -> DataFrame:
    """The records with the numbers *person*, *care*, *strict* and *loose*: each group's smallest member.

    What links at any of the thresholds links at the least; so no group goes beyond a component of that.
    """
    limits = card.thresholds
    least = min(limits.loose, limits.care)  # counts and strict are no less than loose
    links = pairs.where(F.col("weight") > log2_odds(least)).select("left", "right")
    names = components(desk, links)
    within = desk.kept(_within(pairs.select("left", "right", "weight"), names), "within")
    parts = max(desk.workers, -(-within.count() // LINKS))
    formed = within.repartition(parts, "component").mapInArrow(
        partial(_formed, card), "number long, person long, care long, strict long, loose long"
    )
    each = records.join(desk.kept(formed, "formed"), "number", "left")
    alone = {name: F.coalesce(name, "number") for name in GROUPS}
    return each.withColumns(alone)


def components(desk: Desk, links: DataFrame) -> DataFrame:
    """Each record that a link touches (*number*), and the smallest record that it hangs together with (*component*)."""
    both = desk.kept(
        links.select(F.col("left").alias("number"), F.col("right").alias("neighbour")).union(
            links.select("right", "left")
        ),
        "links",
    )
    named = both.groupBy("number").agg(F.least("number", F.min("neighbour")).alias("component"))
    labels, turn, moved = desk.kept(named, "labels-0"), 0, True
    while moved:
        turn += 1
        passed = desk.kept(_passed_on(labels, both), f"labels-{turn}")
        moved = passed.where("component <> before").limit(1).count() > 0
        labels = passed.drop("before")
    return labels


def _passed_on(labels: DataFrame, both: DataFrame) -> DataFrame:
    """Each record takes the smallest name that it or a neighbour has, and then the name of the record of that name."""
    heard = both.join(labels.withColumnRenamed("number", "neighbour"), "neighbour").groupBy("number")
    least = heard.agg(F.min("component").alias("heard"))
    nearer = labels.join(least, "number").select(
        "number", F.col("component").alias("before"), F.least("component", "heard").alias("nearer")
    )
    further = labels.select(F.col("number").alias("nearer"), "component")
    return nearer.join(further, "nearer").select("number", "before", "component")


def _within(pairs: DataFrame, names: DataFrame) -> DataFrame:
    """The pairs, links or not, of which both records hang together."""
    left = names.withColumnRenamed("number", "left")
    right = names.select(F.col("number").alias("right"), F.col("component").alias("other"))
    joined = pairs.join(left, "left").join(right, "right")
    return joined.where(F.col("component") == F.col("other")).select("component", "left", "right", "weight")


def _formed(card: ModelCard, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """All pairs within some components -> the groups of their records. Numbers made small keep their order."""
    pairs = gathered(batches, ("left", "right", "weight"))
    known = np.unique(np.concatenate([pairs["left"], pairs["right"]]))
    left, right = (np.searchsorted(known, pairs[side]).astype(np.int32) for side in ("left", "right"))
    order = np.lexsort((right, left))
    links = Links(left[order], right[order], pairs["weight"][order].astype(np.float64))
    people = form_people(links, np.full(len(known), ANY, dtype=np.int16), card)
    groups = dict(zip(GROUPS, (people.best, people.care, people.strict, people.loose), strict=True))
    yield from batches_of({"number": known} | {name: known[group] for name, group in groups.items()})
