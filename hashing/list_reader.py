"""A client list -> batches of clients: the rules of :class:`hashing.rows.ClientReader`, many rows at a time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count, islice
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from hashing.addresses import AddressLine, behind_number, is_house_number, parse_line, split_number, unit_of_cell
from hashing.batch import MOST_PHONES, TEXT, ClientBatch, Numbers, numbers_of
from hashing.cell_pages import CellColumn, Pages
from hashing.coded import Coded, Vocabulary, chosen, with_rows
from hashing.columns import Table
from hashing.fields import Field
from hashing.importers.sheets import raw_rows
from hashing.name_cells import may_name_two, names_family, names_two
from hashing.name_facets import read_names
from hashing.normalise import phones, zip_code
from hashing.number_columns import is_plain_column, plain_phones, plain_ssns
from hashing.rows import ClientReader, is_unreliable
from hashing.schema import AgeBand, Consent, ServiceMonth
from hashing.sheet_cells import MOST_VALUES, CellColumns, ColumnMemory

ROWS_AT_ONCE = 8_192
_ROWS_OF_A_PAGE = 32_768
_RUINED = re.compile(r"\d(\.\d+)?[Ee]\+\d+|#{2,}")  # what a spreadsheet shows of a number in a narrow column
_LONG_NUMBERS = (Field.CLIENT_ID, Field.SSN, Field.PHONE)
_NO_SERVICES: Vocabulary[tuple[ServiceMonth, ...]] = Vocabulary([()])
_NO_CONSENT: Vocabulary[Consent | None] = Vocabulary([None])
_NO_AGE: Vocabulary[AgeBand | None] = Vocabulary([None])
_WHOLE_LINE = "\x00"  # no cell begins so
_number, _street, _own_unit, _own_zip, _says_no_home = map(attrgetter, ("number", "street", "unit", "zip", "no_home"))


@dataclass(slots=True)
class Tally:
    """What happened while a list was read."""

    rows: int = 0
    ruined: int = 0
    couples: int = 0
    families: int = 0
    unread_births: list[int] = field(default_factory=list)  # lines in the file


class ListReader:
    """Reads one client list from its first row to its last."""

    def __init__(self, reader: ClientReader, *, alone: bool = True) -> None:
        """*reader* knows how the list is written; it is *alone* where the agency has no other list."""
        self._reader = reader
        self._table: Table = reader.table
        rows, self._begin = reader.table.sheet.rows, reader.table.header + 1
        self._clean = raw_rows(rows, 0)[1]
        self._columns = max(1, *(len(row) for row in rows[: self._begin]))
        self._sheet = "" if alone else f"{reader.table.sheet.name}, "  # before lines that stand for a client number
        self._streets: Vocabulary[str] = Vocabulary()
        self._numbers: Vocabulary[str] = Vocabulary([""])
        self.tally = Tally()

    def batches(self, *, share: int = 0, of: int = 1) -> Iterator[ClientBatch]:
        """The clients of the list in its order, without rows that were marked as deleted.

        Of several that go through the same list, each reads its *share* *of* the rows, a few thousand at a time.
        """
        memory, passed = ColumnMemory(self._table, self._clean), 0
        if of == 1:
            pages = Pages(self._table.sheet.rows, self._begin, self._columns)
            for page in pages.of(_ROWS_OF_A_PAGE):
                yield from self._batches_of(CellColumns.of_page(self._begin + 1 + passed, page, memory))
                passed += len(page.widths)
            if pages.is_at_end:
                return
        uncleaned, _ = raw_rows(self._table.sheet.rows, self._begin + passed)
        for number in count():
            some = islice(uncleaned, ROWS_AT_ONCE)
            if number % of == share:
                rows = list(some)
                first = self._begin + 1 + passed + number * ROWS_AT_ONCE
                yield from self._batches_of(CellColumns.of(first, rows, memory))
                found = len(rows)
            else:
                found = sum(1 for _ in some)
            if found < ROWS_AT_ONCE:
                return

    def _batches_of(self, cells: CellColumns | None) -> Iterator[ClientBatch]:
        if cells:
            yield self._batch(cells)

    def _batch(self, cells: CellColumns) -> ClientBatch:
        self.tally.rows += len(cells)
        self.tally.ruined += sum(_count_ruined(column) for f in _LONG_NUMBERS for column in cells.raw(f))
        self._count_couples(cells)
        self.tally.families += int(np.count_nonzero(cells.column(Field.FULL_NAME).holds(names_family)))
        names = read_names(cells, self._reader)
        ssn, ssn4 = self._ssn(cells)
        number, street, unit, code = self._address(cells)
        batch = ClientBatch(
            client_id=self._client_ids(cells),
            line=cells.lines,
            given=names.given,
            middle=names.middle,
            family=names.family,
            suffix=names.suffix,
            birth=self._birth(cells),
            ssn=ssn,
            ssn4=ssn4,
            phones=self._phones(cells),
            number=number,
            street=street,
            unit=unit,
            zip=code,
            household=cells.column(Field.HOUSEHOLD_ID),
            services=Coded(_NO_SERVICES, np.zeros(len(cells), dtype=np.int32)),
            consent=Coded(_NO_CONSENT, np.zeros(len(cells), dtype=np.int32)),
            age=Coded(_NO_AGE, np.zeros(len(cells), dtype=np.int32)),
        )
        kept = ~cells.column(Field.DELETED).holds(self._reader.is_deletion)
        return batch if kept.all() else batch.take(np.flatnonzero(kept))

    def _client_ids(self, cells: CellColumns) -> NDArray[np.str_]:
        """Client numbers; the line in the file where there is none."""
        typed = cells.texts(Field.CLIENT_ID)
        if isinstance(typed, CellColumn) and typed.is_plain and typed.is_filled:
            return typed.letters().astype(TEXT)
        lines = cells.lines.tolist()
        return np.array(
            [text or f"{self._sheet}line {line}" for text, line in zip(typed, lines, strict=True)], dtype=TEXT
        )

    def _birth(self, cells: CellColumns) -> Coded:  # type: ignore[type-arg]
        texts = cells.column(Field.BIRTH_DATE)
        believed = ~cells.column(Field.BIRTH_DATE_QUALITY).holds(is_unreliable)
        births = texts.map(self._reader.birth)
        lacking = np.flatnonzero(believed & ~births.holds(bool))
        unread = lacking[_holds_among(texts.take(lacking), self._reader.is_unread_birth)]
        self.tally.unread_births += cells.lines[unread].tolist()
        return births.where(believed, None)

    def _ssn(self, cells: CellColumns) -> tuple[Numbers, Numbers]:
        texts, read = cells.texts(Field.SSN), self._reader.ssn
        found = plain_ssns(texts)
        if found is None:
            pairs = [read(text) if text else ("", "") for text in texts]
            found = numbers_of([whole for whole, _ in pairs]), numbers_of([four for _, four in pairs])
        whole, last_four = found
        believed = ~cells.column(Field.SSN_QUALITY).holds(is_unreliable)
        return np.where(believed, whole, -1), np.where(believed, last_four, -1)

    def _phones(self, cells: CellColumns) -> Numbers:
        columns = cells.each_column(Field.PHONE)
        if len(columns) == 1 and (plain := plain_phones(columns[0])) is not None:
            return np.pad(plain[:, None], ((0, 0), (0, MOST_PHONES - 1)), constant_values=-1)
        numbers = np.full((len(cells), MOST_PHONES), -1, dtype=np.int64)
        for row, texts in enumerate(zip(*columns, strict=True)):
            found = dict.fromkeys(number for text in texts if text for number in phones(text))
            for nth, number in zip(range(MOST_PHONES), found, strict=False):
                numbers[row, nth] = int(number)
        return numbers

    def _address(self, cells: CellColumns) -> tuple[Coded[str], Coded[str], Coded[str], Coded[str]]:
        """House number, street, unit and ZIP of each row, as :func:`hashing.addresses.parse_address` parses them."""
        heads, lines = self._split_lines(cells)
        units, zips = cells.column(Field.UNIT), cells.column(Field.ZIP)
        at_home = ~lines.holds(_says_no_home)
        told = cells.column(Field.ADDRESS).holds(bool) | cells.column(Field.HOUSE_NUMBER).holds(bool) | zips.holds(bool)
        number = _either(lines.map(_number), heads)
        typed = units.holds(_names_unit)
        unit = chosen(typed, units.map(_unit), lines.map(_own_unit)).where(at_home & told, "")
        code = _either(zips.map(_zip), lines.map(_own_zip))
        return number.where(at_home, ""), lines.map(_street).where(at_home, ""), unit, code

    def _split_lines(self, cells: CellColumns) -> tuple[Coded[str], Coded[AddressLine]]:
        """House numbers that stand by themselves, and what is parsed of each row behind them."""
        if not cells.has(Field.HOUSE_NUMBER):
            return self._split(cells.texts(Field.ADDRESS))
        houses, streets = cells.column(Field.HOUSE_NUMBER), cells.column(Field.ADDRESS)
        rows = np.flatnonzero(~(houses.holds(is_house_number) & streets.holds(bool)))
        typed = zip(houses.take(rows).cells(), streets.take(rows).cells(), strict=True)
        split = self._split([f"{house} {street}".strip() for house, street in typed])
        heads = with_rows(houses.map(_itself), rows, split[0].cells())
        return heads, with_rows(streets.map(behind_number), rows, split[1].cells())

    def _split(self, texts: Sequence[str]) -> tuple[Coded[str], Coded[AddressLine]]:
        if len(self._streets) > MOST_VALUES:
            self._streets = Vocabulary()
        pairs = [split_number(text) for text in texts]
        leads = [rest if head else _WHOLE_LINE + rest for head, rest in pairs]
        heads = Coded(self._numbers, self._numbers.numbered([head for head, _ in pairs]))
        return heads, Coded(self._streets, self._streets.numbered(leads)).map(_parsed)

    def _count_couples(self, cells: CellColumns) -> None:
        may = np.logical_or.reduce([cells.column(f).holds(may_name_two) for f in (Field.FULL_NAME, Field.FIRST)])
        self.tally.couples += sum(names_two(self._table, cells.names(row)) for row in np.flatnonzero(may).tolist())


def _count_ruined(column: Sequence[str]) -> int:
    if is_plain_column(column):
        return 0
    joined = "".join(column)
    return sum(bool(_RUINED.fullmatch(cell.strip())) for cell in column) if "+" in joined or "##" in joined else 0


def _parsed(text: str) -> AddressLine:
    """A street behind a plain house number, or a whole line, which is marked as one."""
    return parse_line(text[1:]) if text.startswith(_WHOLE_LINE) else behind_number(text)


def _either(first: Coded[str], second: Coded[str]) -> Coded[str]:
    """The cells of *first*, and where they are empty those of *second*."""
    return chosen(first.holds(bool), first, second)


def _holds_among(few: Coded[str], question: Callable[[str], bool]) -> NDArray[np.bool_]:
    """As :meth:`Coded.holds`, asking of the values of these rows alone, and forgetting what was answered."""
    used, places = np.unique(few.places, return_inverse=True)
    values = few.vocabulary.values
    answers: NDArray[np.bool_] = np.array([question(values[place]) for place in used.tolist()], dtype=np.bool_)[places]
    return answers


def _itself(text: str) -> str:
    return text


def _names_unit(text: str) -> bool:
    return bool(text) and unit_of_cell(text) is not None


def _unit(text: str) -> str:
    return unit_of_cell(text) or ""


def _zip(text: str) -> str:
    return zip_code(text) if text else ""
