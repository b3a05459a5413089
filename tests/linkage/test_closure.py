"""The missing sides of triangles of links are those of a slow oracle, and they are compared as well."""

from __future__ import annotations

import itertools
from collections.abc import Collection

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_files import CODES, card
from made_records import Pair, candidates, links, records

from linkage.closure import missing_sides
from linkage.compare import Engine, compare
from linkage.engine import open_engine

RECORDS = 9

ends = st.tuples(st.integers(0, RECORDS - 1), st.integers(0, RECORDS - 1)).filter(lambda pair: pair[0] < pair[1])


def sides(linked: Collection[Pair], known: Collection[Pair]) -> list[Pair]:
    found = missing_sides(
        links((left, right, 1.0) for left, right in sorted(linked)), candidates(sorted(known)), records=RECORDS
    )
    assert found.rarity.tolist() == [0.0] * len(found)
    return list(zip(found.left.tolist(), found.right.tolist(), strict=True))


def oracle(linked: Collection[Pair], known: Collection[Pair]) -> list[Pair]:
    both = {*linked, *((right, left) for left, right in linked)}
    return [
        (a, c)
        for a, c in itertools.combinations(range(RECORDS), 2)
        if (a, c) not in known and any({(a, b), (b, c)} <= both for b in range(RECORDS))
    ]


@given(known=st.sets(ends), data=st.data())
def test_missing_sides_are_those_of_the_slow_oracle(known, data):
    linked = {pair for pair in known if data.draw(st.booleans())}
    assert sides(linked, known) == oracle(linked, known)


@pytest.mark.parametrize(
    ("linked", "known", "expected"),
    [
        ([], [], []),
        ([(0, 1)], [], []),
        ([(0, 1), (1, 2)], [], [(0, 2)]),
        ([(0, 1), (1, 2)], [(0, 2)], []),
        ([(0, 1), (0, 2), (0, 3)], [(1, 3)], [(1, 2), (2, 3)]),
        ([(0, 1), (1, 2), (2, 3)], [], [(0, 2), (1, 3)]),
    ],
    ids=["no links", "one link", "a chain", "a chain whose ends were compared", "a star", "no further than two links"],
)
def test_two_links_suggest_a_pair(linked, known, expected):
    assert sides(linked, {*linked, *known}) == expected


NAMES = ((1, 2), (1, 2), (1, 2), (7, 8))


def test_a_suggested_pair_is_scored_in_its_place_and_without_rarity():
    """Records 0 and 2 both link to 1; nobody proposed to compare them. Record 3 is like none."""
    rows = [dict.fromkeys(CODES, np.packbits(np.isin(np.arange(64), name)).tobytes()) for name in NAMES]
    with open_engine() as connection:
        engine = Engine(connection, threads=1)
        found = compare(engine, records(rows), candidates([(0, 1), (1, 2), (1, 3)]), card())
    assert list(zip(found.pairs.left.tolist(), found.pairs.right.tolist(), strict=True)) == [
        (0, 1),
        (0, 2),
        (1, 2),
        (1, 3),
    ]
    assert found.pairs.links.weight.tolist() == pytest.approx([9.0, 9.0, 9.0, -9.0])
    assert len(found.candidates) == 3
