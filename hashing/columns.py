"""Finds the header row of a sheet and what its columns mean, by header and, where that fails, by content."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice

from hashing.birth_parts import WHOLE_HEADER, birth_parts, whole_birth
from hashing.contents import field_of_column
from hashing.dates import header_says_day_first
from hashing.fields import NAME_FIELDS, Field, field_of_header, header_words, says_whose_number
from hashing.headers import Header, find_header
from hashing.importers.changed_rows import ChangedRows, Row
from hashing.importers.sheets import Sheet
from hashing.mapping import AS_FOUND, NOT_USED, SheetMapping
from hashing.months import NO_MONTHS, MonthColumns, Told, month_columns
from hashing.name_columns import with_parted_names

MAX_NOTHING = 8  # letters; longer cells say something
SAMPLE = 500  # rows that tell what a column holds
_TELLS_NOTHING = frozenset({Field.CLIENT_ID, Field.DELETED})
_NUMBERS = frozenset({Field.CLIENT_ID, Field.HOUSEHOLD_ID})
_GUARDED = re.compile(r"=\"(.+)\"|'(\d.*)", re.DOTALL)
_MEASURED = re.compile(r"(\d+)\.0+")
_NOTHING = frozenset(
    {"n/a", "n/a.", "n / a", "#n/a", "#ref!", "#value!", "#name?", "#div/0!", "#null!", "null", "(null)"}
)
_TOTALS = re.compile(
    r"(?i)\s*(grand |sub)?totals?\b.*|\s*(count|sum|unduplicated)\b.*|"
    r".*\b(records?|clients|rows|households|people|persons|families|individuals|members|visits)\s*:\s*\d+\s*"
)
_FOOTER = re.compile(r"(?i)(page \d|printed |generated |report |end of |confidential|as of |run (on|date)|\*|---).*")
_NUMBER = re.compile(r"[$-]?[\d,]*\.?\d+%?( \w+)?")


class TableKind(StrEnum):
    """What a table is about."""

    CLIENTS = "client list"
    SERVICES = "service rows"
    CONSENTS = "consents"
    DETAILS = "more about clients"  # such as the enrollments of a HMIS export
    OTHER = "not used"


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet whose columns are understood. ``columns[field]`` lists the places of that field's columns.

    ``months`` are the columns that count services in a month; ``day_first`` is what the agency said of its dates.
    """

    sheet: Sheet
    header: int
    columns: dict[Field, tuple[int, ...]]
    months: MonthColumns = NO_MONTHS
    day_first: bool | None = None

    @property
    def kind(self) -> TableKind:
        """What the table is about, by the columns that it has."""
        has = self.columns.keys()
        if Field.CLIENT_ID not in has:
            return TableKind.CLIENTS if has & NAME_FIELDS and len(has) > 1 else TableKind.OTHER
        if has & NAME_FIELDS:
            return TableKind.CLIENTS
        if Field.CONSENT in has or Field.CONSENT_EXPIRES in has:
            return TableKind.CONSENTS
        if Field.SERVICE_DATE in has or self.months.places:
            return TableKind.SERVICES
        return TableKind.DETAILS if has - _TELLS_NOTHING else TableKind.OTHER

    def unused_places(self) -> list[int]:
        """The columns with a header that are not read, in their order."""
        used = {place for places in self.columns.values() for place in places}
        used |= {place for place, _ in self.months.places}
        headers = self.sheet.rows[self.header]
        used |= set(birth_parts(headers).values())
        return [place for place, header in enumerate(headers) if header and place not in used]

    def headers_of(self, field: Field) -> list[str]:
        """The headers that stand over a field's columns."""
        return [self.sheet.rows[self.header][place] for place in self.columns.get(field, ())]

    def with_column(self, cell: Callable[[int, Row], str]) -> Table:
        """The table with one more column behind its last header; *cell* tells its cells by place and row."""
        width = len(self.sheet.rows[self.header])

        def change(place: int, row: Row) -> Row:
            return [*row[:width], *[""] * (width - len(row)), cell(place, row)] if any(row) else row

        return replace(self, sheet=replace(self.sheet, rows=ChangedRows(self.sheet.rows, change)))

    def says_day_first(self, field: Field) -> bool | None:
        """How a field's dates are said to be written, by its header or else by the agency; None where nothing says."""
        by_header = header_says_day_first(self.headers_of(field))
        return self.day_first if by_header is None else by_header

    def lines(self) -> Iterator[tuple[int, list[str]]]:
        """(line number in the file, cells) of each row that tells of something.

        Blank rows, totals, footers, and headers that a report repeats on each page tell of nothing.
        """
        header = self.sheet.rows[self.header]
        for place, cells in enumerate(islice(self.sheet.rows, self.header + 1, None), self.header + 1):
            if tells_something(cells, header):
                yield place + 1, cells

    def value(self, cells: list[str], field: Field) -> str:
        """The first filled cell of a field, or ""."""
        return next(self.values(cells, field), "")

    def getter(self, field: Field) -> Callable[[list[str]], str]:
        """What :meth:`value` tells of a field, as a function of a row: the quick way through many rows."""
        places = self.columns.get(field, ())
        if len(places) != 1:
            return (lambda cells: self.value(cells, field)) if places else (lambda _: "")
        (place,) = places
        return lambda cells: said_in(cell, field) if place < len(cells) and (cell := cells[place]) else ""

    def values(self, cells: list[str], field: Field) -> Iterator[str]:
        """Each filled cell of a field; "N/A" and its like fill none."""
        for place in self.columns.get(field, ()):
            if place < len(cells) and cells[place] and (said := said_in(cells[place], field)):
                yield said


