"""An attacker on releases: what follows about withheld cells from everything that was shown, by the people themselves.

    python -m bench.disclosure_attack --families 10000

Written apart from what protects: it knows neither constraints nor towns of that, but makes up towns of people, releases
tables of them, and then reasons over *kinds of people* (an agency set, an age band, the services). Each shown number,
total and end of a range, of this and of the earlier release, bounds a sum of kinds (percentages and duplicated sums are
worked out from shown numbers and say nothing more); a mixed-integer program (HiGHS)
finds the least and the most that each withheld cell can then be.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, combinations, product

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from linkage.cells import CellKey, Constraint, TrueCell, TrueRelease, TrueTable, covered_by, overlap, sums_to
from linkage.disclosure import CMS11, Released, release
from linkage.errors import CannotRelease

Kind = tuple[frozenset[tuple[str, str]], str]  # (agency, area) pairs, age band
Member = Callable[[Kind], bool]
AGENCIES, AREAS, BANDS = ("a", "b", "c", "d"), ("food", "health"), ("old", "young")


@dataclass(frozen=True, slots=True)
class Family:
    """A made-up town: how many people of each kind, by the estimate and by two other clusterings, and its tables."""

    agencies: tuple[str, ...]
    kinds: tuple[Kind, ...]  # every kind that there might be
    towns: tuple[tuple[int, ...], ...]  # estimate, loose, strict
    tables: tuple[str, ...]


def families(count: int, seed: int) -> Iterator[Family]:
    """Made-up towns with small and large cells, always the same for a seed."""
    for number in range(count):
        yield family(random.Random(f"{seed}/{number}"))


def family(chance: random.Random) -> Family:
    """A town of two to four agencies; with areas where there are few agencies, so that all kinds can be listed."""
    agencies = AGENCIES[: chance.randint(2, 4)]
    areas = AREAS[: 1 if len(agencies) == 4 else 2]
    pairs = list(product(agencies, areas))
    sets = chain.from_iterable(combinations(pairs, size) for size in range(1, len(pairs) + 1))
    kinds = tuple((frozenset(some), band) for some in sets for band in BANDS)
    scale = chance.choice((3, 10, 40))
    town = _town(kinds, scale, chance)
    others = (
        tuple(max(0, n - chance.choice((0, 0, 0, 1))) for n in town),
        tuple(n + (chance.random() < 0.1) for n in town),
    )
    wanted = ["agency", "area", "band", "agency-band", "agency-area", "pairs"]
    tables = tuple(name for name in wanted if chance.random() < 0.7) or ("agency",)
    return Family(agencies, kinds, (town, *others), tables)


def _town(kinds: Sequence[Kind], scale: int, chance: random.Random) -> tuple[int, ...]:
    return tuple(
        int(chance.expovariate(1) * scale / len(some) ** 2) if chance.random() < 0.5 / len(some) else 0
        for some, _ in kinds
    )


def membership(key: CellKey) -> Member:
    """Whether a kind of person is in the set of a key; the attacker's own reading of what a key means."""
    where = dict(key.where)
    both = where.get("both", "").split("&") if "both" in where else []

    def is_in(kind: Kind) -> bool:
        pairs, band = kind
        fitting = [
            pair for pair in pairs if where.get("agency", pair[0]) == pair[0] and where.get("area", pair[1]) == pair[1]
        ]
        known = {agency for agency, _ in pairs}
        return bool(fitting) and where.get("band", band) == band and all(agency in known for agency in both)

    return is_in


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes the tables of a family."""

    family: Family

    def cell(self, **where: str) -> TrueCell:
        """A cell, counted from the people."""
        key = CellKey.of("people", **where)
        is_in = membership(key)
        inside = [number for number, kind in enumerate(self.family.kinds) if is_in(kind)]
        count, loose, strict = (sum(town[number] for number in inside) for town in self.family.towns)
        met = [number for number in inside if self.family.towns[0][number]]
        agencies = {agency for number in met for agency, _ in self.family.kinds[number][0]}
        return TrueCell(key, count=count, low=loose, high=strict, agencies=len(agencies))

    def one_way(self, name: str, members: Sequence[str]) -> TrueTable:
        """Rows of one dimension."""
        cells = tuple((self.cell(**{name: member}),) for member in members)
        return TrueTable(name, name, "people", tuple(members), ("",), cells, self.cell())

    def two_way(self, first: tuple[str, Sequence[str]], second: tuple[str, Sequence[str]]) -> TrueTable:
        """Rows by columns."""
        (row, rows), (column, columns) = first, second
        cells = tuple(tuple(self.cell(**{row: a, column: b}) for b in columns) for a in rows)
        return TrueTable(f"{row}-{column}", "", "people", tuple(rows), tuple(columns), cells, self.cell())

    def pairs(self) -> TrueTable:
        """Overlaps of two agencies."""
        agencies = self.family.agencies
        cells = tuple(
            tuple(None if a == b else self.cell(both="&".join(sorted((a, b)))) for b in agencies) for a in agencies
        )
        return TrueTable("pairs", "", "people", agencies, agencies, cells, self.cell())

    def release(self, names: Sequence[str]) -> TrueRelease:
        """The named tables, and what binds their cells."""
        agencies, areas, bands = self.family.agencies, self._areas(), BANDS
        made = {
            "agency": lambda: self.one_way("agency", agencies),
            "area": lambda: self.one_way("area", areas),
            "band": lambda: self.one_way("band", bands),
            "agency-band": lambda: self.two_way(("agency", agencies), ("band", bands)),
            "agency-area": lambda: self.two_way(("agency", agencies), ("area", areas)),
            "pairs": self.pairs,
        }
        return TrueRelease("2026-Q1", tuple(made[name]() for name in names), tuple(self._constraints(names)))

    def _areas(self) -> tuple[str, ...]:
        return tuple(sorted({area for some, _ in self.family.kinds for _, area in some}))

    def _constraints(self, names: Sequence[str]) -> list[Constraint]:
        """As a catalogue would tell them: along each dimension, of everybody and of each part."""
        key, agencies, areas = CellKey.of("people"), self.family.agencies, self._areas()
        of_agency = {name: key.and_also(agency=name) for name in agencies}
        known = covered_by(key, list(of_agency.values())) + covered_by(key, [key.and_also(area=name) for name in areas])
        known.append(sums_to(key, [key.and_also(band=name) for name in BANDS]))
        for one in of_agency.values() if "agency-band" in names else ():
            known.append(sums_to(one, [one.and_also(band=name) for name in BANDS]))
        for band in BANDS if "agency-band" in names else ():
            known += covered_by(key.and_also(band=band), [one.and_also(band=band) for one in of_agency.values()])
        for one in of_agency.values() if "agency-area" in names else ():
            known += covered_by(one, [one.and_also(area=name) for name in areas])
        for area in areas if "agency-area" in names else ():
            known += covered_by(key.and_also(area=area), [one.and_also(area=area) for one in of_agency.values()])
        for a, b in combinations(agencies, 2) if "pairs" in names else ():
            known += overlap(key.and_also(both=f"{a}&{b}"), of_agency[a], of_agency[b], key)
        return known


@dataclass(frozen=True, slots=True)
class Clue:
    """What a shown number says: a weighted sum of kinds lies between two numbers."""

    weights: np.ndarray
    least: float
    most: float


@dataclass(frozen=True, slots=True)
class Broken:
    """A withheld cell that the attacker narrowed."""

    key: CellKey
    end: str
    least: float
    most: float


def attack(family: Family, releases: Sequence[tuple[TrueRelease, Released]], threshold: int = 11) -> list[Broken]:
    """The withheld cells of which an attacker knows a number to less than the threshold."""
    found: list[Broken] = []
    for end in ("people", "low", "high"):
        clues, hidden = _read(family, releases, end)
        for key, weights in hidden.items():
            least, most = _bounds(weights, clues)
            if most - least < threshold:
                found.append(Broken(key, end, least, most))
    return found


def _read(
    family: Family, releases: Sequence[tuple[TrueRelease, Released]], end: str
) -> tuple[list[Clue], dict[CellKey, np.ndarray]]:
    clues: list[Clue] = []
    hidden: dict[CellKey, np.ndarray] = {}
    half = CMS11.base // 2
    for true, released in releases:
        for table, safe in zip(true.tables, released.tables, strict=True):
            shown = [
                *zip(table.cells, (row.cells for row in safe.rows), strict=True),
                ((table.total,), safe.total.cells),
            ]
            for cell, answer in ((c, s) for cells, answers in shown for c, s in zip(cells, answers, strict=True)):
                if cell is None or answer is None:
                    continue
                is_in = membership(cell.key)
                weights = np.array([float(is_in(kind)) for kind in family.kinds])
                value = getattr(answer, end).value
                if answer.people.value is None:
                    hidden[cell.key] = weights
                if value is not None:
                    clues.append(Clue(weights, max(0, value - half) if value else 0, value + half if value else 0))
    return clues, hidden


def _bounds(weights: np.ndarray, clues: Sequence[Clue]) -> tuple[float, float]:
    if not clues:
        return 0.0, float("inf")
    rows = LinearConstraint(
        np.array([clue.weights for clue in clues]), [clue.least for clue in clues], [clue.most for clue in clues]
    )
    ends = []
    for sign in (1, -1):
        bounds = Bounds(0, 10_000)
        found = milp(sign * weights, constraints=[rows], bounds=bounds, integrality=np.ones(len(weights)))
        if found.x is None:
            return float("nan"), float("nan")  # ends of ranges that no clustering has: nothing follows
        ends.append(float(np.rint(sign * found.fun)))
    return ends[0], ends[1]


def play(family: Family) -> list[Broken]:
    """Release some tables, then all of them beside the first release, and attack both together."""
    maker = Maker(family)
    first = maker.release(family.tables[: (len(family.tables) + 1) // 2])
    second = maker.release(family.tables)
    earlier = release(first, CMS11, agencies=family.agencies)
    try:
        later = release(second, CMS11, agencies=family.agencies, earlier=[earlier])
    except CannotRelease:  # the earlier numbers settle a small one already; the first release stands alone
        return attack(family, [(first, earlier)])
    return attack(family, [(first, earlier), (second, later)])


def main(arguments: Sequence[str] | None = None) -> int:
    """Attack as many families as are asked for, and tell what was found."""
    parser = argparse.ArgumentParser(description="attack releases of made-up towns")
    parser.add_argument("--families", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args(arguments)
    broken = 0
    for number, each in enumerate(families(chosen.families, chosen.seed)):
        for found in play(each):
            broken += 1
            print(f"family {number}: {found.end} of {found.key.where} is {found.least:.0f} to {found.most:.0f}")
    print(f"{chosen.families} families, {broken} withheld numbers narrowed to a width under {CMS11.threshold}")
    return int(broken > 0)


if __name__ == "__main__":
    sys.exit(main())
