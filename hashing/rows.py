"""One row of a client list -> one normalised client."""

from __future__ import annotations

from datetime import date

from hashing.addresses import MISSING, Address, parse_address
from hashing.clients import Client
from hashing.columns import Table
from hashing.dates import BirthDate, parse_birth_date, parse_date, writes_day_first
from hashing.fields import Field
from hashing.names import TypedName, part_name, writes_last_name_first
from hashing.normalise import name_parts, phone, social_security_number, suffix

_UNRELIABLE = frozenset({"8", "9", "99"})  # HUD data quality: does not know, prefers not to answer, not collected


def was_deleted(table: Table, cells: list[str], *, today: date) -> bool:
    """Whether a row carries a date of deletion; anything but a date there is a shifted column, not a deletion."""
    return parse_date(table.value(cells, Field.DELETED), today=today) is not None


class ClientReader:
    """Reads the rows of one table; what holds for a whole column is decided once, here."""

    def __init__(self, table: Table, *, today: date) -> None:
        """Look through the columns of names and birth dates to learn how they are written."""
        self._table = table
        self._today = today
        cells = [cells for _, cells in table.lines()]
        self._day_first = writes_day_first(table.value(row, Field.BIRTH_DATE) for row in cells)
        self._last_first = writes_last_name_first(table.value(row, Field.FULL_NAME) for row in cells)

    def read(self, line: int, cells: list[str]) -> Client | None:
        """The client in a row, or None where the row was deleted or names nobody."""
        if was_deleted(self._table, cells, today=self._today):
            return None
        ssn, ssn4 = self._ssn(cells)
        name = self._name(cells)
        numbers = (phone(text) for text in self._table.values(cells, Field.PHONE))
        return Client(
            client_id=self._value(cells, Field.CLIENT_ID) or f"line {line}",
            line=line,
            first=name_parts(name.first),
            middle=name_parts(name.middle),
            last=name_parts(name.last) + name_parts(self._value(cells, Field.SECOND_LAST)),
            suffix=suffix(name.suffix),
            other_firsts=self._others(cells, Field.ALIAS),
            former_lasts=self._others(cells, Field.FORMER_LAST),
            birth=self._birth(cells),
            ssn=ssn,
            ssn4=ssn4,
            phones=tuple(dict.fromkeys(number for number in numbers if number)),
            address=self._address(cells),
            household=self._value(cells, Field.HOUSEHOLD_ID),
        )

    def _value(self, cells: list[str], field: Field) -> str:
        return self._table.value(cells, field)

    def _others(self, cells: list[str], field: Field) -> tuple[tuple[str, ...], ...]:
        typed = (name_parts(text) for text in self._table.values(cells, field))
        return tuple(parts for parts in typed if parts)

    def _is_unreliable(self, cells: list[str], quality: Field) -> bool:
        return self._value(cells, quality) in _UNRELIABLE

    def _name(self, cells: list[str]) -> TypedName:
        if self._is_unreliable(cells, Field.NAME_QUALITY):
            return TypedName()
        last = self._value(cells, Field.LAST)
        whole = self._value(cells, Field.FULL_NAME)
        if whole and not last:
            return part_name(whole, last_first=self._last_first)
        ending = self._value(cells, Field.SUFFIX)
        words = last.split()
        if not ending and len(words) > 1 and suffix(words[-1]):
            last, ending = " ".join(words[:-1]), words[-1]
        return TypedName(self._value(cells, Field.FIRST), self._value(cells, Field.MIDDLE), last, ending)

    def _birth(self, cells: list[str]) -> BirthDate | None:
        if self._is_unreliable(cells, Field.BIRTH_DATE_QUALITY):
            return None
        text = self._value(cells, Field.BIRTH_DATE)
        return parse_birth_date(text, today=self._today, day_first=self._day_first)

    def _ssn(self, cells: list[str]) -> tuple[str, str]:
        if self._is_unreliable(cells, Field.SSN_QUALITY):
            return "", ""
        return social_security_number(self._value(cells, Field.SSN))

    def _address(self, cells: list[str]) -> Address:
        line = self._value(cells, Field.ADDRESS)
        code = self._value(cells, Field.ZIP)
        return parse_address(line, self._value(cells, Field.UNIT), code) if line or code else MISSING
