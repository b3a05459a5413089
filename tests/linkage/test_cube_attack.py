"""An attacker who reasons over exact combinations of agencies, against whole releases of a period.

No withheld number may be known to within fewer than eleven.
"""

from __future__ import annotations

import random
from itertools import chain, combinations

import numpy as np
import pytest
from ortools.sat.python import cp_model
from scipy.optimize import Bounds, LinearConstraint, milp

from bench.cube_oracle import Client, Service, tables
from linkage.cube.asking import public_tables
from linkage.cube.counting import count_cube
from linkage.cube.facts import Facts
from linkage.cube.scope import Scope
from linkage.disclosure import CMS11, Released, release

AGENCIES = ("clinic", "food_bank", "shelter", "ymca")
SCOPE = Scope.of("2026-01")
FEW = CMS11.threshold
Atom = frozenset[str]


def made_town(dice: random.Random) -> list[Client]:
    """People by the exact agencies that they use: many of some kinds, few of others, none of the rest."""
    agencies = AGENCIES[: dice.randint(2, 4)]
    atoms = [frozenset(some) for size in range(1, len(agencies) + 1) for some in combinations(agencies, size)]
    sizes = {
        atom: dice.choice([0, 0, dice.randint(1, 10), dice.randint(1, 10), dice.randint(11, 90)]) for atom in atoms
    }
    for agency in agencies:
        sizes[frozenset({agency})] += dice.randint(1, 30)
    clients, person = [], 0
    for atom, size in sizes.items():
        for _ in range(size):
            given = (Service("food", "2026-01"),)
            clients += [Client(agency, f"{person}", person, services=given) for agency in sorted(atom)]
            person += 1
    return clients


class Attacker:
    """What follows from the shown numbers of a release, by a program over atoms."""

    def __init__(self, told: Released, named: set[Atom]) -> None:
        self.agencies = told.agencies
        self.atoms = [
            frozenset(c)
            for c in chain.from_iterable(combinations(told.agencies, n + 1) for n in range(len(told.agencies)))
        ]
        self.named, self.rows = named, []
        self.hidden: dict[str, np.ndarray] = {}
        for name in ("people-by-agency", "overlap", "combinations"):
            self._take(told, name)

    def _take(self, told: Released, name: str) -> None:
        table = told.table(name)
        cells = [
            (f"{row.label} {column}", cell, self._members(name, row.label, column))
            for row in table.rows
            for column, cell in zip(table.columns, row.cells, strict=True)
        ]
        for label, cell, members in [*cells, ("total", table.total.first, np.ones(len(self.atoms)))]:
            if cell.people.value is None:
                self.hidden[f"{name} {label}"] = members
            else:
                self.rows.append((members, *CMS11.stands_for(cell.people.value)))

    def _members(self, name: str, row: str, column: str) -> np.ndarray:
        def is_in(atom: Atom) -> bool:
            if name == "people-by-agency":
                return row in atom
            if name == "overlap":
                return {row, column} <= atom
            if row == "one agency only":
                return len(atom) == 1
            if row == "other combinations":
                return len(atom) > 1 and atom not in self.named
            return atom == frozenset(row.removesuffix(" only").split(" + "))

        return np.array([float(is_in(atom)) for atom in self.atoms])

    def ends_by_another_solver(self, members: np.ndarray) -> tuple[int, int]:
        """The least and the most of a count, by OR-Tools' CP-SAT, which shares nothing with HiGHS: whole numbers and
        clauses, no simplex, no rounding.
        """
        ends = []
        for most in (False, True):
            model = cp_model.CpModel()
            counts = [model.new_int_var(0, 5_000, "") for _ in self.atoms]
            for row, low, high in self.rows:
                model.add_linear_constraint(_dot(row, counts), low, high)
            goal = _dot(members, counts)
            (model.maximize if most else model.minimize)(goal)
            solver = cp_model.CpSolver()
            solver.parameters.num_workers = 1
            assert solver.solve(model) == cp_model.OPTIMAL
            ends.append(round(solver.objective_value))
        return ends[0], ends[1]

    def ends(self, members: np.ndarray) -> tuple[float, float]:
        matrix = np.array([row for row, _, _ in self.rows])
        known = LinearConstraint(matrix, [least for _, least, _ in self.rows], [most for *_, most in self.rows])
        ends = []
        for sign in (1, -1):
            found = milp(
                sign * members, constraints=known, bounds=Bounds(0, 5_000), integrality=np.ones(len(self.atoms))
            )
            assert found.status == 0, found.message
            ends.append(sign * found.fun)
        return ends[0], ends[1]

    def width(self, members: np.ndarray) -> float:
        least, most = self.ends(members)
        return most - least


def _dot(row: np.ndarray, counts: list[cp_model.IntVar]) -> cp_model.LinearExpr:
    return cp_model.LinearExpr.weighted_sum(counts, [int(each) for each in row])


def attacked(seed: int) -> Attacker:
    clients = made_town(random.Random(seed))
    cube = count_cube(Facts.of(*tables(clients)), SCOPE, (), units=["people"])
    told = release(public_tables(cube, ()), CMS11, agencies=cube.agencies)
    named = {frozenset(row.label.split(" + ")) for row in told.table("combinations").rows if " + " in row.label}
    return Attacker(told, named)


@pytest.mark.parametrize("seed", range(30))
def test_no_withheld_number_of_a_release_is_known_to_within_ten(seed):
    attacker = attacked(seed)
    widths = {label: attacker.width(members) for label, members in attacker.hidden.items()}
    assert {label: width for label, width in widths.items() if width < FEW - 1} == {}


@pytest.mark.parametrize("seed", range(6))
def test_another_solver_finds_the_same_ends(seed):
    attacker = attacked(seed)
    for members in [*attacker.hidden.values(), *np.eye(len(attacker.atoms))]:
        assert attacker.ends_by_another_solver(members) == pytest.approx(attacker.ends(members), abs=1e-6)
