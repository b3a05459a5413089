"""One row of a client list -> one normalised client."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from hashing.addresses import MISSING, Address, parse_address
from hashing.clients import Client
from hashing.columns import Table
from hashing.dates import BirthDate, parse_birth_date, parse_date, tells_order, writes_day_first
from hashing.fields import Field, header_words
from hashing.names import TypedName, part_aside, part_name, writes_last_name_first
from hashing.normalise import name_parts, phones, social_security_number, suffix

# HUD data quality: does not know, prefers not to answer, not collected; by code, or as a report words it.
_UNRELIABLE = re.compile(r"(?i)8|9|99|.*\b(know|refused|prefers?|collected)\b.*")
_JOHN_DOE = frozenset({("john", "doe"), ("jane", "doe"), ("baby", "doe")})


def was_deleted(table: Table, cells: list[str], *, today: date) -> bool:
    """Whether a row carries a date of deletion; anything but a date there is a shifted column, not a deletion."""
    return parse_date(table.value(cells, Field.DELETED), today=today) is not None


_NO_DATES = frozenset({"1900-01-01", "01/01/1900", "1/1/1900", "1899-12-30", "0000-00-00", "00/00/0000"})


class ClientReader:
    """Reads the rows of one table; what holds for a whole column is decided once, when it is made."""

    def __init__(self, table: Table, *, today: date) -> None:
        """Look through the columns of names and birth dates to learn how they are written."""
        self.table = table
        self._today = today
        cells = [cells for _, cells in table.lines()]
        born = [table.value(row, Field.BIRTH_DATE) for row in cells]
        said = table.says_day_first(Field.BIRTH_DATE)
        self._day_first = writes_day_first(born, by_header=said)
        self.is_unclear = said is None and not tells_order(born)
        self._last_first = writes_last_name_first(table.value(row, Field.FULL_NAME) for row in cells)
        self._only_last_four = any(re.search(r"4|four", header_words(h)) for h in table.headers_of(Field.SSN)[:1])

    def read(self, line: int, cells: list[str]) -> Client | None:
        """The client in a row, or None where the row was deleted."""
        if was_deleted(self.table, cells, today=self._today):
            return None
        ssn, ssn4 = self._ssn(cells)
        name = self._name(cells)
        numbers = (number for text in self.table.values(cells, Field.PHONE) for number in phones(text))
        return Client(
            client_id=self._value(cells, Field.CLIENT_ID) or f"line {line}",
            line=line,
            first=name_parts(name.first),
            middle=name_parts(name.middle),
            last=name_parts(name.last) + name_parts(self._value(cells, Field.SECOND_LAST)),
            suffix=suffix(name.suffix),
            other_firsts=_all_parts((name.other_first, *self.table.values(cells, Field.ALIAS))),
            former_lasts=_all_parts((name.former_last, *self.table.values(cells, Field.FORMER_LAST))),
            birth=self._birth(cells),
            ssn=ssn,
            ssn4=ssn4,
            phones=tuple(dict.fromkeys(numbers)),
            address=self._address(cells),
            household=self._value(cells, Field.HOUSEHOLD_ID),
        )

    def _value(self, cells: list[str], field: Field) -> str:
        return self.table.value(cells, field)

    def _is_unreliable(self, cells: list[str], quality: Field) -> bool:
        return bool(_UNRELIABLE.fullmatch(self._value(cells, quality)))

    def _name(self, cells: list[str]) -> TypedName:
        if self._is_unreliable(cells, Field.NAME_QUALITY):
            return TypedName()
        name = self._typed_name(cells)
        is_nobody = (name.first.lower(), name.last.lower()) in _JOHN_DOE
        return TypedName() if is_nobody else name

    def _typed_name(self, cells: list[str]) -> TypedName:
        first, other_first = part_aside(self._value(cells, Field.FIRST))
        last, former_last = part_aside(self._value(cells, Field.LAST))
        whole, other = part_aside(self._value(cells, Field.FULL_NAME))
        if whole and not last:
            return replace(part_name(whole, last_first=self._last_first), other_first=other)
        if whole and Field.FIRST not in self.table.columns:
            if set(name_parts(last)) < set(name_parts(whole)):
                return replace(part_name(whole, last_first=self._last_first), other_first=other)
            first, other_first = whole, other  # "Name" stands beside "Surname"
        ending = self._value(cells, Field.SUFFIX)
        words = last.split()
        if not ending and len(words) > 1 and suffix(words[-1]):
            last, ending = " ".join(words[:-1]), words[-1]
        return TypedName(first, self._value(cells, Field.MIDDLE), last, ending, other_first, former_last)

    def _birth(self, cells: list[str]) -> BirthDate | None:
        if self._is_unreliable(cells, Field.BIRTH_DATE_QUALITY):
            return None
        text = self._value(cells, Field.BIRTH_DATE)
        return parse_birth_date(text, today=self._today, day_first=self._day_first)

    def has_unread_birth(self, cells: list[str]) -> bool:
        """Whether something with a digit stands where the birth date belongs and could not be read as one."""
        text = self._value(cells, Field.BIRTH_DATE)
        known = self._is_unreliable(cells, Field.BIRTH_DATE_QUALITY) or text[:10] in _NO_DATES
        return any(map(str.isdigit, text)) and not known and self._birth(cells) is None

    def _ssn(self, cells: list[str]) -> tuple[str, str]:
        if self._is_unreliable(cells, Field.SSN_QUALITY):
            return "", ""
        text = self._value(cells, Field.SSN)
        if self._only_last_four and text.isdecimal():
            text = text.zfill(4)  # a spreadsheet dropped the leading zero
        return social_security_number(text)

    def _address(self, cells: list[str]) -> Address:
        line = f"{self._value(cells, Field.HOUSE_NUMBER)} {self._value(cells, Field.ADDRESS)}".strip()
        code = self._value(cells, Field.ZIP)
        return parse_address(line, self._value(cells, Field.UNIT), code) if line or code else MISSING


def _all_parts(texts: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    return tuple(parts for text in texts if (parts := name_parts(text)))
