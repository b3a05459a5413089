"""Holds every cell of a cube's tables against the slow oracle's; an error names a cell that differs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from bench.cube_oracle import Client, Oracle, Who, homes, people
from linkage.cells import TrueTable
from linkage.cube.catalogue import CATALOGUE, Entry, Shape
from linkage.cube.counting import OTHERS, Cube
from linkage.cube.gaps import Gap
from linkage.cube.tables import make_table

_GROUPINGS = ("person", "loose", "strict")
_Found = dict[tuple[str, str], set[int]]


class CubeIsWrong(AssertionError):
    """A cell that the oracle counts otherwise."""


def check_cube(cube: Cube, clients: Sequence[Client]) -> int:
    """How many cells of all tables were held against the oracle: counts, ranges, how many agencies know their people.

    Raises:
        CubeIsWrong: one of them differs.
    """
    first, *_, last = cube.scope.members("month") * 2
    oracles = {
        unit: [Oracle(clients, who, first, last) for who in groupings(clients, unit)]
        for unit in ("people", "households")
    }
    return sum(_check_table(cube, entry, oracles) for entry in CATALOGUE)


def _check_table(cube: Cube, entry: Entry, every: Mapping[str, Sequence[Oracle]]) -> int:
    table = make_table(cube, entry).table
    if entry.shape is Shape.UNITS:
        return _check_units(table, entry, every["people"][0])
    oracles = every[entry.unit]
    found = [answers(oracle, entry, cube.gaps) for oracle in oracles]
    checked = [_check_row(table, entry, number, found, oracles[0]) for number, _ in enumerate(table.rows)]
    totals = [len(oracle.total()) for oracle in oracles]
    _must_be((table.total.count, table.total.low, table.total.high), tuple(totals), entry, "total")
    named = {(row, column) for row in table.rows for column in table.columns}
    if entry.shape not in {Shape.COMBINATIONS, Shape.FIRST} and set(found[0]) - named:
        raise CubeIsWrong(f"{entry.name} lacks {sorted(set(found[0]) - named)}")
    return sum(checked) + 1


def _check_row(table: TrueTable, entry: Entry, number: int, found: Sequence[_Found], best: Oracle) -> int:
    row, checked = table.rows[number], 0
    for column, cell in zip(table.columns, table.cells[number], strict=True):
        if cell is None or row == OTHERS:
            continue
        place = ("before" if row.startswith("seen before") else row, column)
        sizes = [len(each.get(place, ())) for each in found]
        _must_be((cell.count, cell.low, cell.high), tuple(sizes), entry, f"{row}, {column}")
        if entry.public and entry.shape is not Shape.COMBINATIONS:
            _must_be((cell.agencies,), (best.knowing(found[0].get(place, set())),), entry, f"{row}, {column}")
        checked += 1
    return checked


def _must_be(found: tuple[int, ...], wanted: tuple[int, ...], entry: Entry, cell: str) -> None:
    if found != wanted:
        raise CubeIsWrong(f"{entry.name}, {cell}: {found} and not {wanted}")


def groupings(clients: Sequence[Client], unit: str) -> list[Who]:
    """Whom clients belong to, under each grouping."""
    return [people(name) if unit == "people" else homes(clients, name) for name in _GROUPINGS]


def answers(oracle: Oracle, entry: Entry, gaps: Sequence[Gap]) -> _Found:
    """The oracle's cells of a table."""
    made: dict[Shape, Callable[[], _Found]] = {
        Shape.GRID: lambda: oracle.grid(*entry.dimensions),
        Shape.TYPES: oracle.types,
        Shape.OVERLAP: oracle.overlap,
        Shape.COMBINATIONS: oracle.combinations,
        Shape.FIRST: oracle.first_seen,
        Shape.FLOW: lambda: oracle.flow(*entry.dimensions),
        Shape.TURNOVER: oracle.turnover,
        Shape.PATHWAYS: oracle.pathways,
        Shape.GAPS: lambda: _of_gaps(oracle, gaps),
    }
    return dict(made[entry.shape]())


def _of_gaps(oracle: Oracle, gaps: Sequence[Gap]) -> _Found:
    found: _Found = {}
    for gap in gaps:
        unknown, known = oracle.gap(gap.at, gap.months, gap.unknown_to)
        found |= {(gap.name, "unknown there"): unknown, (gap.name, "known there"): known}
    return found


def _check_units(table: TrueTable, entry: Entry, oracle: Oracle) -> int:
    found = oracle.units(*entry.dimensions)
    cells = [
        (row, column, cell)
        for row, cells in zip(table.rows, table.cells, strict=True)
        for column, cell in zip(table.columns, cells, strict=True)
    ]
    for row, column, cell in cells:
        if cell is not None:
            _must_be((cell.count,), (found[row, column],), entry, f"{row}, {column}")
    _must_be((table.total.count,), (sum(found.values()),), entry, "total")
    return len(cells) + 1
