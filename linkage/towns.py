"""Other towns that would have been told in the same numbers: the proof that a withheld count is not known.

A *town* is one count for every key that agrees with all that is shown. A withheld cell is safe if there is a town where
it is small and another where it is large: whatever an outsider works out has to hold in both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, csr_array, hstack, vstack

from linkage.knowledge import Knowledge, Numbers

_NOTHING = 1e-6
_GAP = 0.05  # of a cost, that an answer may be dearer than the best
_OPTIONS = {"mip_rel_gap": _GAP, "presolve": True}


@dataclass(frozen=True, slots=True)
class Limits:
    """The least and the most that each count may be."""

    least: Numbers
    most: Numbers


@dataclass(frozen=True, slots=True)
class Goal:
    """A count that a town is sought for: at least *target* for an upward goal, at most *target* otherwise."""

    place: int
    target: float
    upward: bool


def find_town(known: Knowledge, limits: Limits, goals: Sequence[Goal], *, thorough: bool = True) -> Numbers | None:
    """A town that comes as near to all the goals together as any does; None if no town is within the limits.

    The goals are all upward, or all downward. Unless it is *thorough*, a town near the best one will do.
    """
    count, wanted = len(known.keys), len(goals)
    places = np.array([goal.place for goal in goals], dtype=int)
    targets = np.array([goal.target for goal in goals])
    upward = goals[0].upward
    pick = coo_array((np.ones(wanted), (np.arange(wanted), places)), shape=(wanted, count))
    near = coo_array((-np.ones(wanted), (np.arange(wanted), np.arange(wanted))), shape=(wanted, wanted))
    rows = [_wide(known, wanted), LinearConstraint(hstack([pick, near], format="csr"), *_side(upward, wanted))]
    low, high = (np.zeros(wanted), targets) if upward else (targets, np.full(wanted, np.inf))
    bounds = Bounds(np.r_[limits.least, low], np.r_[limits.most, high])
    cost = np.r_[np.zeros(count), np.full(wanted, -1.0 if upward else 1.0)]
    program = _Program(cost, rows, bounds, np.r_[known.whole, np.zeros(wanted)])
    best, near = program.nearby()
    if best is None:
        return None
    if near is None or (thorough and not program.is_as_good(near, best)):
        near = program.solved()
    return None if near is None else near[:count]


@dataclass(frozen=True, slots=True)
class Shown:
    """Shown counts that may still be withheld: where, at what cost, and how far each may then move."""

    places: NDArray[np.int_]
    costs: Sequence[float]
    reach: float


def cheapest_town(known: Knowledge, limits: Limits, goal: Goal, shown: Shown) -> tuple[Numbers, list[int]] | None:
    """A town that meets the goal at the least cost of shown counts, and which of these it has to withhold.

    None if no town does, whatever is withheld.
    """
    count, free = len(known.keys), len(shown.places)
    least, most = limits.least.copy(), limits.most.copy()
    if goal.upward:
        least[goal.place] = max(least[goal.place], goal.target)
    else:
        most[goal.place] = min(most[goal.place], goal.target)
    places = shown.places
    rows = [_wide(known, free), *_loosened(limits, places, shown.reach, count)]
    least[places] = np.maximum(0, limits.least[places] - shown.reach)
    most[places] = limits.most[places] + shown.reach
    bounds = Bounds(np.r_[least, np.zeros(free)], np.r_[most, np.ones(free)])
    cost, whole = np.r_[np.zeros(count), np.asarray(shown.costs)], np.r_[known.whole, np.ones(free)]
    found = _cheapest(_Program(cost, rows, bounds, whole))
    if found is None:
        return None
    return found[:count], [int(number) for number in np.flatnonzero(found[count:] > 0.5)]


def _cheapest(program: _Program) -> Numbers | None:
    """The search for the best answer knows how good the quick one was."""
    best, near = program.nearby()
    if best is None:
        return None
    if near is None:
        return program.solved()
    if program.is_as_good(near, best):
        return near
    return program.below(float(program.cost @ near) + _NOTHING).solved()


def _wide(known: Knowledge, more: int) -> LinearConstraint:
    rows = known.rows.shape[0]
    return LinearConstraint(hstack([known.rows, csr_array((rows, more))], format="csr"), known.least, known.most)


def _side(upward: bool, wanted: int) -> tuple[Numbers, Numbers]:
    """Count minus nearness: at least zero upward, at most zero downward."""
    nothing, endless = np.zeros(wanted), np.full(wanted, np.inf)
    return (nothing, endless) if upward else (-endless, nothing)


def _loosened(limits: Limits, places: NDArray[np.int_], reach: float, count: int) -> list[LinearConstraint]:
    """A shown count stays within its limits unless it is withheld."""
    free = len(places)
    order = np.arange(free)
    pick = coo_array((np.ones(free), (order, places)), shape=(free, count))
    move = coo_array((np.full(free, reach), (order, order)), shape=(free, free))
    rows = vstack([hstack([pick, move]), hstack([pick, -move])], format="csr")
    endless = np.full(free, np.inf)
    low, high = np.r_[limits.least[places], -endless], np.r_[endless, limits.most[places]]
    return [LinearConstraint(rows, low, high)] if free else []


@dataclass(frozen=True, slots=True)
class _Program:
    """What is to be least, and within what; *whole* is 1 for what must be a whole number."""

    cost: Numbers
    rows: Sequence[LinearConstraint]
    bounds: Bounds
    whole: Numbers

    def solved(self, bounds: Bounds | None = None, *, whole: bool = True) -> Numbers | None:
        """The best answer there is, in whole numbers or not; None if there is none."""
        rows = [each for each in self.rows if each.A.shape[0]]
        kinds = self.whole if whole else None
        found = milp(self.cost, constraints=rows, bounds=bounds or self.bounds, integrality=kinds, options=_OPTIONS)
        return None if found.x is None else np.asarray(found.x)

    def nearby(self) -> tuple[Numbers | None, Numbers | None]:
        """The best answer in any numbers, and one in whole numbers next to it, which is found quickly."""
        best = self.solved(whole=False)
        if best is None or _is_whole(best, self.whole):
            return best, best
        return best, self.solved(_beside(best, self.bounds, self.whole))

    def below(self, most: float) -> _Program:
        """The same for answers that cost at most so much."""
        row = LinearConstraint(csr_array(self.cost[np.newaxis, :]), -np.inf, most)
        return replace(self, rows=[*self.rows, row])

    def is_as_good(self, found: Numbers, best: Numbers) -> bool:
        """Whether an answer costs about as little as another."""
        least = float(self.cost @ best)
        return bool(self.cost @ found <= least + _GAP * abs(least) + _NOTHING)


def _beside(counts: Numbers, bounds: Bounds, whole: Numbers) -> Bounds:
    """Room for the broken counts to become whole, and for the others to stay."""
    low, high = np.floor(counts + _NOTHING), np.ceil(counts - _NOTHING)
    return Bounds(np.where(whole > 0, low, bounds.lb), np.where(whole > 0, high, bounds.ub))


def _is_whole(counts: Numbers, whole: Numbers) -> bool:
    chosen = counts[whole > 0]
    return bool(np.allclose(chosen, np.rint(chosen), rtol=0, atol=1e-6))
