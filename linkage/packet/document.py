"""What a packet says, as plain values: made of a release alone, and read by the page, the pictures and the workbook."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from linkage.cube.typed import Capacity, Demand, ProviderTotal, demand, with_totals
from linkage.disclosure import STARS, Released, SafeCell, SafeRow, SafeTable
from linkage.packet.words import is_period, named, number, period, range_of, short_period, spelled

_ID_LETTERS = 12
_BY_AREA = "people-by-area"
_FLOW = frozenset({"new", "continuing", "returning"})
_JOINT = " + "
_CLEARLY_MORE = 1.01


class Picture(StrEnum):
    """How a table is drawn."""

    BARS = "bars"  # one row, one bar, beside its numbers
    COLUMNS = "columns"  # periods, from left to right
    STACK = "stack"  # periods, each column in parts
    HEAT = "heat"  # rows by columns, darker where there are more
    SETS = "sets"  # exact combinations: dots for the agencies, bars for the people


@dataclass(frozen=True, slots=True)
class About:
    """What a packet is called, for whom it is made, and when. *titles* are what members of dimensions are called."""

    title: str
    town: str
    made: date
    titles: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Typed:
    """What people typed in beside the release: what areas can give, and victim service providers' own totals."""

    capacities: Sequence[Capacity] = ()
    totals: Sequence[ProviderTotal] = ()


NOTHING_TYPED = Typed()


def document(released: Released, about: About, typed: Typed = NOTHING_TYPED) -> dict[str, object]:
    """The packet as JSON values. Nothing in it comes from anywhere but the release, *about* and *typed*."""
    tables = with_totals(released, typed.totals).tables
    common = _common_notes(tables)
    return {
        "title": about.title,
        "town": about.town,
        "made": spelled(about.made),
        "period": period(released.period),
        "revision": released.revision,
        "release": release_id(released),
        "agencies": [_title(agency, about) for agency in released.agencies],
        "rule": released.rule.name,
        "suppression": suppression_note(released),
        "internal": released.rule.threshold <= 1,
        "tiles": _tiles(released),
        "notes": list(common),
        "tables": [_table(table, about, common) for table in tables],
        "demand": [_demand(each, about) for each in _demands(released, typed)],
    }


def _demands(released: Released, typed: Typed) -> tuple[Demand, ...]:
    """Areas' people beside what they can give, where that was typed in.

    Raises:
        CannotRelease: the release tells nothing of service areas.
    """
    return demand(released.table(_BY_AREA), typed.capacities) if typed.capacities else ()


def _demand(each: Demand, about: About) -> dict[str, object]:
    people = each.people.value
    return {
        "area": _title(each.area, about),
        "people": people,
        "people_text": number(each.people),
        "capacity": each.capacity,
        "capacity_text": f"{each.capacity:,} {each.unit}",
        "unit": each.unit,
        "funding": each.funding,
        "funding_text": f"${each.funding:,}",
        "share": f"{each.funding_share} %",
        "each": each.dollars_a_person,
        "each_text": STARS
        if people is None
        else "–"
        if each.dollars_a_person is None
        else f"${each.dollars_a_person:,}",
    }


def release_id(released: Released) -> str:
    """By what a release is known in print: the beginning of the SHA-256 of its text."""
    return hashlib.sha256(released.to_json()).hexdigest()[:_ID_LETTERS]


def suppression_note(released: Released) -> str:
    """The sentence that stands on each page."""
    rule = released.rule
    if rule.threshold <= 1:
        return "INTERNAL: nothing is withheld here. Do not hand it on."
    rounded = f" Other numbers are rounded to multiples of {rule.base}." if rule.base > 1 else ""
    return (
        f"{STARS} stands for a count from 1 to {rule.threshold - 1}, or for one that would give such a count away "
        f"(rule {rule.name}).{rounded}"
    )


