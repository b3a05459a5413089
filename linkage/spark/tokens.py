"""Candidate pairs by shared blocking tokens: Spark brings the owners of a token together, and what is done with them is
what is done on one machine (:mod:`linkage.blocking`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from linkage.blocking import (
    LEAST,
    MOST_RECORDS,
    Shared,
    bits_of_owner,
    largest_of,
    pairs_within,
    share_of,
    shared_tokens,
)
from linkage.model_card import FIRM
from linkage.spark.arrays import batches_of, gathered, numbers, words
from linkage.spark.session import Desk

BUCKET = 1 << 22  # tokens sorted at a time


@dataclass(frozen=True, slots=True)
class Proposed:
    """The pairs to compare, each once, and what was left out."""

    pairs: DataFrame  # left, right, share (what their common tokens add to their rarity), tokens, fewest
    count: int
    firm: int  # of these: linkage.model_card.FIRM
    faint: int
    oversized: int
    oversized_records: int


def proposed_pairs(desk: Desk, records: DataFrame, *, count: int, tokens: int) -> Proposed:
    """Pairs that share a usable token; *count* is the number of records, and they carry so many *tokens*."""
    buckets = max(desk.workers, -(-tokens // BUCKET))
    shared = desk.kept(_shared(records, bits_of_owner(count), buckets), "shared")
    sizes = {row["size"]: row["count"] for row in shared.groupBy("size").count().collect()}
    counts = np.zeros(MOST_RECORDS + 1, dtype=np.int64)
    for size in sizes.keys() & set(range(MOST_RECORDS + 1)):
        counts[size] = sizes[size]
    most = largest_of(counts, records=count)
    usable = shared.where(F.col("size") <= most).select("owners")
    shares = usable.mapInArrow(partial(_pairs, most), "left long, right long, share long, size long")
    every = desk.kept(shares.groupBy("left", "right").agg(*_summed()), "shares")
    is_clear = F.col("share") >= LEAST
    kinds = (is_clear, is_clear & (F.col("tokens") >= FIRM), ~is_clear)
    ((clear, firm, faint),) = every.agg(*(F.count(F.when(kind, 1)) for kind in kinds)).collect()
    large = {size: many for size, many in sizes.items() if size > most}
    return Proposed(every.where(is_clear), clear, firm, faint, sum(large.values()), max(large, default=0))


def _summed() -> list[Column]:
    """What a pair shares: as :class:`linkage.blocking.Candidates` tells it."""
    return [
        F.sum("share").alias("share"),
        F.count("size").alias("tokens"),
        F.min("size").alias("fewest"),
    ]


def _shared(records: DataFrame, bits: int, buckets: int) -> DataFrame:
    """The tokens that several records carry: how many, and which, unless they are hopelessly many."""
    owned = records.select("number", "tokens").mapInArrow(partial(_owned, bits), "token long, number long")
    return owned.repartition(buckets, "token").mapInArrow(partial(_runs, bits), "size long, owners array<long>")


def _owned(bits: int, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Each token without its lowest bits, and its record."""
    for batch in batches:
        tokens, whose = batch.column("tokens"), numbers(batch.column("number"))
        each = numbers(pc.binary_length(tokens)) // 8
        kept = (words(tokens) >> np.uint64(bits)).astype(np.int64)
        yield from batches_of({"token": kept, "number": np.repeat(whose, each)})


def _runs(bits: int, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """All owners of some tokens -> a row for each token that several carry."""
    rows = gathered(batches, ("token", "number"))
    found = shared_tokens(rows["token"].astype(np.uint64) << np.uint64(bits), rows["number"], owner_bits=bits)
    few = found.sizes <= MOST_RECORDS
    ends = np.cumsum([0, *np.where(few, found.sizes, 0).tolist()]).astype(np.int32)
    owners = pa.array(found.owners[np.repeat(few, found.sizes)].astype(np.int64))
    table = pa.table({"size": pa.array(found.sizes), "owners": pa.ListArray.from_arrays(pa.array(ends), owners)})
    yield from table.to_batches(max_chunksize=1 << 12)


def _pairs(most: int, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The owners of each token -> their pairs, and what the token adds to the rarity of each."""
    for batch in batches:
        owners = batch.column("owners")
        shared = Shared(numbers(owners.flatten()).astype(np.uint64), numbers(owners.value_lengths()).astype(np.int64))
        for size, lefts, rights in pairs_within(shared, most):
            columns = {
                "left": np.repeat(lefts, rights.shape[1]).astype(np.int64),
                "right": rights.ravel().astype(np.int64),
                "share": np.full(rights.size, share_of(size), dtype=np.int64),
                "size": np.full(rights.size, size, dtype=np.int64),
            }
            yield from batches_of(columns)
