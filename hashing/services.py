"""Service rows -> units a client received of each service area in each month."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import date

from anyascii import anyascii

from hashing.columns import Table, TableKind
from hashing.dates import header_says_day_first, parse_date, writes_day_first
from hashing.fields import Field, header_words
from hashing.rows import was_deleted
from hashing.schema import ServiceArea, ServiceMonth
from hashing.service_areas import record_type_area, service_area

MAX_UNITS = 1_000_000
_NEVER = frozenset({"", "no", "n", "none", "false", "-", "--", "n/a", "na", ".", "absent", "no show", "☐"})
_ONCE = frozenset({"x", "xx", "yes", "y", "si", "true", "*", "v", "ok", "served", "attended", "✔", "☑", "√"})
_A_DAY = re.compile(r"\d{1,2}[/-]\d{1,2}([/-](\d\d){1,2})?|20\d\d-\d\d-\d\d")
_NUMBER = re.compile(r"(?P<number>\d{1,6}(\.\d+)?)( ?(x|visits?|times|boxes|units?|visitas|nights?|services?))?")


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
    return found, reading.notes() + [note for table in tables if (note := _undated(table))]


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


class _Reading:
    """What the rows said so far."""

    def __init__(self, today: date) -> None:
        """Nothing yet."""
        self.totals: dict[str, Counter[tuple[ServiceArea, str]]] = defaultdict(Counter)
        self._today = today
        self._problems: Counter[str] = Counter()

    def notes(self) -> list[str]:
        """What was left out, in words."""
        return [f"{count:,} {problem}" for problem, count in self._problems.items() if count]

    def take_dates(self, table: Table) -> None:
        """Take in the rows of a table that has a date of service in each."""
        dates = (table.value(cells, Field.SERVICE_DATE) for _, cells in table.lines())
        day_first = writes_day_first(dates, by_header=_says_day_first(table))
        for _, cells in self._live(table):
            day = parse_date(table.value(cells, Field.SERVICE_DATE), today=self._today, day_first=day_first)
            if day is None:
                self._problems["service rows have no readable date and were left out"] += 1
                continue
            key = (_area(table, cells), f"{day:%Y-%m}")
            self.totals[table.value(cells, Field.CLIENT_ID)][key] += _units(table.value(cells, Field.UNITS))

    def take_months(self, table: Table) -> None:
        """Take in the rows of a table that has a column a month."""
        last = f"{self._today:%Y-%m}"
        for _, cells in self._live(table):
            client, area = table.value(cells, Field.CLIENT_ID), _area(table, cells)
            for place, month in table.months.places:
                times = _times(cells[place] if place < len(cells) else "")
                if times is None:
                    self._problems["cells under a month hold neither a mark nor a number and were left out"] += 1
                elif times and month > last:
                    self._problems["cells under a month that has not begun were left out"] += 1
                elif times:
                    self.totals[client][area, month] += times

    def _live(self, table: Table) -> Iterator[tuple[int, list[str]]]:
        return ((line, cells) for line, cells in table.lines() if not was_deleted(table, cells, today=self._today))


def _says_day_first(table: Table) -> bool | None:
    said = header_says_day_first(table.headers_of(Field.SERVICE_DATE))
    return table.day_first if said is None else said


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


def _area(table: Table, cells: list[str]) -> ServiceArea:
    """By the first service cell that holds words: HMIS puts codes into some columns and words into another."""
    values = list(table.values(cells, Field.SERVICE))
    words = next((value for value in values if not value.isdigit()), "")
    if values and not words and _leads_with_record_type(table):
        return record_type_area(values[0])
    return service_area(words or table.sheet.name)


def _leads_with_record_type(table: Table) -> bool:
    return header_words(table.headers_of(Field.SERVICE)[0]) == "record type"


def _units(text: str) -> int:
    try:
        units = float(text.replace(",", ""))
    except ValueError:
        return 1
    return max(1, min(MAX_UNITS, round(units))) if math.isfinite(units) else 1


def _months(counts: Counter[tuple[ServiceArea, str]]) -> tuple[ServiceMonth, ...]:
    return tuple(ServiceMonth(area, month, min(units, MAX_UNITS)) for (area, month), units in sorted(counts.items()))
