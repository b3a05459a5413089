"""Korean names: which syllables they are made of, and the usual spelling of each in the United States.

One family name is written Gim or Kim, Yi, Rhee or Lee; one given name Min-jun, Minjoon or Min Jun. The table is in
data/korean_names.csv.
"""

from __future__ import annotations

import csv
from functools import cache, lru_cache
from importlib.resources import files

HANGUL_FIRST, HANGUL_LAST = "가", "힣"
LONGEST_FAMILY_NAME = 2  # syllables: 남궁


@cache
def family_names() -> dict[str, str]:
    """A family name in letters or hangul -> its usual spelling."""
    return {typed: usual for usual, typed in _spellings("family")}


@cache
def given_syllables() -> dict[str, str]:
    """A syllable of given names -> its usual spelling."""
    return {typed: usual for usual, typed in _spellings("given")}


def _spellings(kind: str) -> list[tuple[str, str]]:
    text = files("hashing").joinpath("data/korean_names.csv").read_text("utf-8")
    rows = [row for row in csv.DictReader(text.splitlines()) if row["kind"] == kind]
    return [
        (row["usual"], typed) for row in rows for typed in (row["usual"], *row["hangul"].split(), *row["other"].split())
    ]


def is_hangul(text: str) -> bool:
    """Whether a text is written in Korean syllables, and in nothing else."""
    return bool(text) and all(HANGUL_FIRST <= letter <= HANGUL_LAST for letter in text)


def part_hangul(text: str) -> tuple[str, str] | None:
    """김민준 -> ("김", "민준"); None where no family name leads a name of two to four syllables."""
    if not is_hangul(text) or not 2 <= len(text) <= 4:
        return None
    for size in (LONGEST_FAMILY_NAME, 1):
        if len(text) > size and text[:size] in family_names():
            return text[:size], text[size:]
    return None


@lru_cache(maxsize=50_000)
def usual_given(parts: tuple[str, ...]) -> tuple[str, str] | None:
    """A given name of two syllables, typed apart or together, in the usual spelling; None where it is none."""
    known = given_syllables()
    if len(parts) == 2 and min(map(len, parts)) > 1 and parts[0] in known and parts[1] in known:
        return known[parts[0]], known[parts[1]]
    splits = {(known[one], known[two]) for one, two in _splits(parts) if one in known and two in known}
    return splits.pop() if len(splits) == 1 else None


def _splits(parts: tuple[str, ...]) -> list[tuple[str, str]]:
    if len(parts) != 1:
        return []
    return [(parts[0][:place], parts[0][place:]) for place in range(1, len(parts[0]))]
