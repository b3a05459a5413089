"""Disclosure control: the one door through which a number about people leaves.

``SafeCount`` and ``SafeTable`` are made here and nowhere else (a test holds this). The named rule ``cms11``
withholds every count from 1 to 10 (CMS cell size suppression policy, as published by ResDAC) and whatever one could be
worked out from, over all tables of a release and over earlier releases together: docs/reference/disclosure.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec

from linkage.cells import CellKey, Constraint, TrueCell, TrueRelease, TrueTable
from linkage.errors import CannotRelease, LedgerError
from linkage.published import Before, Number, Published
from linkage.rule import CMS11, INTERNAL, Rule
from linkage.scopes import between, bound_to, keys_of, place, place_all

__all__ = ["CMS11", "INTERNAL", "Rule"]
STARS = "***"
_FORMAT = "headcount-release/1"


@dataclass(frozen=True, slots=True)
class SafeCount:
    """A count that may be shown: a number, or withheld (None)."""

    value: int | None

    @classmethod
    def of(cls, count: int, rule: Rule) -> SafeCount:
        """A count that stands in no table, such as one of records: withheld if small, else rounded."""
        return cls(None) if rule.hides(count) else cls(rule.rounded(count))

    def __str__(self) -> str:
        return STARS if self.value is None else f"{self.value:,}"


WITHHELD = SafeCount(None)


@dataclass(frozen=True, slots=True)
class SafeCell:
    """A cell that may be shown. Where the count is withheld, so is its range."""

    people: SafeCount
    low: SafeCount
    high: SafeCount


@dataclass(frozen=True, slots=True)
class SafeRow:
    """A row that may be shown: a cell a column, None where there can be nobody."""

    label: str
    cells: tuple[SafeCell | None, ...]

    @property
    def first(self) -> SafeCell:
        """The only cell of a row of a one-way table."""
        cell = self.cells[0]
        return SafeCell(WITHHELD, WITHHELD, WITHHELD) if cell is None else cell

    @property
    def people(self) -> SafeCount:
        """The count of a one-way table's row."""
        return self.first.people

    @property
    def low(self) -> SafeCount:
        """The low end of its range."""
        return self.first.low

    @property
    def high(self) -> SafeCount:
        """The high end of its range."""
        return self.first.high


@dataclass(frozen=True, slots=True)
class SafeTable:
    """A table that may be shown; a one-way table has the single column ``""``.

    *total* is the unduplicated count over all; *duplicated* the plain sum of a one-way table's shown numbers, and
    withheld where one of them is.
    """

    name: str
    title: str
    unit: str
    columns: tuple[str, ...]
    rows: tuple[SafeRow, ...]
    total: SafeRow
    duplicated: SafeCount
    notes: tuple[str, ...]
    rule: Rule

    def to_json(self) -> dict[str, object]:
        """As plain JSON values; a withheld count is null."""
        one_way = self.columns == ("",)
        return {
            "title": self.title,
            "unit": self.unit,
            "rule": self.rule.name,
            **({} if one_way else {"columns": list(self.columns)}),
            "rows": [_row_json(row, one_way=one_way) for row in self.rows],
            "total": _row_json(self.total, one_way=True),
            "duplicated": self.duplicated.value,
            "notes": list(self.notes),
        }


def _row_json(row: SafeRow, *, one_way: bool) -> dict[str, object]:
    if one_way:
        return {"label": row.label, **_cell_json(row.first)}
    return {"label": row.label, "cells": [None if cell is None else _cell_json(cell) for cell in row.cells]}


def _cell_json(cell: SafeCell) -> dict[str, object]:
    return {"people": cell.people.value, "low": cell.low.value, "high": cell.high.value}


def noted(table: SafeTable, notes: Sequence[str]) -> SafeTable:
    """The table with further notes, made of released numbers alone."""
    return replace(table, notes=(*table.notes, *notes))


def percentage(part: SafeCount, whole: SafeCount) -> SafeCount:
    """Of a hundred of the whole, how many are in the part: from released numbers alone, withheld with either."""
    if part.value is None or not whole.value:
        return WITHHELD
    return SafeCount(round(100 * part.value / whole.value))


@dataclass(frozen=True, slots=True)
class Released:
    """A release: its tables, and what a later one has to know of it. Nothing in it is withheld from anybody.

    *published* and *bindings* are over keys that know their period and their agencies.
    """

    format: str
    period: str
    agencies: tuple[str, ...]
    revision: int
    rule: Rule
    tables: tuple[SafeTable, ...]
    published: tuple[Published, ...]
    bindings: tuple[Constraint, ...]

    def table(self, name: str) -> SafeTable:
        """A table by its name.

        Raises:
            CannotRelease: it is not part of the release.
        """
        for table in self.tables:
            if table.name == name:
                return table
        raise CannotRelease(f"the release has no table {name}", hint="Ask for one of its tables.")

    def to_json(self) -> bytes:
        """The release as JSON, for a ledger."""
        return msgspec.json.encode(self)

    @classmethod
    def from_json(cls, text: bytes) -> Released:
        """Read what `to_json` wrote, and nothing else.

        Raises:
            LedgerError: it is not the text of a release, to the letter.
        """
        hint = "Restore the ledger from a backup; nothing is released meanwhile."
        try:
            found = msgspec.json.decode(text, type=cls)
        except msgspec.MsgspecError as error:
            raise LedgerError("a kept release cannot be read", hint=hint) from error
        if found.format != _FORMAT or found.to_json() != text:
            raise LedgerError("a kept release has been altered, or is of another version", hint=hint)
        return found


