"""Service rows -> units a client received of each service area in each month."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from anyascii import anyascii

from hashing.columns import Table, TableKind, said_in
from hashing.counted import counted
from hashing.dates import parse_date, writes_day_first
from hashing.fields import Field, header_words
from hashing.rows import was_deleted
from hashing.schema import ServiceArea, ServiceMonth, ServiceType, ServiceUnit
from hashing.service_areas import HIV_RECORD_TYPES, record_type_area, record_type_words, service_area
from hashing.service_kinds import counts_dollars, service_type, service_unit

MAX_UNITS = 1_000_000
_NEVER = frozenset({"", "no", "n", "none", "false", "-", "--", "n/a", "na", ".", "absent", "no show", "☐"})
_ONCE = frozenset({"x", "xx", "yes", "y", "si", "true", "*", "v", "ok", "served", "attended", "✔", "☑", "√"})
_A_DAY = re.compile(r"\d{1,2}[/-]\d{1,2}([/-](\d\d){1,2})?|20\d\d-\d\d-\d\d")
_NUMBER = re.compile(r"(?P<number>\d{1,6}(\.\d+)?)( ?(x|visits?|times|boxes|units?|visitas|nights?|services?))?")
_NO_NUMBER = re.compile(r"(?i)[$,\s]|usd|dollars?")  # beside an amount
_Problem = tuple[str, str]  # one, several


class ServiceKind(NamedTuple):
    """What a service was: its area and type, and what its units count."""

    area: ServiceArea
    type: ServiceType
    unit: ServiceUnit


class _Told(NamedTuple):
    """A service as rows tell it: with no number beside it, and under each column of numbers."""

    plain: ServiceKind
    under: tuple[ServiceKind, ...]


_NO_DATE = ("service row has no readable date and was left out", "service rows have no readable date and were left out")
_NO_MARK = (
    "cell under a month holds neither a mark nor a number and was left out",
    "cells under a month hold neither a mark nor a number and were left out",
)
_NOT_BEGUN = (
    "cell under a month that has not begun was left out",
    "cells under a month that has not begun were left out",
)


def read_services(tables: Sequence[Table], *, today: date) -> tuple[dict[str, tuple[ServiceMonth, ...]], list[str]]:
    """The services by client number, and notes on what could not be used.

    Service rows inside a client list (a column of dates beside the names, or a column a month) count as well.
    """
    reading = _Reading(today)
    for table in (table for table in tables if Field.CLIENT_ID in table.columns):
        if _holds_services(table):
            reading.take_dates(table)
        if table.months.places:
            reading.take_months(table)
    found = {client: _months(counts) for client, counts in reading.totals.items()}
    return found, reading.notes() + [
        note for table in tables for note in (_undated(table), _of_households(table)) if note
    ]


def _holds_services(table: Table) -> bool:
    return Field.SERVICE_DATE in table.columns and table.kind in {TableKind.CLIENTS, TableKind.SERVICES}


def _undated(table: Table) -> str:
    undated = table.months.undated
    if not undated:
        return ""
    return (
        f"the columns {undated[0]} to {undated[-1]} of {table.sheet.name} were not used: nothing tells their year; "
        "write it into the sheet's name or a line above the headers"
    )


def _of_households(table: Table) -> str:
    has = table.columns.keys()
    if Field.CLIENT_ID in has or not {Field.HOUSEHOLD_ID, Field.SERVICE_DATE} <= has:
        return ""
    return f"{table.sheet.name} tells of households and not of clients: its services were not used"


class _Reading:
    """What the rows said so far."""

    def __init__(self, today: date) -> None:
        """Nothing yet."""
        self.totals: dict[str, Counter[tuple[ServiceKind, str]]] = defaultdict(Counter)
        self._today = today
        self._problems: Counter[_Problem] = Counter()
        self._untold: list[str] = []

    def notes(self) -> list[str]:
        """What was left out, and which tables tell no area, in words."""
        return [counted(count, *problem) for problem, count in self._problems.items() if count] + self._untold

    def take_dates(self, table: Table) -> None:
        """Take in the rows of a table that has a date of service in each."""
        months, areas = _Months(table, self._today), _Areas(table)
        client, date_of = table.getter(Field.CLIENT_ID), table.getter(Field.SERVICE_DATE)
        for _, cells in self._live(table):
            month = months.of(date_of(cells))
            if month:
                for kind, units in areas.counted(cells):
                    self.totals[client(cells)][kind, month] += units
            else:
                self._problems[_NO_DATE] += 1
        self._note_areas(table, areas)

    def take_months(self, table: Table) -> None:
        """Take in the rows of a table that has a column a month."""
        last, areas = f"{self._today:%Y-%m}", _Areas(table)
        for _, cells in self._live(table):
            client, kind = table.value(cells, Field.CLIENT_ID), areas.of(cells)
            for place, month in table.months.places:
                times = _times(cells[place] if place < len(cells) else "")
                if times is None:
                    self._problems[_NO_MARK] += 1
                elif times and month > last:
                    self._problems[_NOT_BEGUN] += 1
                elif times:
                    self.totals[client][kind, month] += times
        self._note_areas(table, areas)

    def _note_areas(self, table: Table, areas: _Areas) -> None:
        """An agency should know that its services count as nothing in particular."""
        if areas.seen == {ServiceArea.OTHER} and not areas.are_said:
            self._untold.append(
                f"nothing tells the area of the services in {table.sheet.name}: they count as 'other'; write what they "
                "are, such as food or shelter, into a column 'Program' or the file's name"
            )

    def _live(self, table: Table) -> Iterator[tuple[int, list[str]]]:
        if Field.DELETED not in table.columns:
            return table.lines()
        return ((line, cells) for line, cells in table.lines() if not was_deleted(table, cells, today=self._today))


class _Months:
    """The month of each date in a table; whether the day comes first is decided for the whole column."""

    def __init__(self, table: Table, today: date) -> None:
        """Look through the dates."""
        date_of = table.getter(Field.SERVICE_DATE)
        dates = {date_of(cells) for _, cells in table.lines()}
        day_first = writes_day_first(dates, by_header=table.says_day_first(Field.SERVICE_DATE))
        days = {text: parse_date(text, today=today, day_first=day_first) for text in dates}
        self._months = {text: f"{day:%Y-%m}" for text, day in days.items() if day is not None}

    def of(self, text: str) -> str:
        """The month as YYYY-MM, or ""."""
        return self._months.get(text, "")


class _Areas:
    """The service area of each row: by words, else by the record type of a HMIS, else by the sheet's name."""

    def __init__(self, table: Table) -> None:
        """Find the column of record types, wherever it stands."""
        headers = zip(table.columns.get(Field.SERVICE, ()), table.headers_of(Field.SERVICE), strict=True)
        self._record_type = next((at for at, h in headers if header_words(h).replace(" ", "") == "recordtype"), None)
        self._table = table
        self._known: dict[tuple[str, ...], _Told] = {}
        self._headers = tuple(table.headers_of(Field.UNITS))
        self._numbers = tuple(zip(table.columns.get(Field.UNITS, ()), map(counts_dollars, self._headers), strict=True))

    @property
    def seen(self) -> set[ServiceArea]:
        """The areas so far."""
        return {told.plain.area for told in self._known.values()}

    @property
    def are_said(self) -> bool:
        """Whether a row itself says that its area is another than ours."""
        return any(value.lower() == ServiceArea.OTHER for values in self._known for value in values)

    def of(self, cells: list[str]) -> ServiceKind:
        """The area, type and unit of one row, whatever the numbers in it."""
        return self._of(cells).plain

    def counted(self, cells: list[str]) -> list[tuple[ServiceKind, int]]:
        """The services of one row and their units: a count and dollars beside it are two, and no number is one time."""
        told, found, is_counted = self._of(cells), [], False
        for (place, is_money), kind in zip(self._numbers, told.under, strict=True):
            said = said_in(cells[place], Field.UNITS) if place < len(cells) else ""
            if is_money:
                found += [(kind, paid)] if kind.unit is ServiceUnit.DOLLARS and (paid := _dollars(said)) else []
            elif said and not is_counted:
                found, is_counted = [*found, (kind, _units(said))], True
        return found or [(told.plain, 1)]

    def _of(self, cells: list[str]) -> _Told:
        at = self._record_type
        record_type = cells[at] if at is not None and at < len(cells) else ""
        values = (record_type, *self._table.values(cells, Field.SERVICE))
        if values not in self._known:
            self._known[values] = self._told(*self._named(record_type, values[1:]))
        return self._known[values]

    def _named(self, record_type: str, values: Sequence[str]) -> tuple[ServiceArea, str]:
        """The area of a service, and the words that tell its type."""
        if record_type in HIV_RECORD_TYPES:
            return ServiceArea.OTHER, ""  # whatever the words beside it say
        # A HMIS puts codes into some columns and words into another.
        words = next((value for value in values if not value.isdigit()), "")
        if record_type and not words:
            return record_type_area(record_type), record_type_words(record_type)
        return service_area(words or self._table.sheet.name), words or self._table.sheet.name

    def _told(self, area: ServiceArea, words: str) -> _Told:
        kind = service_type(area, words)
        plain, *under = (service_unit(area, kind, words, header) for header in ("", *self._headers))
        return _Told(ServiceKind(area, kind, plain), tuple(ServiceKind(area, kind, unit) for unit in under))


