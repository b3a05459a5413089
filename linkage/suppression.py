"""Which further cells are withheld so that none of the withheld ones can be worked out: solved, not guessed.

A withheld cell is safe when two towns agree with all that is shown and differ in that cell by the threshold or more. A
small one moreover has, even for somebody who was told which cells are the small ones, a town where it is 0 or 1 and
another where it is the largest count that a rule withholds. Where no such town exists, the cheapest cells whose
withholding makes one are found by a mixed-integer program; then all is asked again, until nothing is left to mend.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from linkage.cells import CellKey
from linkage.errors import CannotRelease
from linkage.knowledge import Knowledge, Numbers
from linkage.rule import Rule
from linkage.towns import Goal, Limits, Shown, cheapest_town, find_town

_NOTHING = 1e-6
_REACH = 4.0  # thresholds that a count may move when it is withheld; a town of the proof needs two at most


@dataclass(frozen=True, slots=True)
class Stake:
    """What a cell is before it is decided whether it is shown: the counts that its shown number would stand for.

    *settled* cells were shown before and cannot be withheld any more. *small* ones are withheld for their size.
    """

    least: int
    most: int
    cost: float
    small: bool = False
    settled: bool = False


class Kind(IntEnum):
    """What a town has to show of a withheld cell."""

    TOLD_LOW = 0  # it may be 0 or 1 where every small cell is known to be small
    TOLD_HIGH = 1  # it may be as large as small cells are
    LOW = 2  # it may be less than it is
    WIDE = 3  # it may be larger by the threshold than in another town


@dataclass(frozen=True, slots=True, order=True)
class Test:
    """One thing that has to be possible of one cell."""

    kind: Kind
    number: int

    __test__ = False  # no test of pytest's

    @property
    def told(self) -> bool:
        """Whether it has to be possible where every small cell is known to be small."""
        return self.kind <= Kind.TOLD_HIGH


def withheld(
    known: Knowledge, stakes: Mapping[CellKey, Stake], first: Collection[CellKey], rule: Rule
) -> frozenset[CellKey]:
    """The cells of *first*, and those that have to be withheld with them.

    Raises:
        CannotRelease: what was shown before gives a cell away, whatever is withheld now.
    """
    places = known.places()
    order = [key for key in known.keys if key in stakes]
    search = _Search(known, [stakes[key] for key in order], [places[key] for key in order], rule)
    search.hidden = {number for number, key in enumerate(order) if key in first}
    while weak := search.weak():
        search.mend(weak[0])
    return frozenset(order[number] for number in search.hidden)


class _Search:
    """The towns that were found so far, as the least and the most that each cell is in any of them."""

    def __init__(self, known: Knowledge, stakes: Sequence[Stake], places: Sequence[int], rule: Rule) -> None:
        self.hidden: set[int] = set()
        self._given_up: set[Test] = set()
        self._known, self._stakes, self._rule = known, stakes, rule
        self._places = np.array(places, dtype=int)
        size = len(stakes)
        self._least, self._most = np.full((2, size), np.inf), np.full((2, size), -np.inf)  # 1: told what is small

    def weak(self) -> list[Test]:
        """What no town shows, among those found so far and those that are now sought for it."""
        for kind in Kind:
            self._seek(self._open(kind), self._goal)
        self._seek(self._open(Kind.WIDE), self._lower)
        return [test for test in self._tests() if test.kind is not Kind.LOW and not self._passed(test)]

    def mend(self, test: Test) -> None:
        """Withhold the cheapest cells that let a town show it.

        Where earlier releases leave no such town for somebody who was told the small cells, the width must do.

        Raises:
            CannotRelease: none does.
        """
        goals = [self._goal(test), *([self._lower(test)] if test.kind is Kind.WIDE else [])]
        if any(self._withheld_for(test, goal) for goal in goals):
            return
        if (
            test.kind is Kind.WIDE
            and self._withheld_for(test, self._highest(test))
            and self._withheld_for(test, self._lower(test))
        ):
            return
        if test.told and any(stake.settled for stake in self._stakes):
            self._given_up.add(test)
            return
        raise CannotRelease(
            "a number that has to be withheld would follow from what was released before",
            hint="Ask for what was released already, or wait for the next whole period.",
        )

    def _withheld_for(self, test: Test, goal: Goal) -> bool:
        """Withhold the cheapest cells that let a town meet the goal; whether there are such."""
        free = self._free
        costs = [self._stakes[n].cost for n in free]
        shown = Shown(self._places[free], costs, _REACH * self._rule.threshold)
        found = cheapest_town(self._known, self._limits(self.hidden, told=test.told), goal, shown)
        if found is None:
            return False
        town, chosen = found
        self.hidden |= {free[n] for n in chosen}
        self._learn(town, told=test.told)
        return True

    @property
    def _free(self) -> list[int]:
        return [n for n, stake in enumerate(self._stakes) if n not in self.hidden and not stake.settled]

    def _open(self, kind: Kind) -> list[Test]:
        return [test for test in self._tests() if test.kind is kind and not self._passed(test)]

    def _tests(self) -> list[Test]:
        found = []
        for number in sorted(self.hidden):
            small = self._stakes[number].small
            kinds = (Kind.TOLD_LOW, Kind.TOLD_HIGH) if small else (Kind.LOW,)
            found += [Test(kind, number) for kind in (*kinds, Kind.WIDE)]
        return found

    def _passed(self, test: Test) -> bool:
        if test in self._given_up:
            return True
        least, most = self._least[int(test.told), test.number], self._most[int(test.told), test.number]
        if test.kind is Kind.TOLD_LOW:
            return bool(least <= 1 + _NOTHING)
        if test.kind is Kind.TOLD_HIGH:
            return bool(most >= self._rule.threshold - 1 - _NOTHING)
        if test.kind is Kind.LOW:
            return bool(np.isfinite(least))
        return bool(most - least >= self._rule.threshold - _NOTHING)

    def _goal(self, test: Test) -> Goal:
        place = int(self._places[test.number])
        if test.kind is Kind.TOLD_LOW:
            return Goal(place, 1.0, upward=False)
        if test.kind is Kind.TOLD_HIGH:
            return Goal(place, self._rule.threshold - 1.0, upward=True)
        if test.kind is Kind.LOW:
            return Goal(place, max(0.0, self._stakes[test.number].least - self._rule.threshold), upward=False)
        return Goal(place, float(self._least[0, test.number]) + self._rule.threshold, upward=True)

    def _lower(self, test: Test) -> Goal:
        most = float(self._most[0, test.number])
        return Goal(int(self._places[test.number]), most - self._rule.threshold, upward=False)

    def _highest(self, test: Test) -> Goal:
        """As far up as it goes if everything that can be is withheld; the width is then sought below."""
        every = self._limits({*self.hidden, *self._free}, told=test.told)
        town = find_town(self._known, every, [self._goal(test)])
        place = int(self._places[test.number])
        return Goal(place, float(self._most[0, test.number] if town is None else np.rint(town[place])), upward=True)

    def _seek(self, tests: Sequence[Test], goal: Callable[[Test], Goal]) -> None:
        """Towns that show as many of these as they can, until the best one shows none that is new."""
        thorough = False
        while tests:
            goals = [goal(test) for test in tests]
            town = find_town(self._known, self._limits(self.hidden, told=tests[0].told), goals, thorough=thorough)
            if town is None:
                return
            self._learn(town, told=tests[0].told)
            left = [test for test in tests if not self._passed(test)]
            if len(left) == len(tests) and thorough:
                return
            thorough = len(left) == len(tests)
            tests = left

    def _limits(self, hidden: Collection[int], *, told: bool) -> Limits:
        size = len(self._known.keys)
        least, most = np.zeros(size), np.full(size, np.inf)
        for number, stake in enumerate(self._stakes):
            place = self._places[number]
            if number not in hidden:
                least[place], most[place] = stake.least, stake.most
            elif told and stake.small:
                most[place] = self._rule.threshold - 1
        return Limits(least, most)

    def _learn(self, town: Numbers, *, told: bool) -> None:
        """What holds where small cells are known to be small is a town for everybody else as well."""
        counts = np.rint(town)[self._places]
        for level in (0, 1) if told else (0,):
            self._least[level] = np.minimum(self._least[level], counts)
            self._most[level] = np.maximum(self._most[level], counts)
