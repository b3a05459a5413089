"""Street addresses made comparable: house number, street, unit and ZIP from whatever was typed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from anyascii import anyascii

from hashing.normalise import zip_code

_NO_ADDRESS = re.compile(
    r"\b(transient|homeless|general delivery|confidential|unknown|no (fixed )?address|none|n ?a|unhoused|refused|"
    r"withheld|declined|same|various|not applicable|no permanent|couch surf\w*|in (car|vehicle))$"
    r"|^(transient|homeless|general delivery|confidential|unknown|no (fixed )?address|unhoused|gen del)\b"
    r"|^(on )?(the )?streets?$|^same as\b"
    r"|^(client )?(prefers? not|do(es)?n ?t know|does not know|didn ?t ask|data not)\b"
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
_SKIPPED = frozenset(_TYPES.values()) | frozenset(_DIRECTIONS.values())
_STATE_AND_ZIP = re.compile(r",?\s+[A-Za-z]{2}\.?,?\s+(\d{5})(?:-\d{4})?\s*$")
_UNIT = re.compile(
    r"(?i)(?:\b(?:apartment|apt|unit|suite|ste|lot|space|spc|sp|room|rm|trailer|trlr|no)\b\.?\s*#?|#)\s*([a-z]?-?\d+[a-z]?|[a-z])\b"
)
_IN_CARE_OF = re.compile(r"\s*(c\s*/\s*o|attn)\b", re.IGNORECASE)
_PO_BOX = re.compile(r"\bp\.?\s*o\.?\s*box\s*#?\s*(\w+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Address:
    """A parsed address; any part may be empty. *street* is the words that tell streets apart."""

    number: str = ""
    street: str = ""
    unit: str = ""
    zip: str = ""

    @property
    def building(self) -> str:
        """House number and street, or empty unless both are known."""
        return f"{self.number} {self.street}" if self.number and self.street else ""


MISSING = Address()


@lru_cache(maxsize=200_000)
def parse_address(line: str, unit: str, zip_text: str) -> Address:
    """Parse an address typed in one line or in several cells.

    "9235 Royal Forest Drive, Apt 245, Pine Hollow WA 98964" -> 9235 | royal forest | 245 | 98964.
    A shelter's name, "homeless" or "General Delivery" give a missing address; the ZIP is kept.
    """
    tail = _STATE_AND_ZIP.search(line)
    code = zip_code(zip_text) or (tail.group(1) if tail else "")
    text = line[: tail.start()] if tail else line
    if _NO_ADDRESS.search(_plain(text)):
        return Address(zip=code)
    box = _PO_BOX.search(text)
    if box:
        return Address(box.group(1).lower(), "po box", _unit(unit, None), code)
    found = _UNIT.search(text)
    street_text = _street_text(text, found)
    number, street = _number_and_street(_without_town(street_text) if tail and "," not in text else street_text)
    return Address(number, street, _unit(unit, found), code)


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
        if _plain(words[place]) in _TYPES or _plain(words[place]) in _SKIPPED:
            return " ".join(words[: place + 1]) if "".join(words[place + 1 :]).isalpha() else text
    return text


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", anyascii(text).lower()).strip()


def _unit(cell: str, found: re.Match[str] | None) -> str:
    if cell.strip() and not _IN_CARE_OF.match(cell):
        inner = _UNIT.search(cell)
        return _plain(inner.group(1) if inner else cell).replace(" ", "")
    return _plain(found.group(1)).replace(" ", "") if found else ""


def _number_and_street(text: str) -> tuple[str, str]:
    words = _plain(text).split()
    number = words.pop(0) if words and re.fullmatch(r"\d+[a-z]?", words[0]) else ""
    return number, " ".join(_telling_words(words))


def _telling_words(words: list[str]) -> list[str]:
    """Drop the street's type and direction, which people leave out or vary, unless nothing else is left."""
    short = [_DIRECTIONS.get(word, _TYPES.get(word, word)) for word in words]
    telling = [word for word in short if word not in _SKIPPED]
    return telling or short
