"""What counts a cube: named statements over the tables of a run, on DuckDB here, on Spark in `linkage.spark.cube`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from linkage.engine import Connection, statement

UNIT_WORDS = {"people": ("person", "loose", "strict"), "households": ("home", "home_loose", "home_strict")}


class Calculator(Protocol):
    """Executes the statements of ``linkage/sql`` by name."""

    def put(self, name: str, table: pa.Table) -> None:
        """Make a small table known by that name."""

    def make(self, name: str, **asked: int) -> None:
        """Make, or make anew, the table that a statement makes."""

    def select(self, name: str, **asked: int) -> Sequence[Sequence[Any]]:
        """The rows that a statement selects."""

    def group(self, name: str, *, unlike: str = "") -> None:
        """Make the table *grouping*: whom each record belongs to under the grouping of that name.

        With *unlike* only the records that this other grouping puts together with different records.
        """


@dataclass(frozen=True, slots=True)
class OnDuckDb:
    """The calculator on one machine."""

    connection: Connection
    records: pa.Table

    def put(self, name: str, table: pa.Table) -> None:
        """See `Calculator`."""
        self.connection.register(name, table)

    def make(self, name: str, **asked: int) -> None:
        """See `Calculator`."""
        self.connection.execute(statement(name), asked)

    def select(self, name: str, **asked: int) -> Sequence[Sequence[Any]]:
        """See `Calculator`."""
        return self.connection.execute(statement(name), asked).fetchall()

    def group(self, name: str, *, unlike: str = "") -> None:
        """See `Calculator`."""
        records = self.records
        if unlike:
            apart = differing(records[name].to_numpy(), records[unlike].to_numpy())
            records = records.filter(pa.array(apart))
        self.put("grouping", pa.table({"place": records["place"], "who": records[name]}))


def differing(one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.bool_]:
    """For each record, whether two groupings put it together with different records."""
    found: NDArray[np.bool_] = _is_split(one, other) | _is_split(other, one)
    return found


def _is_split(groups: NDArray[np.int64], others: NDArray[np.int64]) -> NDArray[np.bool_]:
    """For each record, whether the members of its group are in several of the others."""
    if not len(groups):
        return np.zeros(0, dtype=np.bool_)
    order = np.argsort(groups, kind="stable")
    own, theirs = groups[order], others[order]
    starts = np.flatnonzero(np.concatenate(([True], own[1:] != own[:-1])))
    split = np.minimum.reduceat(theirs, starts) != np.maximum.reduceat(theirs, starts)
    found = np.empty(len(groups), dtype=np.bool_)
    found[order] = np.repeat(split, np.diff(np.concatenate((starts, [len(groups)]))))
    return found