def said_in(cell: str, field: Field) -> str:
    """What a cell of a field says: nothing where "N/A" or its like stands, a number as it was given out."""
    if _says_nothing(cell):
        return ""
    typed = _as_typed(cell)
    return _whole(typed) if field in _NUMBERS else typed


def _as_typed(cell: str) -> str:
    """A cell without what keeps a spreadsheet from taking it for a number: ="00123", '00123."""
    if cell[0] not in "='":
        return cell
    found = _GUARDED.fullmatch(cell)
    return (found[1] or found[2]).strip() or cell if found else cell


def tells_something(cells: list[str], header: list[str]) -> bool:
    """Whether a row is one of its table's, and not blank, a total, a footer, or the header once more."""
    first = cells[0] if cells else ""
    if first.isalnum() and not first.isalpha() and first != header[0]:
        return True  # as most rows begin, and no total does
    return any(cells) and cells != header and not _is_total(cells)


def _whole(cell: str) -> str:
    """A number as it was given out, where a program took it for a measurement: 1001.0 -> 1001."""
    return found[1] if cell.endswith("0") and (found := _MEASURED.fullmatch(cell)) else cell


def _says_nothing(cell: str) -> bool:
    if len(cell) > MAX_NOTHING:
        return False
    # "nan" is what programs write for a missing number; but Na and Nan are given names.
    return cell.lower() in _NOTHING or cell in {"nan", "NaN"} or not cell.strip("-?._")


def _is_total(cells: list[str]) -> bool:
    """Whether a row is a total or a footer. A cell that is no number, behind the first, settles it for most rows."""
    first, has_others = "", False
    for cell in filter(None, cells):
        if not first:
            first = cell
        elif not _NUMBER.fullmatch(cell):
            return False
        else:
            has_others = True
    return bool(_TOTALS.fullmatch(first)) or (not has_others and bool(_FOOTER.fullmatch(first)))


def understand(sheet: Sheet, said: SheetMapping = AS_FOUND) -> Table | None:
    """The table in a sheet, or None where no row looks like headers; what the agency *said* of it goes first."""
    table = understand_any(sheet, said)
    if table is None:
        return None
    kinds = len(table.columns) + bool(table.months.places or table.months.undated)
    return table if kinds > 1 else None


def understand_any(sheet: Sheet, said: SheetMapping = AS_FOUND) -> Table | None:
    """The same, even where but one column is known: a list of numbers."""
    header = find_header(sheet, said)
    if header is None:
        return None
    sheet = _with_headers(sheet, header)
    told = Told(header.cells, header.groups, header.titles, sheet.name)
    months = _said_months(header, said, month_columns(told))
    return _with_whole_births(Table(sheet, header.place, _columns(sheet, header, said), months, said.day_first))


