"""What a column holds: by its header as far as its values bear it out, and by its values under an unknown header."""

from __future__ import annotations

import re
from collections.abc import Sequence

from hashing.fields import Field, field_of_header, header_words

ENOUGH = 5  # values without which a shape may be chance
MOST = 0.8  # of the values must have the shape; the rest are slips
LIFETIME = 30  # years that birth dates span, and dates of service do not
LARGEST_HOUSEHOLD = 6  # clients a household at most on average; beyond it the column tells a size, not a number
_SSN = re.compile(r"\d{3}-\d{2}-\d{4}")
_PHONE = re.compile(r"\(?[2-9]\d{2}\)?[-. ]?\s?\d{3}[-. ]?\d{4}")
_WRITTEN_PHONE = re.compile(r"\(?[2-9]\d{2}\)?[-. ]\s?\d{3}[-. ]\d{4}")
_DATE = re.compile(r"(19|20)\d{2}-\d{2}-\d{2}|\d{1,2}[/-]\d{1,2}[/-](19|20)?\d{2}")
_SPEAKS_OF_PHONES = re.compile(r"phone|\b(cell|mobile|tel)\b")
_LETTERS = re.compile(r"[^\d_]+")
_HAS_DIGIT = re.compile(r".*\d.*", re.DOTALL)
_NAMES_SOMEBODY = re.compile(r"\b(name|nombres?|last|head)\b")
_TELLS_A_NUMBER = re.compile(r"\b(id|number|no|num|key|code)$")
_OF_SOMEBODY_ELSE = re.compile(
    r"\b(emergency|contact|guardian|parent|mother|father|spouse|partner|husband|wife|"
    r"child(ren)?|kids?|sons?|daughters?|siblings?|brother|sister|dependents?|employer|work|fax|provider|doctor|physician|"
    r"worker|staff|manager|advocate|agency|office|school|referr\w*|user|landlord)\b"
)
_OF_SOMETHING_ELSE = re.compile(
    r"\b(notes?|comments?|diagnos\w*|dx|remarks?|intake|admi\w*|discharge\w*|enrol\w*|entry|exit|start\w*|end|ended|"
    r"created|updated|modified|visit\w*|service\w*|seen|served|regist\w*|joined|since|signed|expir\w*|move\w*)\b"
)


def field_of_column(header: str, values: Sequence[str]) -> Field | None:
    """The field of a column with these filled cells, or None where it is not one that Headcount reads."""
    named = field_of_header(header)
    if named is None:
        return _field_of_shape(header_words(header), values)
    if named is Field.FULL_NAME and not _NAMES_SOMEBODY.search(header_words(header)):
        return Field.CLIENT_ID if _have_shape(_HAS_DIGIT, values) else named  # "Client" may stand over numbers
    if named is Field.CLIENT_ID and _have_shape(_PHONE, values):
        return Field.PHONE  # "Contact number"
    if named is Field.HOUSEHOLD_ID and header_words(header) == "family" and _have_shape(_LETTERS, values):
        return Field.LAST  # "Given" and "Family"
    if named is Field.HOUSEHOLD_ID and _tell_sizes(header_words(header), values):
        return None
    return named


def _field_of_shape(words: str, values: Sequence[str]) -> Field | None:
    if len(values) < ENOUGH or _OF_SOMEBODY_ELSE.search(words) or _OF_SOMETHING_ELSE.search(words):
        return None
    number = _PHONE if _SPEAKS_OF_PHONES.search(words) else _WRITTEN_PHONE
    for field, shape in ((Field.SSN, _SSN), (Field.PHONE, number)):
        if _have_shape(shape, values):
            return field
    return Field.BIRTH_DATE if _span_lifetimes(values) else None


def _have_shape(shape: re.Pattern[str], values: Sequence[str]) -> bool:
    return bool(values) and sum(bool(shape.fullmatch(value)) for value in values) > MOST * len(values)


def _span_lifetimes(values: Sequence[str]) -> bool:
    years = [int(found.group(0)) for v in values if _DATE.fullmatch(v) and (found := re.search(r"(19|20)\d{2}", v))]
    return len(years) > MOST * len(values) and max(years) - min(years) >= LIFETIME


def _tell_sizes(words: str, values: Sequence[str]) -> bool:
    """A column headed "Household" or "HH" may hold the number of people in it."""
    if _TELLS_A_NUMBER.search(words) or not values or not all(value.isdecimal() for value in values):
        return False
    return len(values) > LARGEST_HOUSEHOLD * max(1, *(int(value) for value in values))
