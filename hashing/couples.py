"""Names of more than one person in a cell: "John & Mary Smith", "Smith, John and Mary", "The Smith Family"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from hashing.given_names import given_names
from hashing.names import part_name
from hashing.normalise import name_parts

_AND = re.compile(r"\s*[&+;]\s*|\s+(?:and|y|/|w/|with)\s+", re.IGNORECASE)
_SPANISH_AND = re.compile(r"\s+y\s+", re.IGNORECASE)
_TITLE = re.compile(r"(?i)^((mr|mrs|ms|miss|dr|sr|sra|rev)\b\.?\s*)+")
_KIN = re.compile(
    r"(?i)^(\d+\b|(the |her |his |their )?(family|kids?|child(ren)?|bab(y|ies)|son|sons|daughters?|infant)\b)"
)
_FAMILY = re.compile(
    r"(?i)(?:the\s+)?(?P<before>[^,]+?)\s+(?:family|household|fam\.?)|(?:familia|family of)\s+(?P<behind>[^,]+)"
)


def first_given(cell: str) -> str:
    """A first name -> the first of two in it: "John & Mary" -> "John"."""
    left, *right = _AND.split(cell, maxsplit=1)
    return left if left and right and right[0] and not _is_middle(left, right[0]) else cell


def _is_middle(left: str, right: str) -> bool:
    """Whether "and" is no conjunction here: one letter on a side is an initial ("J & M" says nothing)."""
    return len(left) < 2 and len(right) < 2


def first_of_two(cell: str) -> str:
    """A whole name -> the first person of two in it: "John & Mary Smith" -> "John Smith"; others stay as they are."""
    left, *rest = _AND.split(cell, maxsplit=1)
    if not left or not rest or not rest[0] or (_is_y(cell) and not _may_be_two(left, rest[0])):
        return cell
    if _KIN.match(rest[0]):
        return left
    first = _TITLE.sub("", left.split(",")[0] if _is_list(left, rest[0]) else left).strip()
    if not first:
        return _TITLE.sub("", rest[0]).strip()  # "Mr. & Mrs. John Smith"
    return f"{first} {_surname(rest[0])}".strip() if _lacks_surname(first, rest[0]) else first


def _is_list(left: str, right: str) -> bool:
    """Whether the comma parts people: "John, Mary & Bob Smith"."""
    words = right.split()
    is_whole = "," not in right and len(words) > 1 and not is_given(words[-1:])
    return "," in left and is_whole and is_given(left.split(",")[0].split()[:1])


def _is_y(cell: str) -> bool:
    found = _AND.search(cell)
    return bool(found and _SPANISH_AND.fullmatch(found[0]))


def _may_be_two(left: str, right: str) -> bool:
    """ "Juan y María López" are two; Ortega y Gasset is one surname."""
    return is_given(left.split(",")[-1].split()[-1:]) and is_given(right.split()[:1])


def _lacks_surname(left: str, right: str) -> bool:
    """Whether the surname stands behind the second name only: "John & Mary Smith", "John A. and Mary Smith"."""
    if "," in left or "," in right or len(_TITLE.sub("", right).split()) < 2:
        return False
    first, *others = left.split()
    return bool(first) and all(len(word.strip(".")) == 1 or is_given([word]) for word in others)


def _surname(right: str) -> str:
    return part_name(_TITLE.sub("", right), last_first=False).last


def may_name_two(cell: str) -> bool:
    """Whether a cell of names has an "and" in it: true of every cell that holds two people."""
    return bool(_AND.search(cell))


def first_surname(cell: str) -> str:
    """A surname -> the first of two: "Smith & Jones" -> "Smith"."""
    return _AND.split(cell)[0]


def surname_of_family(cell: str) -> str:
    """The surname in "The Smith Family" or "Familia López"; "" where a cell names no family."""
    found = _FAMILY.fullmatch(cell)
    return (found["before"] or found["behind"]).strip() if found else ""


def is_given(words: Sequence[str]) -> bool:
    """Whether one of these words is a common given name."""
    return any("".join(name_parts(word)) in given_names() for word in words)
