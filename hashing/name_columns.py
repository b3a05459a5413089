"""One header "Name" over two columns, the first names in one and the last names in the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hashing.fields import Field
from hashing.given_names import given_names
from hashing.headers import Header
from hashing.importers.sheets import Sheet
from hashing.normalise import name_parts

LOOK_AT = 200  # rows; a column of names shows itself soon
_MOST = 0.8
Columns = dict[Field, tuple[int, ...]]


def with_parted_names(sheet: Sheet, header: Header, columns: Columns) -> Columns:
    """The columns, where a name stands in two cells under one header: in two columns of first and last names."""
    places = columns.get(Field.FULL_NAME, ())
    if not places or {Field.FIRST, Field.LAST} & columns.keys():
        return columns
    left, right = places[0], places[0] + 1
    known = {place for places in columns.values() for place in places} - {right}
    if right >= len(header.cells) or right in known or header.cells[right] not in {"", header.cells[left]}:
        return columns
    rows = sheet.rows[header.place + 1 : header.place + 1 + LOOK_AT]
    pairs = [(row[left], row[right]) for row in rows if len(row) > right and row[left] and row[right]]
    if len(pairs) * 2 <= sum(1 for row in rows if any(row)) or not _are_single_names(pairs):
        return columns
    first, last = (left, right) if _given(p[0] for p in pairs) >= _given(p[1] for p in pairs) else (right, left)
    parted: Columns = {field: found for field, found in columns.items() if field is not Field.FULL_NAME}
    parted |= {Field.FIRST: (first,), Field.LAST: (last,)}
    return parted


def _are_single_names(pairs: Sequence[tuple[str, str]]) -> bool:
    """Whether nearly all cells hold names, and most of the left ones a single word: no whole name, no "F" behind it."""
    names = sum(_is_name(left) and _is_name(right) for left, right in pairs)
    single = sum(len(left.split()) == 1 for left, _ in pairs)
    return names > _MOST * len(pairs) and single * 2 > len(pairs)


def _is_name(cell: str) -> bool:
    return len(cell) > 1 and bool(name_parts(cell)) and "," not in cell and not any(map(str.isdigit, cell))


def _given(cells: Iterable[str]) -> int:
    known = given_names()
    return sum(bool(parts) and parts[0] in known for parts in map(name_parts, cells))
