"""Counts every cell of every table under each grouping of records, by named statements on DuckDB."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import pyarrow as pa

from linkage.cells import CellKey, TrueCell
from linkage.cube.facts import BANDS, KINDS, UNIT_WORDS, UNITS, Facts, differing, grouping
from linkage.cube.gaps import Gap, as_tables
from linkage.cube.scope import Scope, month, quarter
from linkage.engine import Connection, open_engine, statement

FLOWS = ("new", "continuing", "returning")
EVENTS = ("new", "returned", "inactive")
START, END = "active at start", "active at end"
SEVERAL, NONE = "several areas at once", "none"
JOINT = " + "
ONE_ONLY, OTHERS = "one agency only", "other combinations"
UNKNOWN, SEEN = "unknown there", "known there"
_COLUMNS = ("agency", "area", "type", "month", "quarter", "year", "age", "kind")
_Where = tuple[tuple[str, str], ...]
_Counts = dict[_Where, tuple[int, int]]  # conditions -> how many, known to how many agencies
_NOBODY = (0, 0)
_Found = Iterator[tuple[_Where, int, int]]  # conditions, how many, known to how many agencies


@dataclass(frozen=True, slots=True)
class Cube:
    """Every cell that somebody is in, by its key, and the sums of what was given."""

    scope: Scope
    agencies: tuple[str, ...]
    areas: tuple[str, ...]
    gaps: tuple[Gap, ...]
    cells: Mapping[CellKey, TrueCell]
    given: Mapping[_Where, int]  # conditions and unit -> amount, added up

    def cell(self, key: CellKey) -> TrueCell:
        """The cell of a key; nobody is in one that was not found."""
        return self.cells.get(key, TrueCell(key, 0, 0, 0, 0))


def count_cube(facts: Facts, scope: Scope, gaps: Sequence[Gap], *, units: Sequence[str] = tuple(UNIT_WORDS)) -> Cube:
    """Count all tables of a period; *units* are people, households or both."""
    cells: dict[CellKey, TrueCell] = {}
    with open_engine() as connection:
        facts.open_in(connection)
        for name, table in zip(("gap", "elsewhere"), as_tables(gaps, facts.areas, facts.agencies), strict=True):
            connection.register(name, table)
        for unit in units:
            count = partial(_counted, connection, facts, scope, gaps)
            for where, (number, loose, strict, agencies) in _ranged(count, facts.records, unit):
                key = CellKey(unit, where)
                cells[key] = TrueCell.of(key, count=number, loose=loose, strict=strict, agencies=agencies)
        given = dict(_given(connection, facts, scope))
    return Cube(scope, facts.agencies, facts.areas, tuple(gaps), cells, given)


def _ranged(
    count: Callable[[pa.Table], _Counts], records: pa.Table, unit: str
) -> Iterator[tuple[_Where, tuple[int, int, int, int]]]:
    """Each cell under the three groupings, and how many agencies know its people.

    Every cell is a sum over people. So under the loose and the strict grouping only those are counted anew whom it
    puts together otherwise: they are taken off, and added as they are there.
    """
    name, *others = UNIT_WORDS[unit]
    best = count(grouping(records, name))
    moved = []
    for other in others:
        some = records.filter(pa.array(differing(records[name].to_numpy(), records[other].to_numpy())))
        moved.append((count(grouping(some, name)), count(grouping(some, other))))
    for where in {*best, *(where for _, after in moved for where in after)}:
        number, agencies = best.get(where, _NOBODY)
        ends = (number - before.get(where, _NOBODY)[0] + after.get(where, _NOBODY)[0] for before, after in moved)
        loose, strict = ends
        yield where, (number, loose, strict, agencies)


def _counted(connection: Connection, facts: Facts, scope: Scope, gaps: Sequence[Gap], groups: pa.Table) -> _Counts:
    """The cells of one grouping of records: how many, and known to how many agencies."""
    connection.register("grouping", groups)
    for name in ("cube_known", "cube_visit"):
        connection.execute(statement(name))
    connection.execute(statement("cube_met"), {"first": scope.first, "last": scope.last})
    found = [
        *_groups(connection, facts),
        *_overlaps(connection, facts),
        *_combinations(connection, facts, scope),
        *_first_seen(connection, scope),
        *_flow(connection, scope),
        *_turnover(connection, scope),
        *_pathways(connection, facts, scope),
        *_gaps(connection, scope, gaps),
    ]
    return {tuple(sorted(where)): (count, agencies) for where, count, agencies in found}


def _groups(connection: Connection, facts: Facts) -> _Found:
    words = {"agency": facts.agencies, "area": facts.areas, "type": facts.types, "age": BANDS, "kind": KINDS}
    for shape, *members, count, agencies in connection.execute(statement("cube_groups")).fetchall():
        if shape is None or count == 0:
            continue
        about = [(name, member) for name, member in zip(_COLUMNS, members, strict=True) if not shape & _BITS[name]]
        yield tuple((name, _word(name, member, words)) for name, member in about), count, agencies or 0


_BITS = {name: 1 << (len(_COLUMNS) - 1 - place) for place, name in enumerate(_COLUMNS)}


def _word(dimension: str, member: int, words: Mapping[str, Sequence[str]]) -> str:
    if dimension == "month":
        return month(member)
    if dimension == "quarter":
        return quarter(member)
    return f"{member:04d}" if dimension == "year" else words[dimension][member]


def _overlaps(connection: Connection, facts: Facts) -> _Found:
    for one, other, count, agencies in connection.execute(statement("cube_overlap")).fetchall():
        if one != other:
            yield (("both", both(facts.agencies[one], facts.agencies[other])),), count, agencies


def both(one: str, other: str) -> str:
    """The member of the dimension *both*: two agencies, in the order of their names."""
    return "&".join(sorted((one, other)))


def _combinations(connection: Connection, facts: Facts, scope: Scope) -> _Found:
    """Who is served by one agency alone is nobody else's to tell, whoever else once wrote them down.

    Of two agencies each can tell that of the other from the total: there the threshold alone decides.
    """
    alone = [0, 0]  # people, and agencies that have such
    least = 2 if len(facts.agencies) == 2 else 1
    for members, count in connection.execute(statement("cube_combinations")).fetchall():
        names = [facts.agencies[each] for each in members]
        alone = [alone[0] + count, alone[1] + 1] if len(names) == 1 else alone
        yield (("combination", combination(scope, names)),), count, max(least, len(names))
    yield (("combination", combination(scope, [ONE_ONLY])),), alone[0], max(least, alone[1])


def combination(scope: Scope, agencies: Sequence[str]) -> str:
    """The member of the dimension *combination*. Who is in exactly these in a quarter may be in more in the year, so
    the period is part of the name."""
    return f"{scope.name}: {JOINT.join(sorted(agencies))}"


def _first_seen(connection: Connection, scope: Scope) -> _Found:
    for before, count, agencies in connection.execute(statement("cube_first"), {"first": scope.first}).fetchall():
        yield (("flow", seen_before(scope) if before else FLOWS[0]),), count, agencies


def seen_before(scope: Scope) -> str:
    """The member of the dimension *flow* for who is not new in a period. Who was there before a quarter may be new in
    its year, so the period is part of the name."""
    return f"seen before {scope.name}"


def _flow(connection: Connection, scope: Scope) -> _Found:
    names = {"month": ("flow", month), "quarter": ("quarter_flow", quarter)}
    asked = {"first": scope.first, "last": scope.last}
    for every, at, flow, count, agencies in connection.execute(statement("cube_flow"), asked).fetchall():
        dimension, spell = names[every]
        yield ((dimension, FLOWS[flow]), (every, spell(at))), count, agencies


def _turnover(connection: Connection, scope: Scope) -> _Found:
    """What the events of each month add up to: everybody who was ever there, from the first month on."""
    events: dict[tuple[int, int], tuple[int, int]] = {}
    for at, event, count, agencies in connection.execute(statement("cube_turnover"), {"last": scope.last}).fetchall():
        events[at, event] = (count, agencies)
    first = min((at for at, _ in events), default=scope.first)
    active = 0
    for at in range(min(first, scope.first), scope.last + 1):
        before = active
        found = [events.get((at, event), (0, 0)) for event in range(len(EVENTS))]
        active += found[0][0] + found[1][0] - found[2][0]
        if at >= scope.first:
            where = ("month", month(at))
            yield (("turnover", START), where), before, 0
            yield (("turnover", END), where), active, 0
            for name, (count, agencies) in zip(EVENTS, found, strict=True):
                yield (("turnover", name), where), count, agencies


def _pathways(connection: Connection, facts: Facts, scope: Scope) -> _Found:
    asked = {"first": scope.first, "last": scope.last}
    for start, following, count, agencies in connection.execute(statement("cube_pathways"), asked).fetchall():
        words = (*facts.areas, NONE, SEVERAL)  # -1 is the last of them, -2 the one before
        yield (("first", words[start]), ("next", words[following])), count, agencies


def _gaps(connection: Connection, scope: Scope, gaps: Sequence[Gap]) -> _Found:
    for number, unknown, count, agencies in connection.execute(statement("cube_gaps"), {"last": scope.last}).fetchall():
        yield (("gap", gaps[number].name), ("known", UNKNOWN if unknown else SEEN)), count, agencies


def _given(connection: Connection, facts: Facts, scope: Scope) -> Iterator[tuple[_Where, int]]:
    asked = {"first": scope.first, "last": scope.last}
    for shape, agency, area, at, unit, amount in connection.execute(statement("cube_units"), asked).fetchall():
        words: dict[str, str] = defaultdict(str, unit=UNITS[unit])
        if not shape & 4:
            words["agency"] = facts.agencies[agency]
        if not shape & 2:
            words["area"] = facts.areas[area]
        if not shape & 1:
            words["quarter"] = quarter(at)
        yield tuple(sorted(words.items())), int(amount)
