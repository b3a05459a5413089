"""Street addresses made comparable: house number, street, unit and ZIP from whatever was typed."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from anyascii import anyascii
from msgspec import Struct

from hashing.normalise import zip_code

_NOWHERE = (
    r"transient|homeless|houseless|unhoused|unsheltered|undomiciled|gen(eral)? del(ivery)?|confidential|unknown|"
    r"desconocid[oa]|no (fixed )?(address|abode)|sin (hogar|domicilio|direccion|casa)"
)
_NO_ADDRESS = re.compile(
    rf"\b({_NOWHERE}|none|ningun[oa]|refused|withheld|declined|same|various|not applicable|no permanent|"
    r"couch surf\w*|in (car|vehicle))$"
    rf"|^({_NOWHERE})\b"
    r"|^na$|^n a\b|^nfa$|^unk$|^(on )?(the )?streets?$|^en la calle\b|^same as\b"
    r"|^(client )?(prefers? not|do(es)?n ?t know|does not know|didn ?t ask|data not)\b"
    r"|^1234? (any ?where|any|fake|nowhere|unknown)( (st|street|ave|avenue|rd|road|ln|lane|dr|drive|way))?$"
)
_LAST_OF_NO_ADDRESS = re.compile(  # a quick look, since hardly any address that begins with a number ends so
    r"transient|\w+less|unhoused|unsheltered|undomiciled|del|delivery|confidential|unknown|\w+cid[oa]|address|abode|"
    r"hogar|domicilio|direccion|casa|none|ningun[oa]|refused|withheld|declined|same|various|applicable|permanent|"
    r"surf\w*|car|vehicle"
)
_TYPES = {
    "street": "st", "str": "st", "avenue": "ave", "av": "ave", "avn": "ave", "road": "rd", "drive": "dr", "drv": "dr",
    "lane": "ln", "boulevard": "blvd", "court": "ct", "place": "pl", "terrace": "ter", "circle": "cir",
    "highway": "hwy", "parkway": "pkwy", "square": "sq", "trail": "trl", "way": "way", "loop": "loop",
    "point": "pt", "pnt": "pt", "ridge": "rdg", "heights": "hts", "view": "vw", "crossing": "xing",
}  # fmt: skip
_DIRECTIONS = {
    "north": "n", "south": "s", "east": "e", "west": "w",
    "northeast": "ne", "northwest": "nw", "southeast": "se", "southwest": "sw",
}  # fmt: skip
_SHORT = _TYPES | _DIRECTIONS | {"saint": "st"}
_SKIPPED = frozenset(_SHORT) | frozenset(_SHORT.values())
_MAY_END_A_STREET = _SKIPPED - {"saint"}
_NOT_ALPHANUMERIC_TO_SPACE = "".join(chr(code) if chr(code).isalnum() else " " for code in range(128))
_HOUSE_NUMBER = re.compile(r"\d+[a-z]?")
_STATE_AND_ZIP = re.compile(r",?\s+[A-Za-z]{2}\.?,?\s+(\d{5})(?:-\d{4})?\s*$")
_UNITS = "apartment|apt|unit|suite|ste|lot|space|spc|sp|room|rm|trailer|trlr|no"
_UNIT = re.compile(rf"(?i)(?:\b(?:{_UNITS})\b\.?\s*#?|#)\s*([a-z]?-?\d+[a-z]?|[a-z])\b")
_IN_CARE_OF = re.compile(r"\s*(c\s*/\s*o|attn)\b", re.IGNORECASE)
_WORD = r"(?:[a-z]+|[0-9]+(?:st|nd|rd|th))"
_PLAIN_STREET = re.compile(rf"{_WORD}(?: {_WORD})*")
_MAY_SAY_MORE = re.compile(rf"\b(?:{_LAST_OF_NO_ADDRESS.pattern}|{_UNITS})\b|box")
_ANY_NUMBER = "7" * 20  # in place of a house number where the street alone is read; longer than any post box
_MADE_UP_NUMBERS = frozenset({"123", "1234"})  # "123 Anywhere St" stands for no address
_PO_BOX = re.compile(r"\bp\.?\s*o\.?\s*box\s*#?\s*(\w+)", re.IGNORECASE)


class Address(Struct, frozen=True, gc=False):
    """A parsed address; any part may be empty. *street* is the words that tell streets apart.

    A msgspec record, since one is made for nearly every row, and a frozen dataclass takes several times as long.
    """

    number: str = ""
    street: str = ""
    unit: str = ""
    zip: str = ""

    @property
    def building(self) -> str:
        """House number and street, or empty unless both are known."""
        return f"{self.number} {self.street}" if self.number and self.street else ""


MISSING = Address()


class AddressLine(NamedTuple):
    """What a line says by itself. Nothing else of a row is believed where it says that there is *no home*."""

    number: str
    street: str
    unit: str = ""
    zip: str = ""
    no_home: bool = False


def parse_address(line: str, unit: str, zip_text: str) -> Address:
    """Parse an address typed in one line or in several cells.

    "9235 Royal Forest Drive, Apt 245, Pine Hollow WA 98964" -> 9235 | royal forest | 245 | 98964.
    A shelter's name, "homeless" or "General Delivery" give a missing address; the ZIP is kept.
    """
    head, rest = split_number(line)
    number, words, own_unit, own_zip, no_home = behind_number(rest) if head else parse_line(line)
    code = (zip_code(zip_text) if zip_text else "") or own_zip
    if no_home:
        return Address("", "", "", code)
    if unit and (typed := unit_of_cell(unit)) is not None:
        own_unit = typed
    return Address(number or head, words, own_unit, code)


def split_number(line: str) -> tuple[str, str]:
    """A plain house number and what stands behind it; "" and the line where none leads it.

    A town has few streets and many numbers: what stands behind is parsed once for all of them.
    """
    head, space, rest = line.partition(" ")
    return (head, rest) if space and is_house_number(head) else ("", line)


def is_house_number(text: str) -> bool:
    """Whether a text is a plain house number: digits, and none that stands for no address."""
    return text.isascii() and text.isdigit() and text not in _MADE_UP_NUMBERS


@lru_cache(maxsize=200_000)
def behind_number(text: str) -> AddressLine:
    """What stands behind a house number; the number itself is left empty, and a post box's is told."""
    lower = text.lower()
    if text.isascii() and _PLAIN_STREET.fullmatch(lower) and not _MAY_SAY_MORE.search(lower):
        return AddressLine("", " ".join(_telling_words(lower.split())))
    return _behind_number_in_full(text)


