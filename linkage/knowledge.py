"""What everybody knows of a release, as a system of linear (in)equalities over counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_array, hstack, identity

from linkage.cells import CellKey, Constraint
from linkage.errors import CannotRelease
from linkage.venn import is_combination, with_combinations

Numbers = NDArray[np.float64]
_NOTHING = 1e-6  # what a solver leaves of zero


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Counts by place in *keys*; each row of *rows* times the counts lies between *least* and *most*."""

    keys: tuple[CellKey, ...]
    rows: csr_array
    least: Numbers
    most: Numbers

    @classmethod
    def of(cls, keys: Iterable[CellKey], constraints: Sequence[Constraint]) -> Knowledge:
        """The system over *keys* and all that stands in the constraints, in an order that depends on neither's."""
        bound = sorted({(tuple(sorted(each.terms)), each.equal) for each in with_combinations(constraints)})
        every = tuple(sorted({*keys, *(key for terms, _ in bound for key, _ in terms)}))
        place = {key: number for number, key in enumerate(every)}
        entries = [(row, place[key], times) for row, (terms, _) in enumerate(bound) for key, times in terms]
        lines, columns, values = (np.array(each) for each in zip(*entries, strict=True)) if entries else ([], [], [])
        matrix = csr_array((np.asarray(values, dtype=float), (lines, columns)), shape=(len(bound), len(every)))
        least = np.array([0.0 if equal else -np.inf for _, equal in bound])
        return cls(every, matrix, least, np.zeros(len(bound)))

    @property
    def whole(self) -> NDArray[np.int_]:
        """1 for counts that must be whole numbers, 0 for the many exact combinations, for the solver's sake."""
        return np.array([0 if is_combination(key) else 1 for key in self.keys])

    def places(self) -> dict[CellKey, int]:
        """Where each key stands."""
        return {key: number for number, key in enumerate(self.keys)}

    def stretched(self, counts: Mapping[CellKey, tuple[float, float]], *, by: float = np.inf) -> Knowledge:
        """The system with room for counts within these bounds; ends of ranges need not add up as counts do.

        Raises:
            CannotRelease: they lack more than *by*, so tables and constraints contradict each other.
        """
        missing, over = self._lack(counts)
        if max(missing.max(initial=0.0), over.max(initial=0.0)) > by + _NOTHING:
            raise CannotRelease(
                "the counts contradict what binds them",
                hint="The tables, or those released before, count other sets than they say. Please report this.",
            )
        return Knowledge(
            self.keys, self.rows, self.least - np.ceil(missing - _NOTHING), self.most + np.ceil(over - _NOTHING)
        )

    def _lack(self, counts: Mapping[CellKey, tuple[float, float]]) -> tuple[Numbers, Numbers]:
        """How much each row has to give, at the least in sum: below its least and above its most."""
        rows, columns = self.rows.shape
        if rows == 0:
            return np.zeros(0), np.zeros(0)
        equal = np.isfinite(self.least)
        below = identity(rows, format="csr")[:, np.flatnonzero(equal)]
        wide = hstack([self.rows, below, -identity(rows, format="csr")], format="csr")
        bounds = [*(counts.get(key, (0.0, np.inf)) for key in self.keys), *[(0.0, np.inf)] * (wide.shape[1] - columns)]
        cost = np.r_[np.zeros(columns), np.ones(wide.shape[1] - columns)]
        split: dict[str, object] = {"A_ub": wide[~equal], "b_ub": self.most[~equal]} if (~equal).any() else {}
        if equal.any():
            split |= {"A_eq": wide[equal], "b_eq": self.most[equal]}
        found = linprog(cost, bounds=bounds, method="highs", **split)
        missing = np.zeros(rows)
        missing[equal] = found.x[columns : columns + int(equal.sum())]
        return missing, np.asarray(found.x[columns + int(equal.sum()) :])
