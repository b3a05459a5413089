"""Unduplicated counts of a run, each with its range, through the one door of disclosure control."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from linkage.disclosure import CMS11, Caption, Rule, SafeCount, SafeTable, TrueRow, make_safe, without_total
from linkage.engine import Connection, open_engine, statement
from linkage.households import with_households_for_people
from linkage.store import read_report, read_table


class Breakdown(StrEnum):
    """What a count is broken down by."""

    AGENCY = "agency"
    SERVICE = "service"
    MONTH = "month"
    HOUSEHOLD = "household"


_TITLES = {
    Breakdown.AGENCY: "People by agency",
    Breakdown.SERVICE: "People by service area",
    Breakdown.MONTH: "People by month of service",
    Breakdown.HOUSEHOLD: "Households by agency",
}
_STATEMENTS = {
    Breakdown.AGENCY: ("count_by_agency", "count_all"),
    Breakdown.SERVICE: ("count_by_service", "count_served"),
    Breakdown.MONTH: ("count_by_month", "count_served"),
    Breakdown.HOUSEHOLD: ("count_by_agency", "count_all"),
}
_OF_THE_SERVED = frozenset({Breakdown.SERVICE, Breakdown.MONTH})
_NOT_SERVED = "People without a service row are in the counts by agency and not in these"


def count(run: Path, by: Breakdown, *, rule: Rule = CMS11, remarks: Sequence[str] = ()) -> SafeTable:
    """Count a run's people (or households) by *by*; *remarks* of the caller become notes of the table.

    Raises:
        RunError: the folder is not a run.
    """
    report, records, services = read_report(run), read_table(run, "records"), read_table(run, "services")
    notes = [*remarks, _unmatchable(report), *_silent_agencies(report, by, records, services)]
    with open_engine() as connection:
        connection.register("service", services)
        connection.register("record", with_households_for_people(records) if by is Breakdown.HOUSEHOLD else records)
        counted = _counted(connection, by)
        if by not in _OF_THE_SERVED:
            return _released(counted, by, notes=notes, rule=rule)
        everybody = _released(_counted(connection, Breakdown.AGENCY), Breakdown.AGENCY, notes=(), rule=rule)
    return _with_the_unserved(counted, by, everybody, notes=notes)


@dataclass(frozen=True, slots=True)
class _Counted:
    """A table before disclosure control."""

    rows: Sequence[TrueRow]
    total: TrueRow


def _counted(connection: Connection, by: Breakdown) -> _Counted:
    each, together = _STATEMENTS[by]
    (total,) = _rows(connection, together)
    return _Counted(_rows(connection, each), total)


def _released(counted: _Counted, by: Breakdown, *, notes: Sequence[str], rule: Rule) -> SafeTable:
    unit = "households" if by is Breakdown.HOUSEHOLD else "people"
    return make_safe(counted.rows, counted.total, caption=Caption(_TITLES[by], unit, tuple(notes)), rule=rule)


def _rows(connection: Connection, name: str) -> list[TrueRow]:
    lines: list[tuple[str, int, int, int]] = connection.sql(statement(name)).fetchall()
    return [TrueRow.of(label, people=people, loose=loose, strict=strict) for label, people, loose, strict in lines]


def _unmatchable(report: dict[str, Any]) -> str:
    people = report["people"]["unmatchable"]
    shown = "1 to 10" if people is None else f"{people:,}"
    return f"{shown} clients had too little information to be matched; they are in no count here."


def _silent_agencies(report: dict[str, Any], by: Breakdown, records: pa.Table, services: pa.Table) -> list[str]:
    """Which agencies told nothing of what a table is about: a zero, which names nobody."""
    agencies = {agency["agency"] for agency in report["agencies"]}
    if by is Breakdown.HOUSEHOLD:
        listing = records.filter(pc.is_valid(records["household"]))
        silent = sorted(agencies - set(listing["agency"].unique().to_pylist()))
        return [_without_households(silent, everywhere=not listing)] if silent else []
    silent = sorted(agencies - set(services["agency"].unique().to_pylist())) if by in _OF_THE_SERVED else []
    return [f"No service rows came from: {', '.join(silent)}."] if silent else []


def _without_households(silent: Sequence[str], *, everywhere: bool) -> str:
    if everywhere:
        return "No agency lists households: each person counts as a household of one, so these are counts of people."
    return (
        f"No households are listed by: {', '.join(silent)}; "
        "a person whom no other agency puts into a household counts as a household of one."
    )


def _with_the_unserved(counted: _Counted, by: Breakdown, everybody: SafeTable, *, notes: Sequence[str]) -> SafeTable:
    """Tell how many people are in no row, from two released totals alone; withhold the total that would tell a few."""
    rule = everybody.rule
    served = _released(counted, by, notes=(), rule=rule).total.people.value
    if everybody.total.people.value is None or served is None:
        return _released(counted, by, notes=(*notes, f"{_NOT_SERVED}."), rule=rule)
    missing = SafeCount.of(everybody.total.people.value - served, rule)
    if missing.value is None:
        return without_total(_released(counted, by, notes=(*notes, f"{_NOT_SERVED}."), rule=rule))
    told = [f"{_NOT_SERVED}: {missing}."] if missing.value else []
    return _released(counted, by, notes=(*notes, *told), rule=rule)