def release(
    true: TrueRelease, rule: Rule, *, agencies: Sequence[str] = (), earlier: Sequence[Released] = ()
) -> Released:
    """Protect all tables of a release together, beside everything that was released *earlier*.

    *agencies* are those that the release counts.

    Raises:
        CannotRelease: tables and constraints contradict each other, or a number that has to be withheld would follow.
    """
    from linkage.protection import decide  # loads the solver, which whoever only shows tables does without

    every_cell = {cell: place(cell.key, true.period, agencies) for cell in _cells(true.tables)}
    cells = {key: cell for cell, key in every_cell.items()}  # the year of a year's release is everybody of it
    same, revised = _split(earlier, cells)
    bindings = place_all(true.constraints, true.period, agencies)
    known = [*bindings, *(each for old in same for each in old.bindings)]
    before = Before(_latest(same), {key: old for key, old in _latest(revised).items() if key in cells})
    every = [*known, *between([*cells, *before.same, *keys_of(known)])]
    near = bound_to(cells, every)  # what nothing binds to these cells was decided when it was released
    told = decide(cells, near, _among(rule, agencies), before.among({*cells, *keys_of(near)}))
    published = tuple(told[key] for key in sorted(cells))
    placed = {cell.key: told[key] for cell, key in every_cell.items()}
    tables = tuple(_safe_table(table, placed, rule) for table in true.tables)
    revision = sum((old.period, old.agencies) == (true.period, tuple(sorted(agencies))) for old in revised) + 1
    members = tuple(sorted(agencies))
    return Released(_FORMAT, true.period, members, revision, rule, tables, published, tuple(bindings))


def _among(rule: Rule, agencies: Sequence[str]) -> Rule:
    """Every number of a release of one agency is explicitly about that agency."""
    return replace(rule, agencies=1) if len(agencies) == 1 else rule


def _cells(tables: Iterable[TrueTable]) -> list[TrueCell]:
    """Every cell once.

    Raises:
        CannotRelease: two tables count the same set differently.
    """
    found: dict[CellKey, TrueCell] = {}
    for table in tables:
        for cell in [*(cell for row in table.cells for cell in row if cell is not None), table.total]:
            if found.setdefault(cell.key, cell) != cell:
                raise CannotRelease(
                    f"table {table.name} counts a set otherwise than another", hint="Please report this."
                )
    return [found[key] for key in sorted(found)]


def _split(earlier: Sequence[Released], cells: Mapping[CellKey, TrueCell]) -> tuple[list[Released], list[Released]]:
    """Releases that these cells agree with, and those that the data has changed since."""
    agrees = [all(_agrees(old, cells.get(old.key)) for old in each.published) for each in earlier]
    return (
        [each for each, agreed in zip(earlier, agrees, strict=True) if agreed],
        [each for each, agreed in zip(earlier, agrees, strict=True) if not agreed],
    )


def _agrees(old: Published, cell: TrueCell | None) -> bool:
    if cell is None:
        return True
    ends = ((old.count, cell.count), (old.low, cell.low), (old.high, cell.high))
    return all(number is None or number.least <= count <= number.most for number, count in ends)


def _latest(releases: Iterable[Released]) -> dict[CellKey, Published]:
    return {each.key: each for old in releases for each in old.published}


def _safe_table(table: TrueTable, told: Mapping[CellKey, Published], rule: Rule) -> SafeTable:
    rows = tuple(
        SafeRow(label, tuple(None if cell is None else _safe_cell(told[cell.key]) for cell in cells))
        for label, cells in zip(table.rows, table.cells, strict=True)
    )
    total = SafeRow(table.total_label, (_safe_cell(told[table.total.key]),))
    here = [told[cell.key] for cells in table.cells for cell in cells if cell is not None]
    notes = (*table.notes, *_notes([*here, told[table.total.key]], rule))
    return SafeTable(
        table.name, table.title, table.unit, table.columns, rows, total, _duplicated(table, rows), notes, rule
    )


def _safe_cell(told: Published) -> SafeCell:
    """Groupings need not be nested, so the range is from the least to the most of the three shown numbers."""
    if told.count is None or told.low is None or told.high is None:
        return SafeCell(_safe_number(told.count), WITHHELD, WITHHELD)
    shown = sorted(number.shown for number in (told.count, told.low, told.high))
    return SafeCell(_safe_number(told.count), SafeCount(shown[0]), SafeCount(shown[-1]))


def _safe_number(number: Number | None) -> SafeCount:
    return WITHHELD if number is None else SafeCount(number.shown)


def _duplicated(table: TrueTable, rows: Sequence[SafeRow]) -> SafeCount:
    values = [row.people.value for row in rows if table.columns == ("",)]
    shown = [value for value in values if value is not None]
    return SafeCount(sum(shown)) if table.columns == ("",) and len(shown) == len(values) else WITHHELD


def _notes(told: Sequence[Published], rule: Rule) -> list[str]:
    notes = []
    if any(each.count is None for each in told):
        notes.append(
            f"{STARS} stands for a count from 1 to {rule.threshold - 1}, or for one that would give such a count away."
        )
    if rule.base > 1:
        notes.append(f"Numbers are rounded to multiples of {rule.base}.")
    if any(each.held for each in told):
        notes.append(f"A number that late data changed by fewer than {rule.threshold} or so stays as it was released.")
    return notes
