"""Levels of pairs are those of a slow oracle that looks at one bit after another."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_files import CODES, card, feature
from made_records import candidates, records

from linkage import accelerator, levels
from linkage.levels import digits, patterns
from linkage.model_card import OF_CODES, Feature, ModelCard

Ones = frozenset[int]  # the places of the bits that are set

WIDTHS = [(64, 64), (512, 512), (1024, 1024), (72, 1000)]
KINDS = ("dice", "agreement", "mean_dice", "mean_agreement", "lacking", "rarity", "tokens", "fewest", "near")


@dataclass(frozen=True)
class Pair:
    """Two records, for the oracle."""

    one: Mapping[str, Ones]
    other: Mapping[str, Ones]
    bits: Mapping[str, int]
    rarity: float
    tokens: int
    fewest: int
    near: int

    def lacks(self, code: str) -> bool:
        return not self.one[code] or not self.other[code]


def dice(pair: Pair, code: str) -> float | None:
    one, other = pair.one[code], pair.other[code]
    return None if pair.lacks(code) else 2 * len(one & other) / (len(one) + len(other))


def agreement(pair: Pair, code: str) -> float | None:
    agreeing = sum((place in pair.one[code]) == (place in pair.other[code]) for place in range(pair.bits[code]))
    return None if pair.lacks(code) else agreeing / pair.bits[code]


def mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


ORACLE: dict[str, Callable[[Pair, str], float | None]] = {
    "dice": dice,
    "agreement": agreement,
    "mean_dice": lambda pair, _: mean([dice(pair, code) for code in pair.bits]),
    "mean_agreement": lambda pair, _: mean([agreement(pair, code) for code in pair.bits]),
    "rarity": lambda pair, _: pair.rarity,
    "tokens": lambda pair, _: pair.tokens,
    "fewest": lambda pair, _: pair.fewest,
    "near": lambda pair, _: pair.near,
    "lacking": lambda pair, _: float(sum(map(pair.lacks, pair.bits))),
}


def level(pair: Pair, of: Feature) -> int:
    value = ORACLE[of.kind](pair, of.code)
    return 0 if value is None else 1 + sum(value >= cut for cut in of.cuts)


def packed(ones: Ones, bits: int) -> bytes:
    flags = np.zeros(bits, dtype=np.uint8)
    flags[sorted(ones)] = 1
    return np.packbits(flags).tobytes()


@st.composite
def features(draw: st.DrawFn, number: int) -> Feature:
    kind = draw(st.sampled_from(KINDS))
    highest = 20 if kind in OF_CODES else 60
    cuts = sorted(draw(st.sets(st.integers(0, highest), min_size=1, max_size=5)))
    code = draw(st.sampled_from(CODES)) if kind in OF_CODES else ""
    return Feature(f"feature_{number}", kind, tuple(cut / 20 for cut in cuts), code)


@st.composite
def rows(draw: st.DrawFn, bits: Mapping[str, int]) -> dict[str, Ones]:
    """Codes of few bits, which often share some, or of nearly all."""
    few = st.frozensets(st.integers(0, 15), max_size=8)
    return {
        name: frozenset(range(width)) - ones if draw(st.integers(0, 3)) == 0 else ones
        for name, width, ones in ((name, width, draw(few)) for name, width in bits.items())
    }


Home = tuple[int, str | None]  # agency, household
Town = tuple[list[Pair], list[tuple[int, int]], list[dict[str, Ones]], list[Home]]


@st.composite
def towns(draw: st.DrawFn) -> Town:
    bits = dict(zip(CODES, draw(st.sampled_from(WIDTHS)), strict=True))
    people = draw(st.lists(rows(bits), min_size=2, max_size=6))
    homes = [draw(st.sampled_from([(0, None), (0, "a"), (0, "b"), (1, None), (1, "c")])) for _ in people]
    ends = list(itertools.combinations(range(len(people)), 2))
    few = st.integers(0, 24)
    pairs = [
        Pair(people[a], people[b], bits, draw(few) / 8, draw(few), draw(few), near(homes[a], homes[b])) for a, b in ends
    ]
    return pairs, ends, people, homes


def near(one: Home, other: Home) -> int:
    return 0 if one[0] != other[0] else 2 if one[1] and one[1] == other[1] else 1


def found_patterns(town: Town, model: ModelCard, *, threads: int = 1) -> np.ndarray:
    pairs, ends, people, homes = town
    bits = pairs[0].bits
    codes = [{name: packed(ones, bits[name]) for name, ones in row.items()} for row in people]
    agencies, households = zip(*homes, strict=True)
    made = records(codes, bits=bits, agencies=agencies, households=households)
    shared = [[getattr(pair, name) for pair in pairs] for name in ("rarity", "tokens", "fewest")]
    return patterns(made, candidates(ends, *shared), model, threads=threads)


@settings(deadline=None)
@given(town=towns(), data=st.data(), at_once=st.integers(1, 9), task=st.integers(1, 9), threads=st.integers(1, 3))
@pytest.mark.parametrize("native", [accelerator.native, None], ids=["as built", "numpy"])
def test_levels_are_those_of_the_slow_oracle_however_the_pairs_are_shared_out(
    native, town, data, at_once, task, threads
):
    model = card([data.draw(features(number)) for number in range(data.draw(st.integers(1, 4)))])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(levels, "AT_ONCE", at_once)
        patch.setattr(levels, "TASK", task)
        patch.setattr(accelerator, "native", native)
        found = digits(found_patterns(town, model, threads=threads), model)
    assert {name: column.tolist() for name, column in found.items()} == {
        each.name: [level(pair, each) for pair in town[0]] for each in model.features
    }


@given(st.lists(st.integers(1, 24), min_size=1, max_size=6), st.data())
def test_a_pattern_tells_the_level_of_every_feature(cuts, data):
    """The first feature's is the lowest digit."""
    model = card([feature(f"f{n}", range(count)) for n, count in enumerate(cuts)])
    wanted = [data.draw(st.integers(0, each.levels - 1)) for each in model.features]
    each_is_worth = [math.prod(each.levels for each in model.features[:n]) for n, _ in enumerate(cuts)]
    pattern = sum(worth * digit for worth, digit in zip(each_is_worth, wanted, strict=True))
    found = digits(np.array([pattern], dtype=np.int64), model)
    assert [column.tolist() for column in found.values()] == [[digit] for digit in wanted]


