"""Which numbers of a release may be shown, and as what: the rule, what is solved, and what was shown before."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from linkage.cells import CellKey, Constraint, TrueCell
from linkage.errors import CannotRelease
from linkage.knowledge import Knowledge
from linkage.published import Before, Number, Published
from linkage.rule import Rule
from linkage.scopes import AGENCY, is_group
from linkage.suppression import Stake, withheld

_EVERYBODY = 20  # times as dear as a part


def decide(
    cells: Mapping[CellKey, TrueCell], constraints: Sequence[Constraint], rule: Rule, before: Before
) -> dict[CellKey, Published]:
    """What is published of each cell, and of each set that was published before.

    Raises:
        CannotRelease: the cells contradict the constraints, or earlier releases give too much away.
    """
    if rule.threshold == 1:
        return {key: _openly(key, cell, rule) for key, cell in cells.items()}
    known = Knowledge.of([*cells, *before.same], constraints)
    counts = _counts(known, cells, constraints, rule, before)
    ranges = [_ends(known, cells, before, _Counted(counts, rule, end)) for end in ("low", "high")]
    return {key: _published(key, number, *(end.get(key) for end in ranges)) for key, number in counts.items()}


def _published(key: CellKey, number: _Told, low: Number | None, high: Number | None) -> Published:
    ranged = low is not None and high is not None and not number.held
    return Published(key, number.number, low if ranged else None, high if ranged else None, number.held)


@dataclass(frozen=True, slots=True)
class _Told:
    """What is told of a count."""

    number: Number | None
    held: bool = False


@dataclass(frozen=True, slots=True)
class _Counted:
    """What was decided of the counts, for one end of their ranges."""

    counts: Mapping[CellKey, _Told]
    rule: Rule
    end: str  # low or high


def _openly(key: CellKey, cell: TrueCell, rule: Rule) -> Published:
    return Published(key, _rounded(cell.count, rule), _rounded(cell.low, rule), _rounded(cell.high, rule))


def _rounded(count: int, rule: Rule) -> Number:
    shown = rule.rounded(count)
    return Number(shown, *rule.stands_for(shown))


def _counts(
    known: Knowledge,
    cells: Mapping[CellKey, TrueCell],
    constraints: Sequence[Constraint],
    rule: Rule,
    before: Before,
) -> dict[CellKey, _Told]:
    told = {key: _first(cell, rule, before.revised.get(key)) for key, cell in cells.items()}
    told |= {key: _Told(None) for key in _telling_zeros(cells, constraints)}
    told |= {key: _Told(old.count) for key, old in before.same.items()}
    stakes = {
        key: _stake(key, told[key].number, cells.get(key), rule, settled=_was_shown(before, key, "count"))
        for key in told
    }
    exact = {key: (float(cell.count), float(cell.count)) for key, cell in cells.items()}
    fitting = known.stretched(exact | _bounds(before.same, "count", exact), by=0)
    hidden = withheld(fitting, stakes, {key for key, number in told.items() if number.number is None}, rule)
    return {key: _Told(None) if key in hidden else number for key, number in told.items()}


def _first(cell: TrueCell, rule: Rule, old: Published | None) -> _Told:
    """The rule for a cell by itself, beside what was published of it when the data was other.

    What was withheld of a set once stays so, or both releases together would tell it.
    """
    withholds = rule.hides(cell.count) or _is_of_too_few_agencies(cell, rule)
    number = Number(0, 0, rule.threshold - 1) if rule.hides(cell.count) else _rounded(cell.count, rule)
    if old is None or old.count is None:
        return _Told(None if withholds or old else number)
    apart = max(number.least - old.count.most, old.count.least - number.most) >= rule.threshold
    if apart or (number.shown == old.count.shown and not withholds):
        return _Told(None if withholds else number)
    room = rule.threshold + rule.base - 2
    return _Told(Number(old.count.shown, max(0, old.count.least - room), old.count.most + room), held=True)


def _is_of_too_few_agencies(cell: TrueCell, rule: Rule) -> bool:
    """What is explicitly about an agency is known to be of it alone."""
    return cell.count > 0 and cell.agencies < rule.agencies and all(name != AGENCY for name, _ in cell.key.where)


def _telling_zeros(cells: Mapping[CellKey, TrueCell], constraints: Iterable[Constraint]) -> set[CellKey]:
    """The zeros of a group whose people are all in one part: they would tell something of each of them.

    Everybody is no group that somebody is known to be in.
    """
    found: set[CellKey] = set()
    for each in constraints:
        parts = [key for key, times in each.terms if times == 1]
        groups = [key for key, times in each.terms if times == -1 and is_group(key)]
        if each.equal and groups and len(parts) > 1 and all(key in cells for key in parts):
            zeros = [key for key in parts if cells[key].count == 0]
            found.update(zeros if len(zeros) == len(parts) - 1 else ())
    return found


def _stake(key: CellKey, number: Number | None, cell: TrueCell | None, rule: Rule, *, settled: bool) -> Stake:
    """Totals cost more than their parts, and everybody of a period far more: it is what a release is made for."""
    count = 0 if cell is None else cell.count
    small = number is None and cell is not None and count < rule.threshold
    least, most = (count, count) if number is None else (number.least, number.most)
    return Stake(least, most, _cost(key, count), small=small, settled=settled)


def _cost(key: CellKey, count: int) -> float:
    return (1 + math.log2(count + 2)) * (1 if is_group(key) else _EVERYBODY)


def _was_shown(before: Before, key: CellKey, what: str) -> bool:
    return key in before.same and getattr(before.same[key], what) is not None


def _bounds(
    published: Mapping[CellKey, Published], what: str, exact: Mapping[CellKey, tuple[float, float]]
) -> dict[CellKey, tuple[float, float]]:
    """What earlier releases tell of sets that the cells do not count."""
    numbers = {key: getattr(old, what) for key, old in published.items() if key not in exact}
    return {key: (float(number.least), float(number.most)) for key, number in numbers.items() if number is not None}


def _ends(
    known: Knowledge, cells: Mapping[CellKey, TrueCell], before: Before, counted: _Counted
) -> dict[CellKey, Number]:
    """One end of the ranges, a system of its own: withheld where the count is, and wherever it would open that."""
    counts, rule, end = counted.counts, counted.rule, counted.end
    values = {key: getattr(cell, end) for key, cell in cells.items()}
    numbers = {key: _rounded(value, rule) for key, value in values.items() if not rule.hides(value)}
    numbers |= {key: getattr(old, end) for key, old in before.same.items() if getattr(old, end) is not None}
    first = _without_count(counts, numbers, before, end)
    small = {key for key, cell in cells.items() if cell.count < rule.threshold and values[key] < rule.threshold}
    stakes = {
        key: Stake(
            *((numbers[key].least, numbers[key].most) if key in numbers else (0, 0)),
            _cost(key, values.get(key, 0)),
            small=key in small and counts[key].number is None,
            settled=_was_shown(before, key, end),
        )
        for key in counts
    }
    open_to_all = {
        key: (float(number.least), float(number.most)) for key, number in numbers.items() if key not in first
    }
    try:
        hidden = withheld(known.stretched(open_to_all), stakes, first, rule)
    except CannotRelease:
        if any(_was_shown(before, key, end) for key in before.same):
            raise
        return {}  # ends that fit no grouping of people: without any of them nothing follows
    return {key: number for key, number in numbers.items() if key not in hidden}


def _without_count(
    counts: Mapping[CellKey, _Told], numbers: Collection[CellKey], before: Before, end: str
) -> set[CellKey]:
    return {
        key
        for key, told in counts.items()
        if key not in numbers or ((told.number is None or told.held) and not _was_shown(before, key, end))
    }
