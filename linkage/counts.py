"""Unduplicated counts of a run, each with its range, through the one door of disclosure control."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from linkage.agency_table import BY_AGENCY, PEOPLE, PERIOD, Caption, TrueRow, by_agency, one_way, release_of_report
from linkage.breakdown import Breakdown
from linkage.cells import CellKey, Constraint, TrueRelease, TrueTable, sums_to
from linkage.disclosure import CMS11, Released, Rule, SafeTable, noted, release
from linkage.engine import Connection, open_engine, statement
from linkage.households import with_households_for_people
from linkage.store import read_report, read_table

TABLES = {
    Breakdown.AGENCY: BY_AGENCY,
    Breakdown.SERVICE: "people-by-service",
    Breakdown.MONTH: "people-by-month",
    Breakdown.HOUSEHOLD: "households-by-agency",
}
UNSERVED = "people-unserved"
_OF_PEOPLE = ("count_all", "count_by_agency", "count_by_service", "count_by_month", "count_served", "count_unserved")
_OF_HOUSEHOLDS = ("count_all", "count_by_agency")
_OF_THE_SERVED = frozenset({Breakdown.SERVICE, Breakdown.MONTH})
_NOT_SERVED = "People without a service row are in the counts by agency and not in these"
_SERVED = PEOPLE.and_also(served="yes")
_NONE_SERVED = PEOPLE.and_also(served="no")
_HOUSEHOLDS = CellKey.of("households")


def count(run: Path, by: Breakdown, *, rule: Rule = CMS11, remarks: Sequence[str] = ()) -> SafeTable:
    """Count a run's people (or households) by *by*; *remarks* of the caller become notes of the table.

    Whatever is asked for, all tables are protected together, so that no two answers tell more than one.

    Raises:
        RunError: the folder is not a run.
    """
    report, records, services = read_report(run), read_table(run, "records"), read_table(run, "services")
    notes = {
        each: (*remarks, _unmatchable(report), *_silent_agencies(report, each, records, services)) for each in Breakdown
    }
    rows = _counted(records, services)
    first = release_of_report(rows["count_by_agency"], rows["count_all"][0], rule)
    told = release(_true_release(rows, notes), rule, agencies=first.agencies, earlier=[first])
    table = told.table(TABLES[by])
    return noted(table, _said_of_the_unserved(told)) if by in _OF_THE_SERVED else table


def _counted(records: pa.Table, services: pa.Table) -> dict[str, list[TrueRow]]:
    """The rows of every statement; those of households begin with household_."""
    with open_engine() as connection:
        connection.register("service", services)
        connection.register("record", records)
        rows = {name: _rows(connection, name) for name in _OF_PEOPLE}
        connection.register("record", with_households_for_people(records))
        return rows | {f"household_{name}": _rows(connection, name) for name in _OF_HOUSEHOLDS}


def _rows(connection: Connection, name: str) -> list[TrueRow]:
    lines: list[tuple[str, int, int, int, int]] = connection.sql(statement(name)).fetchall()
    return [
        TrueRow(label, people=people, low=loose, high=strict, agencies=agencies)
        for label, people, loose, strict, agencies in lines
    ]


def _true_release(rows: Mapping[str, list[TrueRow]], notes: Mapping[Breakdown, tuple[str, ...]]) -> TrueRelease:
    made = [
        by_agency(rows["count_by_agency"], rows["count_all"][0], notes[Breakdown.AGENCY]),
        _of_the_served(
            rows, Breakdown.SERVICE, Caption("", "People by service area", "people", notes[Breakdown.SERVICE])
        ),
        _of_the_served(
            rows, Breakdown.MONTH, Caption("", "People by month of service", "people", notes[Breakdown.MONTH])
        ),
        _households(rows, notes[Breakdown.HOUSEHOLD]),
        _unserved(rows),
    ]
    tables = tuple(table for table, _ in made)
    return TrueRelease(PERIOD, tables, tuple(bound for _, constraints in made for bound in constraints))


def _of_the_served(
    rows: Mapping[str, list[TrueRow]], by: Breakdown, caption: Caption
) -> tuple[TrueTable, list[Constraint]]:
    """People by what they received; whoever received nothing is in no row and not in the total."""
    named = Caption(TABLES[by], caption.title, caption.unit, caption.notes)
    found = rows[f"count_by_{by.value}"]
    keys = [_SERVED.and_also(**{by.value: row.label}) for row in found]
    return one_way(found, rows["count_served"][0], (keys, _SERVED), named)


def _households(rows: Mapping[str, list[TrueRow]], notes: tuple[str, ...]) -> tuple[TrueTable, list[Constraint]]:
    """Households by agency; there are at most as many as people."""
    found, (total,) = rows["household_count_by_agency"], rows["household_count_all"]
    keys = [_HOUSEHOLDS.and_also(agency=row.label) for row in found]
    caption = Caption(TABLES[Breakdown.HOUSEHOLD], "Households by agency", "households", notes)
    table, bound = one_way(found, total, (keys, _HOUSEHOLDS), caption)
    people = [(key, CellKey("people", key.where)) for key in (*keys, _HOUSEHOLDS)]
    return table, [*bound, *(Constraint(((few, 1), (many, -1)), equal=False) for few, many in people)]


def _unserved(rows: Mapping[str, list[TrueRow]]) -> tuple[TrueTable, list[Constraint]]:
    """Whether people have a service row: a table for a note, protected as all others are."""
    found = [*rows["count_served"], *rows["count_unserved"]]
    keys = [_SERVED, _NONE_SERVED]
    caption = Caption(UNSERVED, "People by whether a service was recorded", "people")
    table, _ = one_way(found, rows["count_all"][0], (keys, PEOPLE), caption)
    return table, [sums_to(PEOPLE, keys)]


def _said_of_the_unserved(released: Released) -> list[str]:
    unserved = released.table(UNSERVED).rows[1].people
    if unserved.value == 0:
        return []
    return [f"{_NOT_SERVED}." if unserved.value is None else f"{_NOT_SERVED}: {unserved}."]


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
