"""Numbers that people type in: totals of victim service providers, and what each service area can give.

A victim service provider may tell totals only (34 USC 12291(b)(2)), so nobody of theirs is linked: the people of both
together are at least the larger of the two numbers and at most their sum.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from linkage.disclosure import Released, SafeCount, SafeTable, noted
from linkage.errors import RequestRefused
from linkage.periods import Period
from linkage.rule import Rule

_LARGEST = 1 << 20  # bytes
_UNITS = ("people", "households")


@dataclass(frozen=True, slots=True)
class ProviderTotal:
    """How many people or households a victim service provider served in a period, by its own count."""

    agency: str
    period: str
    unit: str
    count: int


@dataclass(frozen=True, slots=True)
class Capacity:
    """What a service area could give in a period, in its own unit, and the dollars that it is funded with."""

    area: str
    capacity: int
    unit: str
    funding: int


def read_totals(path: Path) -> tuple[ProviderTotal, ...]:
    """A CSV with the columns agency,period,unit,count.

    Raises:
        RequestRefused: it cannot be read, with the row and the remedy.
    """
    hint = "Columns: agency,period,unit,count; unit is people or households, period such as 2026-Q1."
    found = []
    for number, (agency, period, unit, count) in _rows(path, ("agency", "period", "unit", "count"), hint):
        if unit not in _UNITS or not count.isdecimal() or Period.of(period).name:
            raise RequestRefused(f"{path.name}, row {number}: not a provider's total", hint=hint)
        found.append(ProviderTotal(agency, period, unit, int(count)))
    return tuple(found)


def read_capacity(path: Path) -> tuple[Capacity, ...]:
    """A CSV with the columns area,capacity,unit,funding.

    Raises:
        RequestRefused: it cannot be read, with the row and the remedy.
    """
    hint = "Columns: area,capacity,unit,funding; capacity and funding are whole numbers, funding in dollars."
    found = []
    for number, (area, capacity, unit, funding) in _rows(path, ("area", "capacity", "unit", "funding"), hint):
        if not capacity.isdecimal() or not funding.isdecimal():
            raise RequestRefused(f"{path.name}, row {number}: not a capacity and dollars", hint=hint)
        found.append(Capacity(area, int(capacity), unit, int(funding)))
    return tuple(found)


def _rows(path: Path, columns: Sequence[str], hint: str) -> list[tuple[int, list[str]]]:
    try:
        rows = list(csv.reader(path.read_bytes()[:_LARGEST].decode("utf-8-sig").splitlines(), strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise RequestRefused(f"{path.name}: cannot be read as CSV in UTF-8", hint=hint) from error
    if not rows or rows[0] != list(columns):
        raise RequestRefused(f"{path.name}, row 1: not the columns {','.join(columns)}", hint=hint)
    found = [(number, [cell.strip() for cell in row]) for number, row in enumerate(rows[1:], start=2) if row]
    for number, row in found:
        if len(row) != len(columns) or not all(row):
            raise RequestRefused(f"{path.name}, row {number}: not {len(columns)} filled cells", hint=hint)
    return found


def with_totals(released: Released, totals: Sequence[ProviderTotal]) -> Released:
    """The release with what providers' totals of the same period add to each table's own, as a note."""
    period = Period.of(released.period)
    here = [each for each in totals if Period.of(each.period) == period]
    return replace(released, tables=tuple(_with_totals(table, here) for table in released.tables))


def _with_totals(table: SafeTable, totals: Sequence[ProviderTotal]) -> SafeTable:
    found = [each for each in totals if each.unit == table.unit]
    return noted(table, [_together(table, found)]) if found else table


def _together(table: SafeTable, totals: Sequence[ProviderTotal]) -> str:
    who = ", ".join(f"{each.agency} ({_safe(each.count, table.rule)})" for each in totals)
    least, most = between(table, totals)
    start = f"Victim service providers told totals of {table.unit} only: {who}."
    if most.value is None:
        return f"{start} With them there are at least {least} {table.unit}."
    return f"{start} With them there are between {least} and {most} {table.unit}."


def between(table: SafeTable, totals: Sequence[ProviderTotal]) -> tuple[SafeCount, SafeCount]:
    """At least the larger, at most the sum: of shown numbers alone, withheld where one of them is."""
    shown = [_safe(each.count, table.rule) for each in totals]
    numbers = [table.total.people.value, *(each.value for each in shown)]
    known = [number for number in numbers if number is not None]
    most = SafeCount(sum(known)) if len(known) == len(numbers) else SafeCount(None)
    return SafeCount(max(known, default=None)), most


def _safe(count: int, rule: Rule) -> SafeCount:
    return SafeCount.of(count, rule)


@dataclass(frozen=True, slots=True)
class Demand:
    """An area's people beside its capacity and its share of the funding; None where a number is withheld."""

    area: str
    people: SafeCount
    capacity: int
    unit: str
    funding: int
    funding_share: int  # of a hundred
    dollars_a_person: int | None


def demand(people: SafeTable, capacities: Sequence[Capacity]) -> tuple[Demand, ...]:
    """Areas as they were typed in, beside the released numbers of people by area."""
    counts = {row.label: row.people for row in people.rows}
    whole = sum(each.funding for each in capacities)
    return tuple(_demand(each, counts.get(each.area, SafeCount(0)), whole) for each in capacities)


def _demand(typed: Capacity, people: SafeCount, whole: int) -> Demand:
    share = round(100 * typed.funding / whole) if whole else 0
    each = round(typed.funding / people.value) if people.value else None
    return Demand(typed.area, people, typed.capacity, typed.unit, typed.funding, share, each)
