"""Answers what is asked of a run's cube: every table through the one door of disclosure control."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from linkage.cells import CellKey, Constraint, TrueRelease
from linkage.cube.catalogue import CATALOGUE, Entry
from linkage.cube.counting import Counted, Cube, count_cube
from linkage.cube.facts import Facts
from linkage.cube.gaps import USUAL, Gap
from linkage.cube.notes import notes_of
from linkage.cube.scope import Scope
from linkage.cube.tables import Made, make_table
from linkage.disclosure import CMS11, Released, Rule
from linkage.errors import RequestRefused
from linkage.requests import Asked, answer
from linkage.store import read_report, read_table

_HOUSEHOLDS = "households"
_ALWAYS = frozenset({"agency", "area"})  # dimensions that are told if there is one member too


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a cube is counted for.

    A *period* ("" for all months of the files), gaps, who else should be in it, and the *rule* under which it is
    released.
    """

    period: str = ""
    gaps: Sequence[Gap] = USUAL
    expected: Sequence[str] = ()
    rule: Rule = CMS11


def cube_of(run: Path, wanted: Wanted) -> tuple[Cube, tuple[str, ...]]:
    """The cube of a run, and what has to be said beside each of its numbers.

    Raises:
        RunError: the folder is no run.
        RequestRefused: the period is none.
    """
    facts = Facts.of(read_table(run, "records"), read_table(run, "services"))
    return counted_cube(facts, read_report(run), wanted)


def counted_cube(counted: Counted, report: Mapping[str, Any], wanted: Wanted) -> tuple[Cube, tuple[str, ...]]:
    """The cube of what is counted, and what a run's report has to say beside each of its numbers.

    Raises:
        RequestRefused: the period is none.
    """
    words = counted.words
    scope = Scope.of(wanted.period) if wanted.period else Scope.between(words.first, words.last)
    return count_cube(counted, scope, wanted.gaps), notes_of(report, words, scope, wanted.expected)


def true_release(cube: Cube, entries: Iterable[Entry], notes: Sequence[str]) -> TrueRelease:
    """These tables, and all that binds their cells."""
    made = [make_table(cube, entry, notes) for entry in entries]
    known = [each for table in made for each in table.constraints]
    return TrueRelease(cube.scope.name, tuple(table.table for table in made), (*known, *_fewer_households(made)))


def ask(run: Path, wanted: Wanted, purpose: str, *, earlier: Sequence[Released], revise: bool = False) -> Released:
    """All public tables of a period, protected together and beside *earlier* releases: the same question has the same
    answer. *revise* asks for a revision with late data.

    Raises:
        RunError: the folder is no run.
        RequestRefused: the period is none, or nothing is told of what the release is for.
        CannotRelease: beside what was released before it would tell too much.
    """
    check_is_for_something(purpose)
    return released(cube_of(run, wanted), purpose, earlier=earlier, revise=revise, rule=wanted.rule)


def check_is_for_something(purpose: str) -> None:
    """A release is for something.

    Raises:
        RequestRefused: nothing is told of what it is for.
    """
    if not purpose:
        raise RequestRefused("a release without a purpose", hint='Say what it is for, such as "council report".')


def released(
    told: tuple[Cube, Sequence[str]], purpose: str, *, earlier: Sequence[Released], revise: bool = False, rule: Rule
) -> Released:
    """The answer to a question about a cube; see `ask`.

    Raises:
        CannotRelease: beside what was released before it would tell too much.
    """
    cube, notes = told
    true = public_tables(cube, notes)
    asked = Asked(tuple(table.name for table in true.tables), cube.agencies, cube.scope.name, purpose, _bands(true))
    return answer(asked, true, rule, earlier=earlier, revise=revise)


def _bands(true: TrueRelease) -> tuple[str, ...]:
    return tuple(sorted({member for table in true.tables if table.name == "people-by-age" for member in table.rows}))


def public_tables(cube: Cube, notes: Sequence[str]) -> TrueRelease:
    """The tables that every release has; months only where they are few, else quarters."""
    return true_release(cube, [entry for entry in CATALOGUE if entry.public and _tells(entry, cube)], notes)


def _tells(entry: Entry, cube: Cube) -> bool:
    """One month is no table by month, and where no file told an age there is none by age."""
    return all(len(_met(dimension, cube)) > (dimension not in _ALWAYS) for dimension in entry.dimensions)


def _met(dimension: str, cube: Cube) -> set[str]:
    if dimension in ("month", "quarter", "year"):
        return set(cube.scope.members(dimension))
    return {member for key in cube.cells for name, member in key.where if name == dimension}


def _fewer_households(made: Iterable[Made]) -> list[Constraint]:
    """There are at most as many households as people wherever both are counted."""
    keys = {cell.key for each in made for row in each.table.cells for cell in row if cell is not None}
    keys |= {each.table.total.key for each in made}
    pairs = [(key, CellKey("people", key.where)) for key in sorted(keys) if key.unit == _HOUSEHOLDS]
    return [Constraint(((few, 1), (many, -1)), equal=False) for few, many in pairs if many in keys]
