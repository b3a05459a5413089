"""Names of many rows at once: each cell is read once, and only rows whose cells bear on each other row by row."""

from __future__ import annotations

from operator import attrgetter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hashing.batch import Family, Given
from hashing.clients import Client
from hashing.coded import Coded, chosen, with_rows
from hashing.fields import Field
from hashing.korean import family_names
from hashing.name_cells import may_name_two, one_person
from hashing.name_words import SURNAMES_ALSO_VIETNAMESE, VIETNAMESE_SURNAMES
from hashing.names import part_cells
from hashing.normalise import name_parts, suffix
from hashing.rows import ClientReader
from hashing.sheet_cells import CellColumns

_JOINT = (Field.FULL_NAME, Field.ALIAS, Field.FORMER_LAST, Field.SECOND_LAST)  # mean something beside the others
_REPORTED = frozenset({"", "1", "2"})  # of HUD's name data quality: in full, in part


_given, _family, _suffix_of, _is_plain = map(attrgetter, ("given", "family", "suffix", "is_plain"))


class NameColumns(NamedTuple):
    """The names of rows, a column a facet."""

    given: Coded[Given]
    middle: Coded[tuple[str, ...]]
    family: Coded[Family]
    suffix: Coded[str]


class _FirstCell(NamedTuple):
    given: Given
    is_plain: bool


class _LastCell(NamedTuple):
    family: Family
    suffix: str
    is_plain: bool


def read_names(cells: CellColumns, reader: ClientReader) -> NameColumns:
    """The names in rows, exactly as :meth:`ClientReader.named` reads each."""
    firsts = cells.column(Field.FIRST).map(_first_cell)
    lasts = cells.column(Field.LAST).map(_last_cell)
    middles, endings = cells.column(Field.MIDDLE), cells.column(Field.SUFFIX)
    columns = NameColumns(firsts.map(_given), middles.map(name_parts), lasts.map(_family), _suffixes(endings, lasts))
    plain = firsts.holds(_is_plain) & lasts.holds(_is_plain) & ~middles.holds(_is_suffix)
    plain &= cells.column(Field.NAME_QUALITY).holds(_REPORTED.__contains__)
    for field in _JOINT:
        plain &= ~cells.column(field).holds(bool)
    return _with_rows(columns, np.flatnonzero(~plain), cells, reader)


def _suffixes(endings: Coded[str], lasts: Coded[_LastCell]) -> Coded[str]:
    return chosen(endings.holds(bool), endings.map(suffix), lasts.map(_suffix_of))


def _with_rows(columns: NameColumns, rows: NDArray[np.intp], cells: CellColumns, reader: ClientReader) -> NameColumns:
    """The columns with some rows read by themselves."""
    clients = [_named(cells.line(row), cells.names(row), reader) for row in rows.tolist()]
    return NameColumns(
        with_rows(columns.given, rows, [Given(c.first, c.other_firsts) for c in clients]),
        with_rows(columns.middle, rows, [c.middle for c in clients]),
        with_rows(columns.family, rows, [Family(c.last, c.former_lasts) for c in clients]),
        with_rows(columns.suffix, rows, [c.suffix for c in clients]),
    )


def _named(line: int, cells: list[str], reader: ClientReader) -> Client:
    return reader.named(line, one_person(reader.table, cells))


def _first_cell(cell: str) -> _FirstCell:
    if cell.isascii() and cell.isalpha():  # one word: nothing stands beside the name
        first = name_parts(cell)
        return _FirstCell(Given(first), not _may_lead_a_family(first))
    return _first_cell_in_full(cell)


def _first_cell_in_full(cell: str) -> _FirstCell:
    name = part_cells(cell, "", "", "")
    first = name_parts(name.first)
    is_plain = not (name.suffix or may_name_two(cell) or _may_lead_a_family(first))
    return _FirstCell(Given(first, _one_or_none(name_parts(name.other_first))), is_plain)


def _last_cell(cell: str) -> _LastCell:
    if cell.isascii() and cell.isalpha():
        last = name_parts(cell)
        return _LastCell(Family(last), "", not (_may_be_family_first(last) or cell.lower() == "doe"))
    return _last_cell_in_full(cell)


def _last_cell_in_full(cell: str) -> _LastCell:
    name = part_cells("", "", cell, "")
    last = name_parts(name.last)
    is_plain = not (may_name_two(cell) or _may_be_family_first(last) or name.last.lower() == "doe")
    return _LastCell(Family(last, _one_or_none(name_parts(name.former_last))), suffix(name.suffix), is_plain)


def _one_or_none(parts: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    return (parts,) if parts else ()


def _may_lead_a_family(first: tuple[str, ...]) -> bool:
    """Whether :func:`hashing.family_first.settled` may look at a given name."""
    return bool(first) and (first[0] in VIETNAMESE_SURNAMES or first[0] in family_names())


def _may_be_family_first(last: tuple[str, ...]) -> bool:
    """Whether :func:`hashing.family_first.settled` may look at a surname."""
    return bool(last) and (
        last[-1] in VIETNAMESE_SURNAMES or last[-1] in SURNAMES_ALSO_VIETNAMESE or last[0] in family_names()
    )


def _is_suffix(cell: str) -> bool:
    return bool(suffix(cell))