def _times(cell: str) -> int | None:
    """How often a cell under a month says that somebody was served; None for words that say neither."""
    text = anyascii(cell).strip().lower()
    if text in _NEVER or cell in _NEVER:
        return 0
    if text in _ONCE or cell in _ONCE or _A_DAY.fullmatch(text):
        return 1
    number = _NUMBER.fullmatch(text)
    if number is None:
        return None
    return min(MAX_UNITS, math.ceil(float(number["number"])))


def _units(text: str) -> int:
    if not text:
        return 1
    try:
        units = float(text.replace(",", ""))
    except ValueError:
        return 1
    return max(1, min(MAX_UNITS, round(units))) if math.isfinite(units) else 1


def _dollars(text: str) -> int:
    """Whole dollars, at least one of any; 0 where a cell tells none."""
    try:
        paid = float(_NO_NUMBER.sub("", text))
    except ValueError:
        return 0
    return max(1, min(MAX_UNITS, round(paid))) if math.isfinite(paid) and paid > 0 else 0


def _months(counts: Counter[tuple[ServiceKind, str]]) -> tuple[ServiceMonth, ...]:
    found = sorted(counts.items(), key=lambda each: (each[0][0].area, each[0][1], each[0][0]))
    return tuple(
        ServiceMonth(kind.area, month, min(units, MAX_UNITS), kind.type, kind.unit) for (kind, month), units in found
    )