def _with_whole_births(table: Table) -> Table:
    """The table with a column of whole birth dates, where month, day and year stand in columns of their own."""
    parts = birth_parts(table.sheet.rows[table.header])
    if not parts:
        return table
    known = [at for at in table.columns.get(Field.BIRTH_DATE, ()) if at not in parts.values()]
    width = len(table.sheet.rows[table.header])
    widened = table.with_column(lambda place, row: WHOLE_HEADER if place == table.header else whole_birth(row, parts))
    return replace(widened, columns=table.columns | {Field.BIRTH_DATE: (*known, width)})


def _with_headers(sheet: Sheet, header: Header) -> Sheet:
    """The sheet with one row of headers, where the file has two."""
    if tuple(sheet.rows[header.place]) == header.cells:
        return sheet
    cells = list(header.cells)
    return replace(sheet, rows=ChangedRows(sheet.rows, lambda at, row: cells if at == header.place else row))


def _columns(sheet: Sheet, header: Header, said: SheetMapping) -> dict[Field, tuple[int, ...]]:
    found: dict[Field, list[int]] = {}
    labels = column_labels(header.cells)
    for place, cell in enumerate(header.cells):
        told = said.told(labels[place], cell)
        field = _guessed(sheet, header, place) if told is None else told
        if isinstance(field, Field):
            found.setdefault(field, []).append(place)
    columns = {field: tuple(places) for field, places in found.items()}
    is_said = any(said.told(labels[at], header.cells[at]) for at in columns.get(Field.FULL_NAME, ()))
    return columns if is_said else with_parted_names(sheet, header, columns)


def _guessed(sheet: Sheet, header: Header, place: int) -> Field | None:
    if header.is_of_somebody_else(place):
        return None
    field = field_of_column(header.cells[place], _values(sheet, header.place, place))
    is_by_content = field is not None and field_of_header(header.cells[place]) is None
    return None if is_by_content and _is_named(field, header.cells) else field


def _said_months(header: Header, said: SheetMapping, found: MonthColumns) -> MonthColumns:
    labels = column_labels(header.cells)
    places = dict(found.places)
    for place, cell in enumerate(header.cells):
        told = said.told(labels[place], cell)
        if isinstance(told, Field) or told == NOT_USED:
            places.pop(place, None)
        elif told is not None:
            places[place] = told
    undated = tuple(text for text in found.undated if said.told(text, text) is None)
    return MonthColumns(tuple(sorted(places.items())), undated)


def column_labels(headers: Sequence[str]) -> list[str]:
    """What a mapping file calls each column: its header, with #2 where it is there twice, or "column C"."""
    times: Counter[str] = Counter()
    labels = []
    for place, header in enumerate(headers):
        times[header] += 1
        named = header if times[header] == 1 else f"{header} #{times[header]}"
        labels.append(named if header else f"column {_letter(place)}")
    return labels


def _letter(place: int) -> str:
    """The letter of a column, as a spreadsheet shows it: A to Z, then AA."""
    high, low = divmod(place, 26)
    return (_letter(high - 1) if high else "") + chr(ord("A") + low)


def _values(sheet: Sheet, header: int, place: int) -> list[str]:
    rows = sheet.rows[header + 1 : header + 1 + SAMPLE]
    return [row[place] for row in rows if place < len(row) and row[place]]


def _is_named(field: Field | None, headers: Sequence[str]) -> bool:
    return any(field_of_header(header) is field for header in headers)


def agree_on_numbers(tables: Sequence[Table]) -> tuple[Table, ...]:
    """The same tables, each with the best column of client numbers first.

    A number that is said to be the client's goes before a record's or a case's; among those, the one that most of
    the tables have, so that visits which know the chart number find a list that leads with a patient number.
    """
    shared = Counter(
        words for table in tables for words in {header_words(h) for h in table.headers_of(Field.CLIENT_ID)}
    )
    return tuple(_with_best_number_first(table, shared) for table in tables)


def _with_best_number_first(table: Table, shared: Counter[str]) -> Table:
    places = table.columns.get(Field.CLIENT_ID, ())
    words = [header_words(header) for header in table.headers_of(Field.CLIENT_ID)]
    order = sorted(range(len(places)), key=lambda i: (not says_whose_number(words[i]), -shared[words[i]]))
    columns = table.columns | ({Field.CLIENT_ID: tuple(places[i] for i in order)} if places else {})
    return replace(table, columns=columns)
