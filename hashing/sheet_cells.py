"""The cells of many rows of a table at once, by field."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import zip_longest

import numpy as np
from numpy.typing import NDArray

from hashing.cell_pages import CellColumn, CellNumbers, Page, PageRows
from hashing.coded import Coded, Vocabulary, chosen
from hashing.columns import Table, said_in, tells_something
from hashing.fields import Field
from hashing.number_columns import is_plain_column

MOST_VALUES = 200_000  # of a column are remembered between chunks of rows
NAMING = (
    Field.FIRST, Field.MIDDLE, Field.LAST, Field.SUFFIX, Field.FULL_NAME, Field.ALIAS, Field.FORMER_LAST,
    Field.SECOND_LAST, Field.NAME_QUALITY,
)  # fmt: skip
Clean = Callable[[str], str]
Columns = Sequence[Sequence[str]]


class ColumnMemory:
    """The values of a table's columns that were seen so far, in rows read before."""

    def __init__(self, table: Table, clean: Clean) -> None:
        """*clean* is what a raw cell has to go through before it is read."""
        self.table = table
        self.clean = clean
        self._cells: dict[Field, Vocabulary[str]] = {}
        self._numbers: dict[Field, CellNumbers] = {}
        self._said = {field: partial(_said, clean, field) for field in Field}

    def said(self, field: Field, cells: Sequence[str]) -> Coded[str]:
        """What raw cells of a field say."""
        if isinstance(cells, CellColumn):
            return self._numbered(field, cells).map(self._said[field])
        known = self._cells.get(field)
        if known is None or len(known) > MOST_VALUES:
            known = self._cells[field] = Vocabulary()
        return Coded(known, known.numbered(cells)).map(self._said[field])

    def _numbered(self, field: Field, cells: CellColumn) -> Coded[str]:
        known = self._numbers.get(field)
        if known is None or len(known.vocabulary) > MOST_VALUES:
            known = self._numbers[field] = CellNumbers()
        return Coded(known.vocabulary, known.numbered(cells))

    def one_said(self, field: Field, cell: str) -> str:
        """What a raw cell of a field says."""
        return self._said[field](cell)


def _said(clean: Clean, field: Field, cell: str) -> str:
    return said_in(clean(cell), field) if cell else ""


def _begins_every_row(first: Sequence[str], header: str) -> bool:
    """Whether a column's cells are such as most lists begin their rows with, and no total does."""
    is_filled = first.is_filled if isinstance(first, CellColumn) else all(first)
    return is_filled and is_plain_column(first) and header not in first


def _by_column(rows: Sequence[list[str]]) -> Columns:
    return list(zip_longest(*rows, fillvalue=""))


def _is_plain(cell: str) -> bool:
    """Whether a cell says just what stands in it: ASCII letters and digits, or digits at both ends and no point."""
    if not cell.isascii():
        return False
    return (cell.isalnum() and not cell.isalpha()) or (cell[:1].isdigit() and cell[-1:].isdigit() and "." not in cell)


class CellColumns:
    """Rows that tell of something, and where they stand."""

    def __init__(
        self, lines: NDArray[np.int64], rows: Sequence[Sequence[str]], memory: ColumnMemory, columns: Columns
    ) -> None:
        """*rows* are raw cells, *columns* the same by column; *lines* are the rows' numbers in the file."""
        self.lines = lines
        self._rows = rows
        self._memory = memory
        self._columns = columns
        self._known: dict[Field, Coded[str]] = {}

    @classmethod
    def of(cls, first_line: int, rows: Sequence[list[str]], memory: ColumnMemory) -> CellColumns | None:
        """Those of some rows that tell of something; None where none does."""
        lines, columns = np.arange(first_line, first_line + len(rows)), _by_column(rows)
        header = memory.table.sheet.rows[memory.table.header]
        if columns and _begins_every_row(columns[0], header[0]):
            return cls(lines, rows, memory, columns)
        told = [
            place for place, row in enumerate(rows) if tells_something([memory.clean(cell) for cell in row], header)
        ]
        kept = [rows[place] for place in told]
        return cls(lines[told], kept, memory, _by_column(kept)) if kept else None

    @classmethod
    def of_page(cls, first_line: int, page: Page, memory: ColumnMemory) -> CellColumns | None:
        """Those of a page that tell of something; None where none does."""
        columns = page.columns()
        rows, header = PageRows(page, columns), memory.table.sheet.rows[memory.table.header]
        if _begins_every_row(columns[0], header[0]):
            return cls(np.arange(first_line, first_line + len(rows)), rows, memory, columns)
        return cls.of(first_line, rows, memory)

    def __len__(self) -> int:
        return len(self._rows)

    def has(self, field: Field) -> bool:
        """Whether the table has a column of a field."""
        return bool(self.raw(field))

    def line(self, row: int) -> int:
        """The line number of a row."""
        return int(self.lines[row])

    def cleaned(self, row: int) -> list[str]:
        """The cells of one row, as a person would read them."""
        return [self._memory.clean(cell) for cell in self._rows[row]]

    def names(self, row: int) -> list[str]:
        """The same, with nothing in columns that hold no part of a name."""
        columns = self._memory.table.columns
        places = [place for field in NAMING for place in columns.get(field, ()) if place < len(self._columns)]
        cells = [""] * (1 + max(places, default=-1))
        for place in places:
            cells[place] = self._memory.clean(self._columns[place][row])
        return cells

    def raw(self, field: Field) -> list[Sequence[str]]:
        """The raw cells of each column of a field, the best column first."""
        places = self._memory.table.columns.get(field, ())
        return [self._columns[place] for place in places if place < len(self._columns)]

    def texts(self, field: Field) -> Sequence[str]:
        """What each row says of a field of which hardly two rows say the same: its first cell that says something."""
        columns = self.each_column(field)
        if not columns:
            return [""] * len(self)
        return (
            columns[0] if len(columns) == 1 else [next(filter(None, cells), "") for cells in zip(*columns, strict=True)]
        )

    def each_column(self, field: Field) -> list[Sequence[str]]:
        """What each column of a field says, row by row."""
        return [self._each(field, column) for column in self.raw(field)]

    def _each(self, field: Field, cells: Sequence[str]) -> Sequence[str]:
        if is_plain_column(cells):
            return cells
        said = partial(self._memory.one_said, field)
        return [cell if not cell or _is_plain(cell) else said(cell) for cell in cells]

    def column(self, field: Field) -> Coded[str]:
        """What each row says of a field: its first cell that says something, or ""."""
        if field not in self._known:
            self._known[field] = self._column(field)
        return self._known[field]

    def _column(self, field: Field) -> Coded[str]:
        columns = [self._memory.said(field, cells) for cells in self.raw(field)]
        if not columns:
            return Coded.constant("", len(self))
        first, *others = columns
        for other in others:
            first = chosen(first.holds(bool), first, other)
        return first
