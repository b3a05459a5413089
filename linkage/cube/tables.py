"""Makes the tables of the catalogue out of a cube's cells, with what binds each to the others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from linkage.cells import CellKey, Constraint, TrueCell, TrueTable, covered_by, overlap, sums_to
from linkage.cube.bonds import bound_combinations
from linkage.cube.catalogue import DIMENSIONS, Bound, Entry, Shape
from linkage.cube.counting import (
    END,
    EVENTS,
    FLOWS,
    JOINT,
    NONE,
    ONE_ONLY,
    OTHERS,
    SEEN,
    SEVERAL,
    START,
    UNKNOWN,
    Cube,
    both,
    combination,
    seen_before,
)
from linkage.cube.facts import BANDS, KINDS, UNITS

MOST_COMBINATIONS = 15  # of agencies, named in a table; the others stand together
_TOTAL = "everybody served"


@dataclass(frozen=True, slots=True)
class Made:
    """A table and its constraints."""

    table: TrueTable
    constraints: tuple[Constraint, ...] = ()


def make_table(cube: Cube, entry: Entry, notes: Sequence[str] = ()) -> Made:
    """The table of a catalogue's entry."""
    made = _MAKERS[entry.shape](cube, entry)
    table = made.table
    told = TrueTable(
        table.name, table.title, table.unit, table.rows, table.columns, table.cells, table.total,
        (*notes, *table.notes), table.total_label,
    )  # fmt: skip
    return Made(told, made.constraints)


def members(cube: Cube, dimension: str) -> tuple[str, ...]:
    """The members of a dimension: each gets its row, if nobody is in it too."""
    found: Mapping[str, Sequence[str]] = {"agency": cube.agencies, "area": cube.areas, "age": BANDS, "kind": KINDS}
    return tuple(found[dimension]) if dimension in found else cube.scope.members(dimension)


def _table(
    cube: Cube, entry: Entry, labels: tuple[Sequence[str], Sequence[str]], keys: Sequence[Sequence[CellKey | None]],
    notes: tuple[str, ...] = (),
) -> TrueTable:  # fmt: skip
    cells = tuple(tuple(None if key is None else cube.cell(key) for key in row) for row in keys)
    rows, columns = (tuple(each) for each in labels)
    title = f"{entry.title}, {cube.scope.name}"
    total = cube.cell(CellKey.of(entry.unit))
    return TrueTable(entry.name, title, entry.unit, rows, columns, cells, total, notes, _TOTAL)


def _grid(cube: Cube, entry: Entry) -> Made:
    whole = CellKey.of(entry.unit)
    first, *second = entry.dimensions
    rows = members(cube, first)
    if not second:
        keys = [whole.and_also(**{first: row}) for row in rows]
        return Made(_table(cube, entry, (rows, ("",)), [[key] for key in keys]), _bound(first, whole, keys))
    (other,) = second
    columns = members(cube, other)
    grid = [[whole.and_also(**{first: row, other: column}) for column in columns] for row in rows]
    known: list[Constraint] = []
    for row, keys in zip(rows, grid, strict=True):
        known += _bound(other, whole.and_also(**{first: row}), keys)
    for place, column in enumerate(columns):
        known += _bound(first, whole.and_also(**{other: column}), [row[place] for row in grid])
    return Made(_table(cube, entry, (rows, columns), grid), tuple(known))


def _bound(dimension: str, whole: CellKey, parts: Sequence[CellKey]) -> tuple[Constraint, ...]:
    """The parts of a set by the members of a dimension."""
    if DIMENSIONS[dimension] is Bound.DIVIDED:
        return (sums_to(whole, parts),)
    return tuple(covered_by(whole, parts))