def picture_of(table: SafeTable) -> Picture:
    """How a table is drawn, by its shape."""
    times = all(is_period(row.label) for row in table.rows) and len(table.rows) > 1
    if table.columns == ("",):
        if any(_JOINT in row.label for row in table.rows):
            return Picture.SETS
        return Picture.COLUMNS if times else Picture.BARS
    return Picture.STACK if times and _FLOW & set(table.columns) else Picture.HEAT


def sets_of(label: str) -> tuple[str, ...]:
    """The agencies of an exact combination; of a row such as "one agency only", none."""
    return tuple(label.split(_JOINT)) if _JOINT in label else ()


def _tiles(released: Released) -> list[dict[str, object]]:
    """The large numbers of the first page: one a unit, of the first table that counts it."""
    firsts = {table.unit: table for table in reversed(released.tables)}
    return [_tile(table) for table in released.tables if firsts[table.unit] is table]


def _tile(table: SafeTable) -> dict[str, object]:
    total = table.total.first
    return {
        "unit": table.unit,
        "number": number(total.people),
        "range": range_of(total),
        "of": table.total.label,
        "duplicated": number(table.duplicated),
        "factor": factor(table),
        "repeated": _repeats(table),
    }


def factor(table: SafeTable) -> str:
    """How often each is in a row, of shown numbers alone: 1.24 times; stars where one of them is withheld."""
    rows, total = table.duplicated.value, table.total.people.value
    return f"{rows / total:.2f}" if rows is not None and total else STARS


def _repeats(table: SafeTable) -> bool:
    """Whether it is known that the same ones are in several rows, by more than rounding does."""
    rows, total = table.duplicated.value, table.total.people.value
    return rows is not None and bool(total) and rows >= _CLEARLY_MORE * (total or 0)


def _common_notes(tables: Sequence[SafeTable]) -> tuple[str, ...]:
    """What is said beside every table is said once, on the first page."""
    first, *others = tables
    return tuple(note for note in first.notes if others and all(note in table.notes for table in others))


def _table(table: SafeTable, about: About, common: Sequence[str]) -> dict[str, object]:
    largest = max((_end(cell) for row in table.rows for cell in row.cells if cell is not None), default=0)
    picture = picture_of(table)
    return {
        "name": table.name,
        "title": table.title,
        "unit": table.unit,
        "picture": picture,
        "alt": _alt(table),
        "columns": [_title(column, about) for column in table.columns],
        "sets": [_title(each, about) for each in _sets(table)],
        "largest": largest,
        "rows": [_row(row, about) for row in table.rows],
        "total": {"label": table.total.label, **_cell(table.total.first)},
        "duplicated": number(table.duplicated),
        "factor": factor(table),
        "repeated": _repeats(table),
        "notes": [note for note in table.notes if note not in common],
    }


def _row(row: SafeRow, about: About) -> dict[str, object]:
    return {
        "label": _JOINT.join(_title(part, about) for part in row.label.split(_JOINT)),
        "short": short_period(row.label),
        "sets": [_title(each, about) for each in sets_of(row.label)],
        "cells": [None if cell is None else _cell(cell) for cell in row.cells],
    }


def _cell(cell: SafeCell) -> dict[str, object]:
    value = cell.people.value
    return {
        "text": number(cell.people),
        "range": range_of(cell),
        "value": value,
        "low": value if cell.low.value is None else cell.low.value,
        "high": value if cell.high.value is None else cell.high.value,
    }


def _end(cell: SafeCell) -> int:
    return max(cell.people.value or 0, cell.high.value or 0)


def _sets(table: SafeTable) -> list[str]:
    return sorted({each for row in table.rows for each in sets_of(row.label)})


def _alt(table: SafeTable) -> str:
    """A picture in words, for who cannot see it; the numbers stand in the table beside it."""
    size = f"{len(table.rows)} rows" + ("" if table.columns == ("",) else f" by {len(table.columns)} columns")
    return f"{table.title}, {size}; the unduplicated total is {table.total.people} {table.unit}."


def _title(member: str, about: About) -> str:
    return about.titles.get(member, named(member))