def _behind_number_in_full(text: str) -> AddressLine:
    found = _with_unit(text) or parse_line(f"{_ANY_NUMBER} {text}")
    return found._replace(number="") if found.number == _ANY_NUMBER else found


def _with_unit(text: str) -> AddressLine | None:
    """The same from a street and what stands behind its unit, both of which recur; None where that may differ."""
    found = _UNIT.search(text)
    if found is None or len(found[1]) >= len("98362"):  # "Sp 98362" may be a state
        return None
    code = _behind_unit(text[found.end() :])
    street = behind_number(text[: found.start()].rstrip(" ,"))
    if code is None or not street.street or street.number or street.unit or street.zip or street.no_home:
        return None
    return AddressLine("", street.street, _bare_unit(found[1]), code)


@lru_cache(maxsize=50_000)
def _behind_unit(text: str) -> str | None:
    """The ZIP of "..., Pine Hollow WA 98964", or "". None where the town is not set apart, or more is said."""
    tail = _STATE_AND_ZIP.search(text)
    town = text[: tail.start()] if tail else text
    if (tail and "," not in town) or "box" in town.lower() or _says_no_address(f"{_ANY_NUMBER} {_plain(town)}"):
        return None
    return tail.group(1) if tail else ""


@lru_cache(maxsize=20_000)
def parse_line(line: str) -> AddressLine:
    """What a whole line says. Read until nothing changes: "Main Apt (4)" has no unit, but the words it leaves do."""
    found = _read_line(line)
    while found.number and (again := _read_line(f"{found.number} {found.street}")).street != found.street:
        found = again._replace(unit=found.unit or again.unit, zip=found.zip or again.zip)
    return found


def _read_line(line: str) -> AddressLine:
    tail = _STATE_AND_ZIP.search(line) if line.rstrip()[-4:].isdigit() else None
    code = tail.group(1) if tail else ""
    text = line[: tail.start()] if tail else line
    if _says_no_address(_plain(text)):
        return AddressLine("", "", zip=code, no_home=True)
    if "box" in text.lower() and (box := _PO_BOX.search(text)):
        return AddressLine(box.group(1).lower(), "po box", zip=code)
    found = _UNIT.search(text)
    street_text = _street_text(text, found)
    number, street = _number_and_street(_without_town(street_text) if tail and "," not in text else street_text)
    return AddressLine(number, street, _bare_unit(found.group(1)) if found else "", code)


def _says_no_address(plain: str) -> bool:
    may_end_so = _LAST_OF_NO_ADDRESS.fullmatch(plain, plain.rfind(" ") + 1)
    if plain[:1].isdigit() and not may_end_so and not plain.startswith("123"):
        return False
    return bool(_NO_ADDRESS.search(plain))


def _street_text(text: str, unit: re.Match[str] | None) -> str:
    """What stands before the unit, or behind it where the unit leads: "Apt 4, 99 Nowhere Ave"."""
    if unit is None:
        return text.split(",")[0]
    before, after = text[: unit.start()], text[unit.end() :]
    return (before if _plain(before) else after.lstrip(" ,.-")).split(",")[0]


def _without_town(text: str) -> str:
    """Drop a town that no comma parts from the street: "12 Main St Sequim" -> "12 Main St"."""
    words = text.split()
    for place in range(len(words) - 1, 1, -1):
        if _plain(words[place]) in _MAY_END_A_STREET:
            return " ".join(words[: place + 1]) if "".join(words[place + 1 :]).isalpha() else text
    return text


def _plain(text: str) -> str:
    return " ".join(anyascii(text).lower().translate(_NOT_ALPHANUMERIC_TO_SPACE).split())


@lru_cache(maxsize=50_000)
def unit_of_cell(cell: str) -> str | None:
    """The unit in a cell of its own; None where the cell is blank or names whoever takes the mail."""
    if not cell.strip() or _IN_CARE_OF.match(cell):
        return None
    inner = _UNIT.search(cell)
    return _bare_unit(inner.group(1) if inner else cell)


def _bare_unit(text: str) -> str:
    return _plain(text).replace(" ", "")


def _number_and_street(text: str) -> tuple[str, str]:
    words = _plain(text).split()
    number = words.pop(0) if words and _HOUSE_NUMBER.fullmatch(words[0]) else ""
    return number, " ".join(_telling_words(words))


def _telling_words(words: list[str]) -> list[str]:
    """Drop the street's type and direction, which people leave out or vary, unless nothing else is left."""
    return [word for word in words if word not in _SKIPPED] or [_SHORT.get(word, word) for word in words]
