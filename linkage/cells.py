"""What a table counts, before disclosure control: cells, the tables they stand in, and what binds them together.

Unduplicated counts do not add up: a person served by two agencies is in both of their cells and once in their total.
So a cell is known by the set of people that it counts (`CellKey`), and what anybody may conclude from some cells
about another is written as linear constraints over such sets. Disclosure control sees nothing else of a table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class CellKey:
    """The set that a cell counts: a unit, and its conditions; a dimension that is not named is not restricted.

    The same set has the same key in every table and every release: ``CellKey.of("people", agency="food_bank")``.
    """

    unit: str  # people or households
    where: tuple[tuple[str, str], ...]  # (dimension, member), sorted

    @classmethod
    def of(cls, unit: str, **where: str) -> CellKey:
        """The set of a unit under conditions, one member a dimension."""
        return cls(unit, tuple(sorted(where.items())))

    def and_also(self, **where: str) -> CellKey:
        """The part of the set under further conditions."""
        return CellKey.of(self.unit, **dict(self.where), **where)


@dataclass(frozen=True, slots=True)
class TrueCell:
    """A cell before disclosure control: the count by the best threshold, and those by two others.

    *low* is the count where records are joined readily, *high* where only what is certain is joined: the ends of a
    range, except that such groupings need not be nested. Each is the count of one grouping, so that the cells of a
    table bind each other in all three. *agencies* is how many agencies' records contribute to it.
    """

    key: CellKey
    count: int
    low: int
    high: int
    agencies: int


@dataclass(frozen=True, slots=True)
class TrueTable:
    """A table before disclosure control: rows by columns of cells, each a set of its own.

    A one-way table has the single column ``""``. *total* is the unduplicated count over the whole table. A cell that
    cannot exist (an agency beside itself) is None.
    """

    name: str  # of the catalogue, such as people-by-agency
    title: str
    unit: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[TrueCell | None, ...], ...]  # as many rows as labels, each as long as columns
    total: TrueCell
    notes: tuple[str, ...] = ()
    total_label: str = "everybody"


@dataclass(frozen=True, slots=True)
class Constraint:
    """What everybody knows of some sets: the sum of coefficient times count is zero, or at most zero.

    A key that no table shows may stand in a constraint: it is a count that nobody is told, at least zero.
    """

    terms: tuple[tuple[CellKey, int], ...]
    equal: bool


def sums_to(whole: CellKey, parts: Sequence[CellKey]) -> Constraint:
    """The parts are disjoint and make up the whole: age bands, or exact combinations."""
    return Constraint(((whole, -1), *((part, 1) for part in parts)), equal=True)


def covered_by(whole: CellKey, parts: Sequence[CellKey]) -> list[Constraint]:
    """Everybody of the whole is in one part or several: agencies, areas, months."""
    at_most = Constraint(((whole, 1), *((part, -1) for part in parts)), equal=False)
    return [at_most, *(within(part, whole) for part in parts)]


def within(part: CellKey, whole: CellKey) -> Constraint:
    """Everybody of the part is in the whole."""
    return Constraint(((part, 1), (whole, -1)), equal=False)


def overlap(both: CellKey, one: CellKey, other: CellKey, either: CellKey | None = None) -> list[Constraint]:
    """*both* are in the one and in the other; *either*, where given, holds everybody of the two."""
    known = [within(both, one), within(both, other)]
    if either is not None:
        known.append(Constraint(((one, 1), (other, 1), (both, -1), (either, -1)), equal=False))
    return known


@dataclass(frozen=True, slots=True)
class TrueRelease:
    """All tables that are made of one run for one period, and what binds their cells together."""

    period: str  # such as 2026-Q1, 2026, or 2026-01..2026-03
    tables: tuple[TrueTable, ...]
    constraints: tuple[Constraint, ...]
