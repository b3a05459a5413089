"""Names that are not one person's: two people in one cell, and names that the data quality calls partial."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from hashing.columns import Table, TableKind
from hashing.fields import Field
from hashing.importers.changed_rows import ChangedRows, Row
from hashing.names import given_names, part_name
from hashing.normalise import name_parts

# HUD data quality 2, by code or as a report words it: "Partial, street name, or code name reported".
_PARTIAL = re.compile(r"(?i)2(\.0)?|partial\b.*|.*\b(street|code) name\b.*")
_AND = re.compile(r"\s*[&+]\s*|\s+(?:and|y)\s+", re.IGNORECASE)
_SPANISH_AND = re.compile(r"\s+y\s+", re.IGNORECASE)
_TITLE = re.compile(r"(?i)^((mr|mrs|ms|miss|dr|sr|sra|rev)\b\.?\s*)+")
_KIN = re.compile(
    r"(?i)^(\d+\b|(the |her |his |their )?(family|kids?|child(ren)?|bab(y|ies)|son|sons|daughters?|infant)\b)"
)
_TELLING = frozenset(Field) - {
    Field.CLIENT_ID, Field.HOUSEHOLD_ID, Field.NAME_QUALITY, Field.DELETED, Field.SERVICE, Field.SERVICE_DATE,
    Field.UNITS, Field.HOLD,
}  # fmt: skip


def settle_names(tables: Sequence[Table]) -> tuple[list[Table], list[str]]:
    """The same tables with one person in each row, and notes on who is not read.

    The first of two people in a cell is the client. The second is left out: the birth date, the number and the
    services beside them are one person's, and a client number that stood for two would lose them for both.
    """
    settled, couples = [], 0
    for table in tables:
        changed, two = _changed_rows(table) if table.kind is TableKind.CLIENTS else ({}, 0)
        couples += two
        settled.append(_with_rows(table, changed) if changed else table)
    note = f"{couples:,} cells hold the names of two people: the first is the client, the second is not counted"
    return settled, [note] if couples else []


def _changed_rows(table: Table) -> tuple[dict[int, Row], int]:
    """The rows that must be read otherwise, by their places, and how many of them hold two people."""
    changed, couples = {}, 0
    for line, cells in table.lines():
        if _is_partial(table, cells):
            changed[line - 1] = _blanked(table, cells)
            continue
        single = _first_person(table, cells)
        couples += single is not cells
        settled = _with_first_aliases(table, single)
        if settled is not cells:
            changed[line - 1] = settled
    return changed, couples


def _with_first_aliases(table: Table, cells: Row) -> Row:
    """ "Liz Brown" as another name: its first name alone, since the column stands for first names."""
    places = [place for place in table.columns.get(Field.ALIAS, ()) if place < len(cells) and " " in cells[place]]
    found = {place: words[0] for place in places if _is_whole_name(words := cells[place].split())}
    return [found.get(place, cell) for place, cell in enumerate(cells)] if found else cells


def _is_whole_name(words: Sequence[str]) -> bool:
    return len(words) > 1 and _is_given(words[:1]) and not _is_given(words[-1:])


def _with_rows(table: Table, changed: dict[int, Row]) -> Table:
    rows = ChangedRows(table.sheet.rows, lambda place, row: changed.get(place, row))
    return replace(table, sheet=replace(table.sheet, rows=rows))


def _is_partial(table: Table, cells: Row) -> bool:
    return bool(_PARTIAL.fullmatch(table.value(cells, Field.NAME_QUALITY)))


def _blanked(table: Table, cells: Row) -> Row:
    """A row without all that tells who it is: it counts, and cannot be matched."""
    telling = {place for field, places in table.columns.items() if field in _TELLING for place in places}
    return ["" if place in telling else cell for place, cell in enumerate(cells)]


def _first_person(table: Table, cells: Row) -> Row:
    names = (place for field in (Field.FULL_NAME, Field.FIRST) for place in table.columns.get(field, ()))
    if not any(place < len(cells) and _AND.search(cells[place]) for place in names):
        return cells
    wholes, firsts, lasts = (table.columns.get(f, ()) for f in (Field.FULL_NAME, Field.FIRST, Field.LAST))
    found = {place: first_of_two(cells[place]) for place in wholes if place < len(cells)}
    found |= {place: _first_given(cells[place]) for place in firsts if place < len(cells)}
    if any(found[place] != cells[place] for place in firsts if place in found):
        found |= {place: _AND.split(cells[place])[0] for place in lasts if place < len(cells)}
    if all(found[place] == cells[place] for place in found):
        return cells
    return [found.get(place, cell) for place, cell in enumerate(cells)]


def _first_given(cell: str) -> str:
    left, *right = _AND.split(cell, maxsplit=1)
    return left if left and right and right[0] and not _is_middle(left, right[0]) else cell


def _is_middle(left: str, right: str) -> bool:
    """Whether "and" is no conjunction here: one letter on a side is an initial ("J & M" says nothing)."""
    return len(left) < 2 and len(right) < 2


def first_of_two(cell: str) -> str:
    """A whole name -> the first person of two in it: "John & Mary Smith" -> "John Smith"; others stay as they are."""
    left, *rest = _AND.split(cell, maxsplit=1)
    if not left or not rest or not rest[0] or (_is_y(cell) and not _may_be_two(left, rest[0])):
        return cell
    if _KIN.match(rest[0]):
        return left
    first = _TITLE.sub("", left.split(",")[0] if _is_list(left, rest[0]) else left).strip()
    if not first:
        return _TITLE.sub("", rest[0]).strip()  # "Mr. & Mrs. John Smith"
    return f"{first} {_surname(rest[0])}".strip() if _lacks_surname(first, rest[0]) else first


def _is_list(left: str, right: str) -> bool:
    """Whether the comma parts people: "John, Mary & Bob Smith"."""
    words = right.split()
    is_whole = "," not in right and len(words) > 1 and not _is_given(words[-1:])
    return "," in left and is_whole and _is_given(left.split(",")[0].split()[:1])


def _is_y(cell: str) -> bool:
    found = _AND.search(cell)
    return bool(found and _SPANISH_AND.fullmatch(found[0]))


def _may_be_two(left: str, right: str) -> bool:
    """ "Juan y María López" are two; Ortega y Gasset is one surname."""
    return _is_given(left.split(",")[-1].split()[-1:]) and _is_given(right.split()[:1])


def _lacks_surname(left: str, right: str) -> bool:
    """Whether the surname stands behind the second name only: "John & Mary Smith", "John A. and Mary Smith"."""
    if "," in left or "," in right or len(_TITLE.sub("", right).split()) < 2:
        return False
    first, *others = left.split()
    return bool(first) and all(len(word.strip(".")) == 1 or _is_given([word]) for word in others)


def _surname(right: str) -> str:
    return part_name(_TITLE.sub("", right), last_first=False).last


def _is_given(words: Sequence[str]) -> bool:
    return any("".join(name_parts(word)) in given_names() for word in words)