def _types(cube: Cube, entry: Entry) -> Made:
    """Types stand within their areas; everybody of an area is in one of its types."""
    found: dict[str, list[CellKey]] = defaultdict(list)
    for key in sorted(key for key in cube.cells if key.unit == entry.unit):
        where = dict(key.where)
        if where.keys() == {"area", "type"}:
            found[where["area"]].append(key)
    keys = [key for area in sorted(found) for key in found[area]]
    labels = [f"{dict(key.where)['area']}: {dict(key.where)['type']}" for key in keys]
    whole = CellKey.of(entry.unit)
    known = [each for area in sorted(found) for each in covered_by(whole.and_also(area=area), found[area])]
    return Made(_table(cube, entry, (labels, ("",)), [[key] for key in keys]), tuple(known))


def _overlap(cube: Cube, entry: Entry) -> Made:
    whole = CellKey.of(entry.unit)
    own = {agency: whole.and_also(agency=agency) for agency in cube.agencies}

    def key(one: str, other: str) -> CellKey:
        return own[one] if one == other else whole.and_also(both=both(one, other))

    grid = [[key(one, other) for other in cube.agencies] for one in cube.agencies]
    pairs = [(a, b) for place, a in enumerate(cube.agencies) for b in cube.agencies[place + 1 :]]
    known = tuple(each for a, b in pairs for each in overlap(key(a, b), own[a], own[b], whole))
    table = _table(
        cube, entry, (cube.agencies, cube.agencies), grid, ("Each agency's own people stand on the diagonal.",)
    )
    return Made(table, known)


def _combinations(cube: Cube, entry: Entry) -> Made:
    """Who is known to one agency alone is a row for all agencies together, and one each, which is always withheld."""
    whole = CellKey.of(entry.unit)
    found = {
        key: tuple(value.partition(": ")[2].split(JOINT))
        for key in cube.cells
        if key.unit == entry.unit
        for dimension, value in key.where
        if dimension == "combination"
    }
    several = sorted((key for key, some in found.items() if len(some) > 1), key=lambda k: (-cube.cell(k).count, k))
    named, rest = several[:MOST_COMBINATIONS], several[MOST_COMBINATIONS:]
    singles = [whole.and_also(combination=combination(cube.scope, [agency])) for agency in cube.agencies]
    only, others = (whole.and_also(combination=combination(cube.scope, [word])) for word in (ONE_ONLY, OTHERS))
    summed = {others: _sum(cube, others, rest)}
    wider = Cube(cube.scope, cube.agencies, cube.areas, cube.gaps, {**cube.cells, **summed}, cube.given)
    shown = [only, *singles, *named, others]
    labels = [
        ONE_ONLY,
        *(f"{agency} only" for agency in cube.agencies),
        *(JOINT.join(found[key]) for key in named),
        OTHERS,
    ]
    known = [sums_to(whole, [only, *named, others]), sums_to(only, singles)]
    known += bound_combinations(
        cube, dict(zip(cube.agencies, singles, strict=True)), {key: found[key] for key in named}, others
    )
    return Made(_table(wider, entry, (labels, ("",)), [[key] for key in shown]), tuple(known))


def _sum(cube: Cube, key: CellKey, parts: Sequence[CellKey]) -> TrueCell:
    """A cell of several disjoint sets together; its range is as wide as theirs are together."""
    cells = [cube.cell(part) for part in parts]
    count = sum(cell.count for cell in cells)
    low, high = sum(cell.low for cell in cells), sum(cell.high for cell in cells)
    agencies = max((cell.agencies for cell in cells), default=0)
    return TrueCell(key, count, low, high, max(agencies, sum(cell.count > 0 for cell in cells)))


def _first(cube: Cube, entry: Entry) -> Made:
    """Who is new in a period is new in one of its months."""
    whole, labels = CellKey.of(entry.unit), (FLOWS[0], seen_before(cube.scope))
    keys = [whole.and_also(flow=label) for label in labels]
    months = [whole.and_also(month=at, flow=FLOWS[0]) for at in cube.scope.members("month")]
    known = [sums_to(whole, keys if cube.cell(keys[1]).count else keys[:1]), sums_to(keys[0], months)]
    note = "New: never before in these files."
    return Made(_table(cube, entry, (labels, ("",)), [[key] for key in keys], (note,)), tuple(known))


