"""Candidate pairs: records that share a keyed blocking token."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from linkage.engine import Connection, statement
from linkage.records import Records

MOST_RECORDS = 250  # a token that more records share is no evidence of one person


@dataclass(frozen=True, slots=True)
class Candidates:
    """The pairs to compare, and what was left out."""

    pairs: pa.Table  # join_key_l < join_key_r, int64, sorted
    oversized: int  # tokens left out
    oversized_records: int  # records on the largest of them


def candidate_pairs(connection: Connection, records: Records) -> Candidates:
    """Pairs that share a token which at most MOST_RECORDS records carry; tokens above that are counted."""
    connection.register("token", records.token_table())
    limit = {"most_records": MOST_RECORDS}
    large = connection.sql(statement("oversized_tokens"), params=limit).fetchall()
    pairs = connection.sql(statement("candidate_pairs"), params=limit).to_arrow_table()
    connection.unregister("token")
    ordered = pairs.sort_by([("join_key_l", "ascending"), ("join_key_r", "ascending")])
    return Candidates(ordered, len(large), int(large[0][1]) if large else 0)
