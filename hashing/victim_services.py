"""Leaves the clients of a victim service provider out of a HMIS export, on this computer.

By law such a provider may give totals only, and encoding does not change that (34 USC 12291(b)(2)). A client stays
who is also enrolled at an ordinary organization of the export; what the victim service provider wrote of them does not.
Where the export does not tell whose a client is, the client is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from hashing.counted import counted
from hashing.errors import AgencyRefused
from hashing.hmis_files import HmisFile, files_with, hmis_file
from hashing.importers.changed_rows import without_rows
from hashing.importers.sheets import Sheet

_FLAGS = ("victimserviceprovider", "victimservicesprovider")  # Organization.csv; the plural in FY2020
_NO = frozenset({"", "0", "0.0", "no", "n", "false"})


def without_victim_services(sheets: Sequence[Sheet], *, today: date) -> tuple[list[Sheet], list[str]]:
    """The sheets without what a victim service provider wrote, and notes that tell how many clients that left out.

    Raises:
        AgencyRefused: nobody is left, or nothing tells which clients are whose.
    """
    flagged = _flagged_files(sheets)
    if not flagged:
        return list(sheets), _unchecked(sheets)
    kept = _kept(sheets, flagged, today)
    clients = {
        file.cell(row, "personalid") for file in files_with(sheets, "personalid", "lastname") for _, row in file.rows()
    }
    if not clients & kept.people:
        raise _refusal(flagged[0])
    out = clients - kept.people - {""}
    return [_without(hmis_file(sheet), kept) for sheet in sheets], _notes(out, of_victims=out & kept.victims)


def _unchecked(sheets: Sequence[Sheet]) -> list[str]:
    """What to say where the export has enrollments, and nothing that tells a victim service provider's from others'."""
    if any(files_with(sheets, flag) for flag in _FLAGS) or not files_with(sheets, "enrollmentid", "projectid"):
        return []
    return [
        "no Organization.csv tells whether a victim service provider's clients are among these: leave it in the export"
    ]


@dataclass(frozen=True, slots=True, repr=False)
class _Kept:
    """The enrollments at ordinary organizations (with whose they are) and their people; and the people of victim
    service providers."""

    enrollments: frozenset[tuple[str, str]]
    people: frozenset[str]
    victims: frozenset[str]


def _flagged_files(sheets: Sequence[Sheet]) -> list[HmisFile]:
    """The files in which an organization, or a project, is said to be a victim service provider's."""
    files = (file for flag in _FLAGS for file in files_with(sheets, flag))
    return [file for file in files if any(_is_flagged(file, row) for _, row in file.rows())]


def _is_flagged(file: HmisFile, row: list[str]) -> bool:
    """Any value but a plain no, or none, counts as yes."""
    return any(file.cell(row, flag).lower() not in _NO for flag in _FLAGS)


def _kept(sheets: Sequence[Sheet], flagged: Sequence[HmisFile], today: date) -> _Kept:
    ordinary, victims = _projects(sheets, today)
    files = files_with(sheets, "enrollmentid", "personalid", "projectid")
    if not ordinary or not files:
        raise _refusal(flagged[0])
    live = [
        (file, row) for file in files for _, row in file.live(today=today) if file.cell(row, "projectid") in ordinary
    ]
    every = ((file, row) for file in files for _, row in file.rows())
    return _Kept(
        enrollments=frozenset((file.cell(row, "enrollmentid"), file.cell(row, "personalid")) for file, row in live),
        people=_cells(live, "personalid"),
        victims=_cells(((file, row) for file, row in every if file.cell(row, "projectid") in victims), "personalid"),
    )


def _cells(rows: Iterable[tuple[HmisFile, list[str]]], column: str) -> frozenset[str]:
    return frozenset(cell for file, row in rows if (cell := file.cell(row, column)))


def _projects(sheets: Sequence[Sheet], today: date) -> tuple[set[str], set[str]]:
    """The projects of ordinary organizations, and those of victim service providers; a project may be neither."""
    organizations = [
        (file, row) for flag in _FLAGS for file in files_with(sheets, flag, "organizationid") for _, row in file.rows()
    ]
    of_victims = {file.cell(row, "organizationid") for file, row in organizations if _is_flagged(file, row)}
    known = {file.cell(row, "organizationid") for file, row in organizations if not file.is_deleted(row, today=today)}
    ordinary, victims = set(), set()
    for file in files_with(sheets, "projectid", "organizationid"):
        for _, row in file.rows():
            project, organization = file.cell(row, "projectid"), file.cell(row, "organizationid")
            if organization in of_victims or _is_flagged(file, row):
                victims.add(project)
            elif organization in known:
                ordinary.add(project)
    return ordinary - victims, victims


def _without(file: HmisFile, kept: _Kept) -> Sheet:
    """A file without the rows that a victim service provider wrote, or that speak of its clients alone."""
    if "personalid" not in file.places:
        return file.sheet
    out = frozenset(place for place, row in file.rows() if not _may_stay(file, row, kept))
    return replace(file.sheet, rows=without_rows(file.sheet.rows, out))


def _may_stay(file: HmisFile, row: list[str], kept: _Kept) -> bool:
    person = file.cell(row, "personalid")
    if person not in kept.people:
        return False
    return "enrollmentid" not in file.places or (file.cell(row, "enrollmentid"), person) in kept.enrollments


def _notes(out: set[str], *, of_victims: set[str]) -> list[str]:
    notes = []
    if of_victims:
        clients = counted(
            len(of_victims), "client of a victim service provider was", "clients of a victim service provider were"
        )
        notes.append(f"{clients} left out")
    if others := len(out - of_victims):
        notes.append(
            f"{others:,} clients without an enrollment at a known organization were left out, since the export also "
            "holds a victim service provider's"
        )
    return notes


def _refusal(file: HmisFile) -> AgencyRefused:
    return AgencyRefused(
        f"{file.sheet.name}: the export holds clients of a victim service provider, and none that surely are not",
        hint="Leave that organization out of the export: by law it may give totals only (34 USC 12291(b)(2)).",
    )
