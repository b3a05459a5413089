"""Names typed into one cell: "SPENCE, Mary M", "Heather C. Garrett", "YARBER KYLE G".

A comma settles the order. Without one, the order is decided once for the whole column, by which end holds
the commoner given names; so one odd name cannot turn its row around.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from hashing.normalise import name_parts, suffix

_PARTICLES = frozenset(
    [
        "de",
        "del",
        "dela",
        "la",
        "las",
        "los",
        "da",
        "das",
        "do",
        "dos",
        "di",
        "du",
        "van",
        "von",
        "der",
        "den",
        "ter",
        "ten",
        "le",
        "st",
        "san",
        "santa",
        "mc",
        "mac",
    ]
)

_ASIDE = re.compile(r"""[("“](.*?)[)"”]""")
_TITLES = frozenset(["mr", "mrs", "ms", "miss", "mx", "dr", "rev", "sr", "sra", "srta", "fr"])


@dataclass(frozen=True, slots=True)
class TypedName:
    """A name parted into cells, still as typed."""

    first: str = ""
    middle: str = ""
    last: str = ""
    suffix: str = ""
    other_first: str = ""
    former_last: str = ""


@cache
def given_names() -> frozenset[str]:
    """Common given names, lower case."""
    return frozenset(files("hashing").joinpath("data/given_names.txt").read_text("utf-8").split())


@cache
def nicknames() -> dict[str, tuple[str, ...]]:
    """nickname -> the given names that it may stand for."""
    roots: dict[str, list[str]] = {}
    for line in files("hashing").joinpath("data/nicknames.csv").read_text("utf-8").splitlines()[1:]:
        nickname, name = line.split(",")
        roots.setdefault(nickname, []).append(name)
    return {nickname: tuple(names) for nickname, names in roots.items()}


def writes_last_name_first(cells: Iterable[str]) -> bool:
    """Whether a column without commas writes "YARBER KYLE G" rather than "Kyle G Yarber"."""
    known, lead = given_names(), 0
    for cell in cells:
        words = [word for word in _words(cell) if len(word) > 1]
        if "," not in cell and len(words) >= 2:
            lead += _is_given(words[-1], known) - _is_given(words[0], known)
    return lead > 0


def _is_given(word: str, known: frozenset[str]) -> int:
    return int("".join(name_parts(word)) in known)


def _words(cell: str) -> list[str]:
    return [word for typed in cell.split() if (word := typed.strip(".,"))]


def part_aside(cell: str) -> tuple[str, str]:
    """A name and what stands beside it in brackets or quotes: 'William "Bill"' -> ("William", "Bill")."""
    found = _ASIDE.search(cell)
    if not found or not (kept := " ".join(f"{cell[: found.start()]} {cell[found.end() :]}".split())):
        return cell, ""
    inside = found.group(1).strip()
    return kept, inside if inside.replace("-", "").isalpha() else ""


def part_name(cell: str, *, last_first: bool) -> TypedName:
    """Part a whole name; *last_first* says how the column writes names without a comma."""
    words, ending = _without_suffix(cell)
    last, comma, rest = " ".join(words).partition(",")
    if comma:
        first, middle = _first_and_middle(_words(rest))
        return TypedName(first, middle, last.strip(), ending)
    if last_first:
        return _last_first(_words(last), ending)
    return _first_last(_words(last), ending)


def _without_suffix(cell: str) -> tuple[list[str], str]:
    words = cell.split()
    if len(words) > 1 and words[0].lower().rstrip(".") in _TITLES:
        words = words[1:]
    for place in range(len(words) - 1, 0, -1):
        found = suffix(words[place])
        if found and len(words) > 2:
            kept = words[:place] + words[place + 1 :]
            if words[place].endswith(",") and "," not in " ".join(kept[:place]):
                kept[place - 1] += ","
            kept[-1] = kept[-1].rstrip(",")  # "John Smith, Jr."
            return kept, found
    return words, ""


def _first_and_middle(words: list[str]) -> tuple[str, str]:
    return (words[0], " ".join(words[1:])) if words else ("", "")


def _last_first(words: list[str], ending: str) -> TypedName:
    """YARBER KYLE G; BOTELLO CROTEAU ANNIE E; a single word is a surname."""
    if len(words) <= 1:
        return TypedName(last=" ".join(words), suffix=ending)
    if parted := _surname_first_middle(words):
        last, first, middle = parted
        return TypedName(first, middle, last, ending)
    has_initial = len(words) > 2 and len(words[-1]) == 1
    middle = words[-1] if has_initial else ""
    rest = words[:-1] if has_initial else words
    return TypedName(rest[-1], middle, " ".join(rest[:-1]), ending)


def _surname_first_middle(words: list[str]) -> tuple[str, str, str] | None:
    """GARCIA MARIA ELENA, DE LA CRUZ PETER JOHN: a surname before two given names; None where they are not two."""
    start = 0
    while start < len(words) - 1 and words[start].lower() in _PARTICLES:
        start += 1
    given = words[start + 1 :]
    if len(given) != 2 or not all(len(word) > 1 and _is_given(word, given_names()) for word in given):
        return None
    return " ".join(words[: start + 1]), given[0], given[1]


def _first_last(words: list[str], ending: str) -> TypedName:
    """Heather C. Garrett; Mary Ann Smith; Maria de la Cruz Lopez."""
    if len(words) <= 1:
        return TypedName(first=" ".join(words), suffix=ending)
    end = 1
    while end < len(words) - 1 and _is_middle(words[end]):
        end += 1
    return TypedName(words[0], " ".join(words[1:end]), " ".join(words[end:]), ending)


def _is_middle(word: str) -> bool:
    if word.lower() in _PARTICLES:
        return False
    return len(word) == 1 or "".join(name_parts(word)) in given_names()
