"""Leaves the clients of a victim service provider out of a HMIS export, on this computer.

By law such a provider may give totals only, and encoding does not change that (34 USC 12291(b)(2)). A client stays
who is also enrolled at an ordinary organization of the export; what the victim service provider wrote of them does not.
Where the export does not tell whose a client is, the client is left out; so it is where the cell that would tell is
empty. The agency says otherwise by writing 0 into that cell.
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
_NO = frozenset({"0", "0.0", "no", "n", "false", "f"})


def without_victim_services(sheets: Sequence[Sheet], *, today: date) -> tuple[list[Sheet], list[str]]:
    """The sheets without what a victim service provider wrote, and notes that tell how many clients that left out.

    Raises:
        AgencyRefused: nobody is left, or nothing tells which clients are whose.
    """
    doubtful = _doubtful_files(sheets, today)
    if not doubtful:
        return list(sheets), _unchecked(sheets)
    kept = _kept(sheets, doubtful[0], today)
    lists = files_with(sheets, "personalid", "lastname")
    clients = {file.cell(row, "personalid") for file in lists for _, row in file.live(today=today)}
    if not clients & kept.people:
        raise _refusal(doubtful[0])
    return [_without(hmis_file(sheet), kept) for sheet in sheets], _notes(clients - kept.people - {""}, kept)


def _unchecked(sheets: Sequence[Sheet]) -> list[str]:
    """What to say where the export has enrollments, and nothing that tells a victim service provider's from others'."""
    if any(files_with(sheets, flag) for flag in _FLAGS) or not files_with(sheets, "enrollmentid", "projectid"):
        return []
    return [
        "no Organization.csv tells whether a victim service provider's clients are among these: leave it in the export"
    ]


@dataclass(frozen=True, slots=True, repr=False)
class _Kept:
    """The enrollments at ordinary organizations (with whose they are) and their people; the people of victim service
    providers; and those of organizations of which nothing tells."""

    enrollments: frozenset[tuple[str, str]]
    people: frozenset[str]
    victims: frozenset[str]
    untold: frozenset[str]


def _doubtful_files(sheets: Sequence[Sheet], today: date) -> list[HmisFile]:
    """The files in which an organization, or a project, may be a victim service provider's; such that are first."""
    files = [file for flag in _FLAGS for file in files_with(sheets, flag)]
    flagged = [file for file in files if _is_flagged_in(file)]
    of_organizations = [file for file in files if "organizationname" in file.places or "projectid" not in file.places]
    untold = (f for f in of_organizations if any(_is_untold(f, row) for _, row in f.live(today=today)))
    return [*flagged, *untold]


def _is_flagged_in(file: HmisFile) -> bool:
    return any(_is_flagged(file, row) for _, row in file.rows())


def _is_flagged(file: HmisFile, row: list[str]) -> bool:
    """Any value but a plain no, or none, counts as yes."""
    return any(answer not in _NO for answer in _answers(file, row))


def _is_untold(file: HmisFile, row: list[str]) -> bool:
    """Whether the cell that would tell is empty."""
    return not any(_answers(file, row))


def _answers(file: HmisFile, row: list[str]) -> list[str]:
    return [answer for flag in _FLAGS if (answer := file.cell(row, flag).lower())]


def _kept(sheets: Sequence[Sheet], doubtful: HmisFile, today: date) -> _Kept:
    ordinary, victims = _projects(sheets, today)
    files = files_with(sheets, "enrollmentid", "personalid", "projectid")
    if not ordinary or not files:
        raise _refusal(doubtful)
    live = [
        (file, row) for file in files for _, row in file.live(today=today) if file.cell(row, "projectid") in ordinary
    ]
    every = [(file, row) for file in files for _, row in file.rows()]
    untold = _projects_of_untold(sheets, today) - victims - ordinary
    return _Kept(
        enrollments=frozenset((file.cell(row, "enrollmentid"), file.cell(row, "personalid")) for file, row in live),
        people=_cells(live, "personalid"),
        victims=_cells(((file, row) for file, row in every if file.cell(row, "projectid") in victims), "personalid"),
        untold=_cells(((file, row) for file, row in every if file.cell(row, "projectid") in untold), "personalid"),
    )


def _cells(rows: Iterable[tuple[HmisFile, list[str]]], column: str) -> frozenset[str]:
    return frozenset(cell for file, row in rows if (cell := file.cell(row, column)))


def _projects(sheets: Sequence[Sheet], today: date) -> tuple[set[str], set[str]]:
    """The projects of ordinary organizations, and those of victim service providers; a project may be neither."""
    organizations = _organizations(sheets)
    of_victims = {file.cell(row, "organizationid") for file, row in organizations if _is_flagged(file, row)}
    told = ((file, row) for file, row in organizations if not file.is_deleted(row, today=today))
    known = {file.cell(row, "organizationid") for file, row in told if not _is_untold(file, row)}
    ordinary, victims = set(), set()
    for file in files_with(sheets, "projectid", "organizationid"):
        for _, row in file.rows():
            project, organization = file.cell(row, "projectid"), file.cell(row, "organizationid")
            if organization in of_victims or _is_flagged(file, row):
                victims.add(project)
            elif organization in known:
                ordinary.add(project)
    return ordinary - victims, victims


def _organizations(sheets: Sequence[Sheet]) -> list[tuple[HmisFile, list[str]]]:
    files = (file for flag in _FLAGS for file in files_with(sheets, flag, "organizationid"))
    return [(file, row) for file in files for _, row in file.rows()]


def _projects_of_untold(sheets: Sequence[Sheet], today: date) -> set[str]:
    """The projects of organizations of which nothing tells whether they are victim service providers."""
    live = ((file, row) for file, row in _organizations(sheets) if not file.is_deleted(row, today=today))
    untold = {file.cell(row, "organizationid") for file, row in live if _is_untold(file, row)}
    projects = ((file, row) for file in files_with(sheets, "projectid", "organizationid") for _, row in file.rows())
    return {file.cell(row, "projectid") for file, row in projects if file.cell(row, "organizationid") in untold}


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


def _notes(out: set[str], kept: _Kept) -> list[str]:
    """How many clients were left out, and why."""
    of_victims, of_untold = out & kept.victims, (out & kept.untold) - kept.victims
    notes = []
    if of_victims:
        notes.append(f"{_were(of_victims, 'of a victim service provider')} left out")
    if of_untold:
        notes.append(
            f"{_were(of_untold, 'of an organization whose VictimServiceProvider is empty')} left out: write 0 there, in"
            " Organization.csv, if the organization is none"
        )
    if others := out - of_victims - of_untold:
        doubt = "holds" if kept.victims else "may hold"
        notes.append(
            f"{_were(others, 'without an enrollment at a known organization')} left out, since the export also {doubt} "
            "a victim service provider's"
        )
    return notes


def _were(clients: set[str], of: str) -> str:
    return counted(len(clients), f"client {of} was", f"clients {of} were")


def _refusal(file: HmisFile) -> AgencyRefused:
    if not _is_flagged_in(file):
        return AgencyRefused(
            f"{file.sheet.name}: VictimServiceProvider is empty, and nothing tells whose clients may be sent",
            hint="Write 1 beside each organization that is a victim service provider and 0 beside each that is none; "
            "clients of the former may not be sent (34 USC 12291(b)(2)).",
        )
    return AgencyRefused(
        f"{file.sheet.name}: the export holds clients of a victim service provider, and none that surely are not",
        hint="Leave that organization out of the export: by law it may give totals only (34 USC 12291(b)(2)).",
    )
