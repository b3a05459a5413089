"""Pure functions that make names and numbers comparable. Each is idempotent: normalising twice changes nothing.

Values that stand for "we do not know" (999-99-9999, "Refused", 1 January) come back as missing, since
an agreement on a placeholder says nothing about a person.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import zip_longest

from anyascii import anyascii

from hashing.korean import family_names, is_hangul
from hashing.name_words import BEHIND_O, JOINED_PARTICLES, NOT_A_NAME, SURNAMES_WITH_PARTICLES

VERSION = 2  # part of the profile digest: any change here makes codes incomparable

_APOSTROPHES = re.compile(r"['`]")  # as anyascii writes every kind of apostrophe, and soft signs
_NOT_LETTER = re.compile(r"[^a-z]+")
_JOINED_CAPITAL = re.compile(r"(?<=[a-zà-öø-ÿ]{2})(?=[A-ZÀ-ÖØ-Þ][a-zà-öø-ÿ])")
_ONE_WORD: dict[str, tuple[str, ...]] = SURNAMES_WITH_PARTICLES | dict.fromkeys(NOT_A_NAME, ())
_PARTED_OTHERWISE = frozenset({"mc", "o", *JOINED_PARTICLES, *SURNAMES_WITH_PARTICLES})
_KEEPS_ITS_CAPITAL = re.compile(r"^(Mc|Mac|De|Di|Du|Da|La|Le|Van|Von|St|O|D|L|Fitz|Del|Dela)$")

SUFFIXES = {
    "jr": "jr",
    "junior": "jr",
    "sr": "sr",
    "senior": "sr",
    "ii": "2",
    "2nd": "2",
    "iii": "3",
    "3rd": "3",
    "iv": "4",
    "4th": "4",
    "2": "2",
    "3": "3",
    "4": "4",
}


@lru_cache(maxsize=200_000)
def name_parts(text: str) -> tuple[str, ...]:
    """A typed name -> its parts in lower-case ASCII, e.g. "O'Neill-García" -> ("oneill", "garcia").

    Joined surnames are parted where a capital shows the seam ("FrayreVirula"); prefixes such as Mc keep theirs.
    Particles are written apart however they were typed: Dela Cruz, Delacruz and DE LA CRUZ are one name.
    """
    if text.isascii() and text.isalpha() and (text[1:].islower() or text.isupper()):
        lower = text.lower()
        return _ONE_WORD.get(lower, (lower,))
    return _name_parts_in_full(text)


def _name_parts_in_full(text: str) -> tuple[str, ...]:
    if not text.isascii() and is_hangul(text) and text in family_names():
        return (family_names()[text],)
    letters = _APOSTROPHES.sub("", anyascii(_part_at_capitals(text)))
    parts = tuple(part for part in _NOT_LETTER.split(letters.lower()) if part)
    if len(parts) == 1:
        return _ONE_WORD.get(parts[0], parts)
    if "".join(parts) in NOT_A_NAME:
        return ()
    return parts if _PARTED_OTHERWISE.isdisjoint(parts) else tuple(_with_particles(parts))


def _with_particles(parts: tuple[str, ...]) -> Iterator[str]:
    """Parts of a name of several words: Mc Donald in one word, de la Cruz in three, Saint as St."""
    joined = ""
    for part, following in zip_longest(parts, parts[1:]):
        word, joined = joined + part, ""
        if following and (word == "mc" or (word == "o" and following in BEHIND_O)):
            joined = word
        elif following and word in JOINED_PARTICLES:
            yield from JOINED_PARTICLES[word]
        else:
            yield from SURNAMES_WITH_PARTICLES.get(word, (word,))


def _part_at_capitals(text: str) -> str:
    words = []
    for word in text.split():
        pieces = _JOINED_CAPITAL.split(word)
        words.append(word if _KEEPS_ITS_CAPITAL.match(pieces[0]) else " ".join(pieces))
    return " ".join(words)


def suffix(text: str) -> str:
    """A generation suffix as jr, sr, 2, 3 or 4; empty when there is none."""
    return SUFFIXES.get(text.strip().strip(".,").lower(), "")


FAKE_SSNS = frozenset({"123456789", "987654321", "078051120", "219099999", "123121234", "111223333"}) | {
    digit * 9 for digit in "0123456789"
}
_SSN_SHAPE = re.compile(r"[0-9xX*#]{9}")
_SEPARATORS = re.compile(r"[\s.\-]")
_FOUR_DIGITS = re.compile(r"\d{4}")
_SHORT_OF_ZEROS = re.compile(r"\d{7,8}")  # a spreadsheet dropped the leading ones
_WRITTEN_AS_FRACTION = re.compile(r"(\d+)\.0+")  # a number that a program took for a measurement: 512345678.0


def _digits_as_typed(text: str) -> str:
    bare = anyascii(text).strip()
    return whole.group(1) if (whole := _WRITTEN_AS_FRACTION.fullmatch(bare)) else bare


def social_security_number(text: str) -> tuple[str, str]:
    """A typed SSN -> (nine digits or "", last four or ""). An x in a place marks an omitted digit.

    Areas 000, 666 and 9xx, group 00, serial 0000, repeated digits and well-known fakes are missing values.
    """
    digits = text[:3] + text[4:6] + text[7:] if len(text) == 11 and text[3] == text[6] == "-" else text
    if len(digits) == 9 and digits.isascii() and digits.isdigit():
        return (digits, digits[5:]) if _is_issued(digits) else ("", "")
    return _social_security_number_in_full(text)


@lru_cache(maxsize=50_000)
def _social_security_number_in_full(text: str) -> tuple[str, str]:
    bare = _SEPARATORS.sub("", _digits_as_typed(text))
    if _FOUR_DIGITS.fullmatch(bare):
        return "", _last_four(bare)
    if _SHORT_OF_ZEROS.fullmatch(bare):
        bare = bare.zfill(9)
    if not _SSN_SHAPE.fullmatch(bare):
        return "", ""
    if not bare.isdigit():
        return "", _last_four(bare[-4:])
    return (bare, bare[-4:]) if _is_issued(bare) else ("", "")


def _is_issued(ssn: str) -> bool:
    if ssn[0] == "9" or ssn in FAKE_SSNS:
        return False
    return ssn[:3] not in {"000", "666"} and ssn[3:5] != "00" and ssn[5:] != "0000"


def _last_four(digits: str) -> str:
    return digits if digits.isdigit() and digits not in {"0000", "9999"} else ""


def phone(text: str) -> str:
    """A typed US telephone number -> ten digits, or empty. Extensions are dropped, repeated digits are missing."""
    if len(text) == 10 and text.isascii() and text.isdigit():
        return text if _is_dialled(text) else ""
    if usual := _USUAL_PHONE.fullmatch(text):
        digits = usual[1] + usual[2] + usual[3]
        return digits if _is_dialled(digits) else ""
    return _phone_in_full(text)


@lru_cache(maxsize=50_000)
def _phone_in_full(text: str) -> str:
    number = _EXTENSION.split(_digits_as_typed(text))[0]
    digits = _NOT_DIGIT.sub("", number)
    if len(digits) == 11 and digits[0] == "1":
        digits = digits[1:]
    return digits if len(digits) == 10 and _is_dialled(digits) else ""


NOBODYS_PHONES = frozenset(["5551212", "1234567"])  # directory assistance; the keys in their order


FAKE_PHONES = frozenset(["9876543210"])


def _is_dialled(ten: str) -> bool:
    return ten[0] not in "01" and ten[4:] != ten[3] * 6 and ten[3:] not in NOBODYS_PHONES and ten not in FAKE_PHONES


_USUAL_PHONE = re.compile(r"\(?([0-9]{3})(?:\) ?|[ .-])([0-9]{3})[ .-]?([0-9]{4})")  # (360) 555-0101, 360.555.0101
_EXTENSION = re.compile(r"(?i)\s*(?:x|ext\.?|#)\s*\d+\s*$")
_NOT_DIGIT = re.compile(r"[^0-9]")
_BETWEEN_NUMBERS = re.compile(r"[/,;&|\n]|\bor\b|\band\b")


def phones(text: str) -> tuple[str, ...]:
    """The telephone numbers in one cell: mostly one, sometimes "360-555-0101 / 360-555-0102"."""
    if whole := phone(text):
        return (whole,)
    return tuple(number for part in _BETWEEN_NUMBERS.split(text) if (number := phone(part)))


_ZIP_SHAPE = re.compile(r"(?:[A-Za-z]{2}\.?\s+)?(\d{4,5})(?:[-\s]*\d{4})?-?")


@lru_cache(maxsize=50_000)
def zip_code(text: str) -> str:
    """A typed ZIP or ZIP+4, perhaps behind a state -> five digits, or empty."""
    bare = _digits_as_typed(text)
    match = _ZIP_SHAPE.fullmatch(bare)
    digits = match.group(1).zfill(5) if match else ""
    return "" if digits in {"", "00000", "99999"} else digits
