"""Where the names of a town come from, and how strongly each origin is represented."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from bench.dice import Dice, Weighted


class Heritage(StrEnum):
    """An origin of names; US stands for the whole country's mix, as counted by the census."""

    US = "us"
    HISPANIC = "hispanic"
    VIETNAMESE = "vietnamese"
    KOREAN = "korean"
    CHINESE = "chinese"
    FILIPINO = "filipino"
    NATIVE = "native"
    SLAVIC = "slavic"


FAMILY_NAME_FIRST = {Heritage.VIETNAMESE, Heritage.KOREAN, Heritage.CHINESE}

_US, _HISPANIC, _NATIVE, _SLAVIC = Heritage.US, Heritage.HISPANIC, Heritage.NATIVE, Heritage.SLAVIC
_VIETNAMESE, _KOREAN = Heritage.VIETNAMESE, Heritage.KOREAN
_CHINESE, _FILIPINO = Heritage.CHINESE, Heritage.FILIPINO

NAME_MIXES: Mapping[str, Mapping[Heritage, float]] = {
    "us": {_US: 83, _HISPANIC: 8, _NATIVE: 3, _VIETNAMESE: 1, _KOREAN: 1, _CHINESE: 1, _FILIPINO: 1, _SLAVIC: 2},
    "hispanic": {_HISPANIC: 68, _US: 28, _NATIVE: 2, _FILIPINO: 2},
    "asian": {_VIETNAMESE: 22, _KOREAN: 14, _CHINESE: 16, _FILIPINO: 14, _US: 30, _HISPANIC: 4},
    "slavic": {_SLAVIC: 62, _US: 34, _HISPANIC: 4},
    "mixed": {_US: 40, _HISPANIC: 22, _NATIVE: 9, _VIETNAMESE: 8, _KOREAN: 4, _CHINESE: 4, _FILIPINO: 4, _SLAVIC: 9},
}
_DRIFT = 0.25  # no two towns of a mix have quite the same shares


def heritages_of(name_mix: str, dice: Dice) -> Weighted[Heritage]:
    """The origins of the households of one town."""
    shares = NAME_MIXES[name_mix]
    return dice.drifted(Weighted.of(tuple(shares), tuple(shares.values())), _DRIFT)
