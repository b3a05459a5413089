"""Unduplicated counts of a run, each with its range, through the one door of disclosure control."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

import pyarrow as pa

from linkage.disclosure import CMS11, Caption, Rule, SafeTable, TrueRow, make_safe
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


def count(run: Path, by: Breakdown, *, rule: Rule = CMS11) -> SafeTable:
    """Count a run's people (or households) by *by*.

    Raises:
        RunError: the folder is not a run.
    """
    report, records, services = read_report(run), read_table(run, "records"), read_table(run, "services")
    if by is Breakdown.HOUSEHOLD:
        records = with_households_for_people(records)
    each, together = _STATEMENTS[by]
    with open_engine() as connection:
        connection.register("record", records)
        connection.register("service", services)
        rows, (total,) = _rows(connection, each), _rows(connection, together)
    unit = "households" if by is Breakdown.HOUSEHOLD else "people"
    caption = Caption(_TITLES[by], unit, tuple(_notes(report, by, services)))
    return make_safe(rows, total, caption=caption, rule=rule)


def _rows(connection: Connection, name: str) -> list[TrueRow]:
    lines: list[tuple[str, int, int, int]] = connection.sql(statement(name)).fetchall()
    return [TrueRow.of(label, people=people, loose=loose, strict=strict) for label, people, loose, strict in lines]


def _notes(report: dict[str, object], by: Breakdown, services: pa.Table) -> list[str]:
    people = report["people"]
    unmatchable = people.get("unmatchable") if isinstance(people, dict) else None
    shown = "1 to 10" if unmatchable is None else f"{unmatchable:,}"
    notes = [f"{shown} clients had too little information to be matched; they are in no count here."]
    agencies = report["agencies"]
    if by in {Breakdown.SERVICE, Breakdown.MONTH} and isinstance(agencies, list):
        silent = sorted({a["agency"] for a in agencies} - set(services["agency"].unique().to_pylist()))
        if silent:
            notes.append(f"No service rows came from: {', '.join(silent)}.")
    return notes
