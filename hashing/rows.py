"""One row of a client list -> one normalised client."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from itertools import islice

from hashing.addresses import MISSING, Address, parse_address
from hashing.clients import Client
from hashing.columns import Table
from hashing.dates import BirthDate, date_order, other_way_round, parse_birth_date, parse_date, tells_order
from hashing.family_first import settled
from hashing.fields import Field, header_words
from hashing.name_cells import one_person
from hashing.names import TypedName, part_cells, part_whole, writes_last_name_first
from hashing.normalise import name_parts, phones, social_security_number, suffix

# HUD data quality: does not know, prefers not to answer, not collected; by code, or as a report words it.
_UNRELIABLE = re.compile(r"(?i)8|9|99|.*\b(know|refused|prefers?|collected)\b.*")
_JOHN_DOE = frozenset({("john", "doe"), ("jane", "doe"), ("baby", "doe")})


def is_unreliable(quality: str) -> bool:
    """Whether a data quality says that the value beside it was not given."""
    return bool(_UNRELIABLE.fullmatch(quality))


def was_deleted(table: Table, cells: list[str], *, today: date) -> bool:
    """Whether a row carries a date of deletion; anything but a date there is a shifted column, not a deletion."""
    return parse_date(table.value(cells, Field.DELETED), today=today) is not None


_NO_DATES = frozenset({"1900-01-01", "01/01/1900", "1/1/1900", "1899-12-30", "0000-00-00", "00/00/0000"})


HABIT_ROWS = 20_000  # of a list tell how its columns are written; more would say the same


def first_rows(table: Table) -> list[list[str]]:
    """The rows that tell how a table is written."""
    return [cells for _, cells in islice(table.lines(), HABIT_ROWS)]


class ClientReader:
    """Reads the rows of one table; what holds for a whole column is decided once, when it is made."""

    def __init__(self, table: Table, *, today: date, beginning: Sequence[list[str]] | None = None) -> None:
        """Look through the columns of names and birth dates to learn how they are written.

        *beginning* is what :func:`first_rows` gives of the table, where that is known already.
        """
        self.table = table
        self._today = today
        cells = first_rows(table) if beginning is None else beginning
        born = list(map(table.getter(Field.BIRTH_DATE), cells))
        said = table.says_day_first(Field.BIRTH_DATE)
        self._day_first = date_order(born, by_header=said)
        self.is_unclear = said is None and not tells_order(born)
        self.other_way_round = other_way_round(born, self._day_first)
        self._last_first = writes_last_name_first(map(table.getter(Field.FULL_NAME), cells))
        self._only_last_four = any(re.search(r"4|four", header_words(h)) for h in table.headers_of(Field.SSN)[:1])

    def read(self, line: int, cells: list[str]) -> Client | None:
        """The client in a row, or None where the row was deleted."""
        if was_deleted(self.table, cells, today=self._today):
            return None
        cells = one_person(self.table, cells)
        ssn, ssn4 = self._ssn(cells)
        numbers = (number for text in self.table.values(cells, Field.PHONE) for number in phones(text))
        return replace(
            self.named(line, cells),
            client_id=self._value(cells, Field.CLIENT_ID) or f"line {line}",
            birth=self._birth(cells),
            ssn=ssn,
            ssn4=ssn4,
            phones=tuple(dict.fromkeys(numbers)),
            address=self._address(cells),
            household=self._value(cells, Field.HOUSEHOLD_ID),
        )

    def named(self, line: int, cells: list[str]) -> Client:
        """A client of whom only the names are read; *cells* name one person."""
        name = self._name(cells)
        client = Client(
            client_id="",
            line=line,
            first=name_parts(name.first),
            middle=name_parts(name.middle),
            last=name_parts(name.last) + name_parts(self._value(cells, Field.SECOND_LAST)),
            suffix=suffix(name.suffix),
            other_firsts=_all_parts((name.other_first, *self.table.values(cells, Field.ALIAS))),
            former_lasts=_all_parts((name.former_last, *self.table.values(cells, Field.FORMER_LAST))),
        )
        return settled(client)

    def _value(self, cells: list[str], field: Field) -> str:
        return self.table.value(cells, field)

    def _is_unreliable(self, cells: list[str], quality: Field) -> bool:
        return is_unreliable(self._value(cells, quality))

    def _name(self, cells: list[str]) -> TypedName:
        if self._is_unreliable(cells, Field.NAME_QUALITY):
            return TypedName()
        name = self._typed_name(cells)
        is_nobody = (name.first.lower(), name.last.lower()) in _JOHN_DOE
        return TypedName() if is_nobody else name

    def _typed_name(self, cells: list[str]) -> TypedName:
        first, last = self._value(cells, Field.FIRST), self._value(cells, Field.LAST)
        whole = self._value(cells, Field.FULL_NAME)
        if whole and (not last or self._is_inside(last, whole)):
            return part_whole(whole, last_first=self._last_first)
        first = first if Field.FIRST in self.table.columns else whole  # "Name" stands beside "Surname"
        return part_cells(first, self._value(cells, Field.MIDDLE), last, self._value(cells, Field.SUFFIX))

    def _is_inside(self, last: str, whole: str) -> bool:
        return Field.FIRST not in self.table.columns and set(name_parts(last)) < set(name_parts(whole))

    def _birth(self, cells: list[str]) -> BirthDate | None:
        if self._is_unreliable(cells, Field.BIRTH_DATE_QUALITY):
            return None
        return self.birth(self._value(cells, Field.BIRTH_DATE))

    def birth(self, text: str) -> BirthDate | None:
        """The birth date in a cell of this table."""
        return parse_birth_date(text, today=self._today, day_first=self._day_first)

    def is_unread_birth(self, text: str) -> bool:
        """Whether a cell of birth dates has a digit and could not be read as a date."""
        return any(map(str.isdigit, text)) and text[:10] not in _NO_DATES and self.birth(text) is None

    def is_deletion(self, text: str) -> bool:
        """Whether a cell of deletions has a date."""
        return parse_date(text, today=self._today) is not None

    def _ssn(self, cells: list[str]) -> tuple[str, str]:
        if self._is_unreliable(cells, Field.SSN_QUALITY):
            return "", ""
        return self.ssn(self._value(cells, Field.SSN))

    def ssn(self, text: str) -> tuple[str, str]:
        """The Social Security number in a cell of this table, and its last four."""
        if self._only_last_four and text.isdecimal():
            text = text.zfill(4)  # a spreadsheet dropped the leading zero
        return social_security_number(text)

    def _address(self, cells: list[str]) -> Address:
        line = f"{self._value(cells, Field.HOUSE_NUMBER)} {self._value(cells, Field.ADDRESS)}".strip()
        code = self._value(cells, Field.ZIP)
        return parse_address(line, self._value(cells, Field.UNIT), code) if line or code else MISSING


def _all_parts(texts: Iterable[str]) -> tuple[tuple[str, ...], ...]:
    return tuple(parts for text in texts if (parts := name_parts(text)))
