"""Counts every cell of every table under each grouping of records, by named statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import chain
from typing import Protocol

from linkage.cells import CellKey, TrueCell
from linkage.cube.calculator import UNIT_WORDS, Calculator
from linkage.cube.facts import BANDS, KINDS, UNITS, Words
from linkage.cube.gaps import Gap, as_tables
from linkage.cube.scope import Scope, month, quarter

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


class Counted(Protocol):
    """A run to be counted: what the numbers in its tables stand for, and what counts them."""

    @property
    def words(self) -> Words:
        """The words, and the months there are."""

    def opened(self) -> AbstractContextManager[Calculator]:
        """A calculator that knows the tables record, received, agency, area, kind and unit."""


def count_cube(
    counted: Counted, scope: Scope, gaps: Sequence[Gap], *, units: Sequence[str] = tuple(UNIT_WORDS)
) -> Cube:
    """Count all tables of a period; *units* are people, households or both."""
    cells: dict[CellKey, TrueCell] = {}
    words = counted.words
    with counted.opened() as calculator:
        for name, table in zip(("gap", "elsewhere"), as_tables(gaps, words.areas, words.agencies), strict=True):
            calculator.put(name, table)
        count = Counting(calculator, words, scope, tuple(gaps))
        for unit in units:
            for where, (number, loose, strict, agencies) in _ranged(count, unit):
                key = CellKey(unit, where)
                cells[key] = TrueCell(key, count=number, low=loose, high=strict, agencies=agencies)
        given = dict(count.given())
    return Cube(scope, words.agencies, words.areas, tuple(gaps), cells, given)


def _ranged(count: Counting, unit: str) -> Iterator[tuple[_Where, tuple[int, int, int, int]]]:
    """Each cell under the three groupings, and how many agencies know its people.

    Every cell is a sum over people. So under the loose and the strict grouping only those are counted anew whom it
    puts together otherwise: they are taken off, and added as they are there.
    """
    name, *others = UNIT_WORDS[unit]
    best = count.cells(name)
    moved = [(count.cells(name, unlike=other), count.cells(other, unlike=name)) for other in others]
    for where in {*best, *(where for _, after in moved for where in after)}:
        number, agencies = best.get(where, _NOBODY)
        ends = (number - before.get(where, _NOBODY)[0] + after.get(where, _NOBODY)[0] for before, after in moved)
        loose, strict = ends
        yield where, (number, loose, strict, agencies)


@dataclass(frozen=True, slots=True)
class Counting:
    """Counts the cells of one grouping of records after another."""

    calculator: Calculator
    words: Words
    scope: Scope
    gaps: tuple[Gap, ...]

    def cells(self, name: str, *, unlike: str = "") -> _Counts:
        """The cells under the grouping *name*: how many, and known to how many agencies."""
        self.calculator.group(name, unlike=unlike)
        for table in ("cube_known", "cube_visit"):
            self.calculator.make(table)
        self.calculator.make("cube_met", **self._months)
        found = chain(
            self._groups(),
            self._overlaps(),
            self._combinations(),
            self._first_seen(),
            self._flow(),
            self._turnover(),
            self._pathways(),
            self._gaps(),
        )
        return {tuple(sorted(where)): (count, agencies) for where, count, agencies in found}

    @property
    def _months(self) -> dict[str, int]:
        return {"first": self.scope.first, "last": self.scope.last}

    def _groups(self) -> _Found:
        words = self.words
        lists = {"agency": words.agencies, "area": words.areas, "type": words.types, "age": BANDS, "kind": KINDS}
        for shape, *members, count, agencies in self.calculator.select("cube_groups"):
            if shape is None or count == 0:
                continue
            about = [(name, member) for name, member in zip(_COLUMNS, members, strict=True) if not shape & _BITS[name]]
            yield tuple((name, _word(name, member, lists)) for name, member in about), count, agencies or 0

    def _overlaps(self) -> _Found:
        names = self.words.agencies
        for one, other, count, agencies in self.calculator.select("cube_overlap"):
            if one != other:
                yield (("both", both(names[one], names[other])),), count, agencies

    def _combinations(self) -> _Found:
        """Who is served by one agency alone is nobody else's to tell, whoever else once wrote them down.

        Of two agencies each can tell that of the other from the total: there the threshold alone decides.
        """
        alone = [0, 0]  # people, and agencies that have such
        least = 2 if len(self.words.agencies) == 2 else 1
        for members, count in self.calculator.select("cube_combinations"):
            names = [self.words.agencies[each] for each in members]
            alone = [alone[0] + count, alone[1] + 1] if len(names) == 1 else alone
            yield (("combination", combination(self.scope, names)),), count, max(least, len(names))
        yield (("combination", combination(self.scope, [ONE_ONLY])),), alone[0], max(least, alone[1])

    def _first_seen(self) -> _Found:
        for before, count, agencies in self.calculator.select("cube_first", first=self.scope.first):
            yield (("flow", seen_before(self.scope) if before else FLOWS[0]),), count, agencies

    def _flow(self) -> _Found:
        names = {"month": ("flow", month), "quarter": ("quarter_flow", quarter)}
        for every, at, flow, count, agencies in self.calculator.select("cube_flow", **self._months):
            dimension, spell = names[every]
            yield ((dimension, FLOWS[flow]), (every, spell(at))), count, agencies

    def _turnover(self) -> _Found:
        """What the events of each month add up to: everybody who was ever there, from the first month on."""
        events: dict[tuple[int, int], tuple[int, int]] = {}
        for at, event, count, agencies in self.calculator.select("cube_turnover", last=self.scope.last):
            events[at, event] = (count, agencies)
        first = min((at for at, _ in events), default=self.scope.first)
        active = 0
        for at in range(min(first, self.scope.first), self.scope.last + 1):
            before = active
            found = [events.get((at, event), (0, 0)) for event in range(len(EVENTS))]
            active += found[0][0] + found[1][0] - found[2][0]
            if at >= self.scope.first:
                where = ("month", month(at))
                yield (("turnover", START), where), before, 0
                yield (("turnover", END), where), active, 0
                for name, (count, agencies) in zip(EVENTS, found, strict=True):
                    yield (("turnover", name), where), count, agencies

    def _pathways(self) -> _Found:
        words = (*self.words.areas, NONE, SEVERAL)  # -1 is the last of them, -2 the one before
        for start, following, count, agencies in self.calculator.select("cube_pathways", **self._months):
            yield (("first", words[start]), ("next", words[following])), count, agencies

    def _gaps(self) -> _Found:
        for number, unknown, count, agencies in self.calculator.select("cube_gaps", last=self.scope.last):
            yield (("gap", self.gaps[number].name), ("known", UNKNOWN if unknown else SEEN)), count, agencies

    def given(self) -> Iterator[tuple[_Where, int]]:
        """What was given, by its conditions and unit."""
        for shape, agency, area, at, unit, amount in self.calculator.select("cube_units", **self._months):
            words: dict[str, str] = defaultdict(str, unit=UNITS[unit])
            if not shape & 4:
                words["agency"] = self.words.agencies[agency]
            if not shape & 2:
                words["area"] = self.words.areas[area]
            if not shape & 1:
                words["quarter"] = quarter(at)
            yield tuple(sorted(words.items())), int(amount)


_BITS = {name: 1 << (len(_COLUMNS) - 1 - place) for place, name in enumerate(_COLUMNS)}


def _word(dimension: str, member: int, words: Mapping[str, Sequence[str]]) -> str:
    if dimension == "month":
        return month(member)
    if dimension == "quarter":
        return quarter(member)
    return f"{member:04d}" if dimension == "year" else words[dimension][member]


def both(one: str, other: str) -> str:
    """The member of the dimension *both*: two agencies, in the order of their names."""
    return "&".join(sorted((one, other)))


def combination(scope: Scope, agencies: Sequence[str]) -> str:
    """The member of the dimension *combination*. Who is in exactly these in a quarter may be in more in the year, so
    the period is part of the name."""
    return f"{scope.name}: {JOINT.join(sorted(agencies))}"


def seen_before(scope: Scope) -> str:
    """The member of the dimension *flow* for who is not new in a period. Who was there before a quarter may be new in
    its year, so the period is part of the name."""
    return f"seen before {scope.name}"