def _flow(cube: Cube, entry: Entry) -> Made:
    (every,) = entry.dimensions
    dimension = "flow" if every == "month" else "quarter_flow"
    times = cube.scope.members(every)
    whole = CellKey.of(entry.unit)
    grid = [[whole.and_also(**{every: at, dimension: flow}) for flow in FLOWS] for at in times]
    known = tuple(sums_to(whole.and_also(**{every: at}), keys) for at, keys in zip(times, grid, strict=True))
    note = "New: never before in these files. Returning: away for more than three months."
    return Made(_table(cube, entry, (times, FLOWS), grid, (note,)), known)


def _turnover(cube: Cube, entry: Entry) -> Made:
    columns = (START, *EVENTS, END)
    times = cube.scope.members("month")
    whole = CellKey.of(entry.unit)
    grid = [[whole.and_also(turnover=column, month=at) for column in columns] for at in times]
    note = "Active: a service in the month or in the two before it."
    return Made(_table(cube, entry, (times, columns), grid, (note,)))


def _pathways(cube: Cube, entry: Entry) -> Made:
    whole = CellKey.of(entry.unit)
    rows, columns = (*cube.areas, SEVERAL), (*cube.areas, SEVERAL, NONE)
    grid = [
        [None if row == column != SEVERAL else whole.and_also(first=row, next=column) for column in columns]
        for row in rows
    ]
    note = "Rows: the area of the first month in these files, if that is in the period. Columns: the next area."
    return Made(_table(cube, entry, (rows, columns), grid, (note,)))


def _gaps(cube: Cube, entry: Entry) -> Made:
    whole = CellKey.of(entry.unit)
    names = [gap.name for gap in cube.gaps]
    grid = [[whole.and_also(gap=name, known=each) for each in (UNKNOWN, SEEN)] for name in names]
    note = "Of the twelve months to the end of the period."
    return Made(_table(cube, entry, (names, (UNKNOWN, SEEN)), grid, (note,)))


def _units(cube: Cube, entry: Entry) -> Made:
    """Amounts add up, unlike people: the total is theirs, and nobody is counted."""
    places = list(product(*(members(cube, dimension) for dimension in entry.dimensions)))
    grid = [
        [_amount(cube, tuple(zip(entry.dimensions, place, strict=True)), unit) for unit in UNITS] for place in places
    ]
    total = TrueCell(CellKey.of(entry.unit), *(sum(cell.count for row in grid for cell in row),) * 3, 0)
    labels = tuple(", ".join(place) for place in places)
    title, notes = f"{entry.title}, {cube.scope.name}", ("Added up, as agencies wrote it; not unduplicated.",)
    cells = tuple(tuple(row) for row in grid)
    return Made(TrueTable(entry.name, title, entry.unit, labels, UNITS, cells, total, notes, "all kinds together"))


def _amount(cube: Cube, where: tuple[tuple[str, str], ...], unit: str) -> TrueCell:
    key = CellKey("units", tuple(sorted((*where, ("unit", unit)))))
    amount = cube.given.get(key.where, 0)
    return TrueCell(key, amount, amount, amount, 0)


_MAKERS: Mapping[Shape, Callable[[Cube, Entry], Made]] = {
    Shape.GRID: _grid,
    Shape.TYPES: _types,
    Shape.OVERLAP: _overlap,
    Shape.COMBINATIONS: _combinations,
    Shape.FIRST: _first,
    Shape.FLOW: _flow,
    Shape.TURNOVER: _turnover,
    Shape.PATHWAYS: _pathways,
    Shape.GAPS: _gaps,
    Shape.UNITS: _units,
}