@pytest.mark.parametrize(
    ("flipped", "expected"), [(0, 4), (1, 3), (102, 3), (103, 2), (409, 2), (410, 1), (512, 1), (1024, 1)]
)
def test_a_pair_falls_into_the_level_of_its_agreement(flipped, expected):
    """Cuts at .6, .9 and 1: of 1,024 positions, 615, 922 and 1,024 must agree."""
    one = np.random.default_rng(flipped).integers(0, 256, 128, dtype=np.uint8)
    other = one ^ np.packbits(np.arange(1024) < flipped)
    made = records([{"c": one.tobytes()}, {"c": other.tobytes()}], bits={"c": 1024})
    model = card([feature("c", (0.6, 0.9, 1.0), kind="agreement")])
    assert patterns(made, candidates([(0, 1)]), model).tolist() == [expected]


@pytest.mark.parametrize("bits", [40, 72, 1000])
def test_an_agreement_on_a_cut_belongs_to_the_level_above(bits):
    """Lengths of which a tenth is not exact in binary."""
    for agreeing in range(1, bits):
        ones = frozenset(range(bits))
        other = frozenset(range(agreeing))
        made = records([{"c": packed(ones, bits)}, {"c": packed(other, bits)}], bits={"c": bits})
        model = card([feature("c", (agreeing / bits,), kind="agreement")])
        assert patterns(made, candidates([(0, 1)]), model).tolist() == [2]


def test_no_pairs_have_no_patterns():
    assert len(patterns(records([{}, {}]), candidates([]), card())) == 0
