"""An attacker of its own narrows no withheld cell: on made-up towns, and by listing every town where they are tiny.

HEADCOUNT_ATTACK says how many towns; ``make attack`` asks for 10,000.
"""

from __future__ import annotations

import os
import random
from itertools import product

import pytest

from bench.disclosure_attack import Broken, Family, Maker, attack, families, play
from linkage.cells import CellKey, TrueCell, TrueRelease, TrueTable, covered_by, sums_to
from linkage.disclosure import Released, Rule, SafeTable, release

FAMILIES = int(os.environ.get("HEADCOUNT_ATTACK", "300"))
TINY = Rule("tiny", 3)
PEOPLE = CellKey.of("people")


@pytest.mark.slow
def test_no_withheld_cell_is_narrowed_below_the_threshold():
    broken = [(number, found) for number, each in enumerate(families(FAMILIES, seed=1)) for found in play(each)]
    assert broken == []


def test_the_attacker_breaks_what_only_the_rule_protects():
    """Without complementary suppression it finds the withheld part of a division: the attacker is no straw man."""
    town = (5, 30, 40, 0, 20, 10)
    kinds = next(iter(families(1, seed=3))).kinds[:6]
    family = Family(("a", "b"), kinds, (town, town, town), ("band",))
    true = Maker(family).release(("band",))
    protected = release(true, Rule("bare", 1), agencies=("a", "b"))
    (table,) = protected.tables
    text = protected.to_json().replace(
        b'"cells":[{"people":{"value":%d' % table.rows[0].people.value, b'"cells":[{"people":{"value":null'
    )
    naive = Released.from_json(text)
    assert naive.table("band").rows[0].people.value is None
    assert [(each.key, each.end) for each in attack(family, [(true, naive)])][:1] == [
        (PEOPLE.and_also(band="old"), "people")
    ]
    assert isinstance(attack(family, [(true, naive)])[0], Broken)


def tiny_release(chance: random.Random) -> tuple[TrueRelease, list[int]]:
    """Two agencies by two bands: six kinds of people, at most a few of each."""
    town = [chance.choice((0, 1, 2, 4)) for _ in range(6)]
    return _release_of(town), town


def _release_of(town: list[int]) -> TrueRelease:
    def cell(key: CellKey, *places: int) -> TrueCell:
        count = sum(town[place] for place in places)
        return TrueCell(key, count, count, count, 2)

    # kinds: only a, only b, both; old, then young
    a, b = PEOPLE.and_also(agency="a"), PEOPLE.and_also(agency="b")
    total = cell(PEOPLE, *range(6))
    of = {
        (key, band): cell(key.and_also(band=band), *(3 * number + kind for kind in kinds))
        for key, kinds in ((a, (0, 2)), (b, (1, 2)))
        for number, band in enumerate(("old", "young"))
    }
    bands = {
        band: cell(PEOPLE.and_also(band=band), *range(3 * n, 3 * n + 3)) for n, band in enumerate(("old", "young"))
    }
    sides = {a: cell(a, 0, 2, 3, 5), b: cell(b, 1, 2, 4, 5)}
    one = TrueTable("band", "", "people", ("old", "young"), ("",), tuple((bands[name],) for name in bands), total)
    two = TrueTable("agency", "", "people", ("a", "b"), ("",), ((sides[a],), (sides[b],)), total)
    rows = tuple(tuple(of[key, band] for band in ("old", "young")) for key in (a, b))
    three = TrueTable("agency-band", "", "people", ("a", "b"), ("old", "young"), rows, total)
    bound = [sums_to(PEOPLE, [each.key for each in bands.values()]), *covered_by(PEOPLE, [a, b])]
    bound += [sums_to(key, [of[key, band].key for band in bands]) for key in (a, b)]
    bound += [each for band in bands for each in covered_by(bands[band].key, [of[key, band].key for key in (a, b)])]
    return TrueRelease("2026", (one, two, three), tuple(bound))


def looks_like(shown: tuple[SafeTable, ...], town: list[int]) -> bool:
    """Whether a town would have had every number that is shown."""
    for true, safe in zip(_release_of(town).tables, shown, strict=True):
        rows = [*zip(true.cells, (row.cells for row in safe.rows), strict=True), ((true.total,), safe.total.cells)]
        for cells, answers in rows:
            for cell, answer in zip(cells, answers, strict=True):
                if answer.people.value not in (None, cell.count):
                    return False
    return True


@pytest.mark.parametrize("seed", range(4))
def test_listing_every_town_agrees_that_withheld_cells_are_open(seed):
    """The slow oracle: all towns of up to seven people of each kind; what they have in common is what is known."""
    true, town = tiny_release(random.Random(seed))
    made = release(true, TINY, agencies=("a", "b"))
    hidden = {each.key for each in made.published if each.count is None}
    reach: dict[CellKey, set[int]] = {}
    names = {cell.key: cell for table in true.tables for row in table.cells for cell in row if cell is not None}
    assert looks_like(made.tables, town)
    for other in product(range(6), repeat=6):
        if looks_like(made.tables, list(other)):
            for table in _release_of(list(other)).tables:
                for cell in (*(cell for row in table.cells for cell in row), table.total):
                    reach.setdefault(cell.key, set()).add(cell.count)
    withheld = [key for key in names if any(key.where == tuple(p for p in k.where if p[0][0] != "~") for k in hidden)]
    assert all(max(reach[key]) - min(reach[key]) >= TINY.threshold for key in withheld)
