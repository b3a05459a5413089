"""What a release tells of each count, and what was told of it before."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from linkage.cells import CellKey


@dataclass(frozen=True, slots=True, order=True)
class Number:
    """A shown number, and the least and the most count that it stands for."""

    shown: int
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Published:
    """What a release tells of a set: its count, the low and the high end of its range; None is withheld."""

    key: CellKey
    count: Number | None
    low: Number | None
    high: Number | None
    held: bool = False  # the number of an earlier revision, from which the new one differs by too few


@dataclass(frozen=True, slots=True)
class Before:
    """What was published earlier: *same* of the same data, *revised* of data that has changed since."""

    same: Mapping[CellKey, Published]
    revised: Mapping[CellKey, Published]

    def among(self, keys: Collection[CellKey]) -> Before:
        """What was published of these."""
        same, revised = ({key: old for key, old in of.items() if key in keys} for of in (self.same, self.revised))
        return Before(same, revised)
