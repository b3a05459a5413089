"""Names typed into one cell: "SPENCE, Mary M", "Heather C. Garrett", "YARBER KYLE G".

A comma settles the order. Without one, the order is decided once for the whole column, by which end holds
the commoner given names; so one odd name cannot turn its row around.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from hashing.family_first import part_family_first
from hashing.given_names import given_names
from hashing.name_words import DEVOTIONS, PARTICLES, TITLES
from hashing.normalise import name_parts, suffix

_TITLES_BEHIND = TITLES - {"sr", "fr"}
_MAY_BE_NAMES = frozenset({"junior", "senior", "2", "3", "4"})  # where no surname stands before
_ASIDE = re.compile(r"""[("“](.*?)[)"”]""")
_FORMERLY = r"n[eé]e|formerly|f\.?/?k\.?/?a\.?|maiden(?: name)?|born"
_MARKED = re.compile(rf"(?i)^(?:{_FORMERLY}|a\.?/?k\.?/?a\.?|goes by|known as|alias|preferred)\b[.:]?\s+(?=\S)")
_IS_FORMER = re.compile(rf"(?i)\b(?:{_FORMERLY})\b")
_UNBRACKETED = re.compile(
    r"(?<=\S)[\s,]+((?:née|nee|formerly|f\.?/?k\.?/?a|a\.?/?k\.?/?a|aka|AKA|FKA|A/K/A|goes by)\b\.?:?\s+[^,;]+)$"
)


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
    """A name and what stands beside it: 'William "Bill"' -> ("William", "Bill"); Smith nee Jones."""
    found = _ASIDE.search(cell) or _UNBRACKETED.search(cell)
    if not found or not (kept := " ".join(f"{cell[: found.start()]} {cell[found.end() :]}".split())):
        return cell, ""
    inside = found.group(1).strip()
    name = _MARKED.sub("", inside)
    is_name = name.replace("-", "").replace(" " if name != inside else "-", "").isalpha()
    return re.sub(r"\s+,", ",", kept), name if is_name else ""


def part_cells(first: str, middle: str, last: str, ending: str) -> TypedName:
    """Cells of their own for first, middle and last name, each perhaps with a suffix or another name beside it."""
    (first, other_first), (last, former_last) = part_aside(first), part_aside(last)
    (last, of_last), (first, of_first) = _part_suffix(last), _part_suffix(first)
    if of_first.lower() in _MAY_BE_NAMES:
        first, of_first = f"{first} {of_first}", ""
    if suffix(middle) and middle.lower() not in _MAY_BE_NAMES:
        middle, of_first = "", middle
    return TypedName(first, middle, last, ending or of_last or of_first, other_first, former_last)


def _part_suffix(cell: str) -> tuple[str, str]:
    kept, _, ending = cell.strip().rpartition(" ")
    kept = kept.rstrip(" ,")
    return (kept, ending) if kept and suffix(ending) else (cell, "")


def part_whole(cell: str, *, last_first: bool) -> TypedName:
    """Part a whole name and what stands beside it: another first name, or a former last name behind the last."""
    kept, aside = part_aside(cell)
    name = part_name(kept, last_first=last_first)
    if not aside:
        return name
    place = cell.find(aside)
    is_former = _IS_FORMER.search(cell[:place]) or "," in cell[place:]  # Smith (Jones), Mary
    return replace(name, former_last=aside) if is_former else replace(name, other_first=aside)


def part_name(cell: str, *, last_first: bool) -> TypedName:
    """Part a whole name; *last_first* says how the column writes names without a comma."""
    words, ending = _without_suffix(cell)
    last, comma, rest = " ".join(words).partition(",")
    if comma:
        first, middle = _first_and_middle(_without_titles(_words(rest)))
        return TypedName(first, middle, last.strip(), ending)
    typed = _words(last)
    if parted := part_family_first(typed) if typed else None:
        return TypedName(*parted, ending)
    if _is_lone_surname(typed) or (len(typed) == 1 and ending):
        return TypedName(last=" ".join(typed), suffix=ending)
    return _last_first(typed, ending) if last_first else _first_last(typed, ending)


def _is_lone_surname(words: list[str]) -> bool:
    """Van der Berg, de la Cruz, de Leon: nothing but particles before the last word."""
    leading = [word for word in words[:-1] if word.lower() in PARTICLES]
    is_all = bool(leading) and len(leading) == len(words) - 1
    return is_all and (len(leading) > 1 or (leading[0].islower() and not words[-1].islower()))


def _without_titles(words: list[str]) -> list[str]:
    while len(words) > 1 and words[0].lower() in TITLES:
        words = words[1:]
    return words[:-1] if len(words) > 1 and words[-1].lower() in _TITLES_BEHIND else words


def _without_suffix(cell: str) -> tuple[list[str], str]:
    words = cell.split()
    if len(words) > 1 and words[0].lower().rstrip(".") in TITLES:
        words = words[1:]
    for place in range(len(words) - 1, 0, -1):
        found = suffix(words[place])
        if found and (len(words) > 2 or words[place].lower().strip(".,") not in _MAY_BE_NAMES):
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
    if (start := _devotional_start(words)) > 0:
        return TypedName(words[start], " ".join(words[start + 1 :]), " ".join(words[:start]), ending)
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
    while start < len(words) - 1 and words[start].lower() in PARTICLES:
        start += 1
    given = words[start + 1 :]
    if len(given) != 2 or not all(len(word) > 1 and _is_given(word, given_names()) for word in given):
        return None
    return " ".join(words[: start + 1]), given[0], given[1]


def _first_last(words: list[str], ending: str) -> TypedName:
    """Heather C. Garrett; Mary Ann Smith; Maria de la Cruz Lopez."""
    if len(words) <= 1:
        return TypedName(first=" ".join(words), suffix=ending)
    end = _devotional_end(words, 0)
    end = end if end < len(words) else 1  # Maria del Rosario: the surname, since nothing else could be
    while end < len(words) - 1 and _is_middle(words[end]):
        end += 1
    return TypedName(words[0], " ".join(words[1:end]), " ".join(words[end:]), ending)


def _devotional_end(words: list[str], start: int) -> int:
    """Where the given name that begins at *start* ends: after its devotion, as in Maria de la Luz, or after a word."""
    end = start + 1
    while end < len(words) and words[end].lower() in {"de", "del", "la", "los", "las"}:
        end += 1
    is_devotion = end > start + 1 and end < len(words) and "".join(name_parts(words[end])) in DEVOTIONS
    return end + 1 if is_devotion and _is_given(words[start], given_names()) else start + 1


def _devotional_start(words: list[str]) -> int:
    """Where a given name with its devotion begins at the end of the words; 0 where there is none."""
    ends = (start for start in range(1, len(words) - 2) if _devotional_end(words, start) == len(words))
    return next(ends, 0)


def _is_middle(word: str) -> bool:
    if word.lower() in PARTICLES:
        return False
    return len(word) == 1 or "".join(name_parts(word)) in given_names()
