"""What a HMIS export says of services beyond the service rows themselves.

A service that neither words nor a record type tell is known by the type of its enrollment's project. Contacts on the
street (CurrentLivingSituation.csv) are services of outreach. HOPWA services, and whatever a project for people with HIV
does, are told by the type of the project alone, as of a project for anybody: in most exports no other service would be
"health", so that the word would tell of HIV.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from hashing.hmis_files import HmisFile, files_with
from hashing.hmis_projects import UNKNOWN, Project, enrollment_projects
from hashing.importers.changed_rows import ChangedRows, Row
from hashing.importers.sheets import Sheet
from hashing.schema import ServiceArea
from hashing.service_areas import HIV_RECORD_TYPES, record_type_area

_LABELS = ("recordtype", "typeprovided", "othertypeprovided", "movingonothertype")
_TELLING = (*_LABELS, "faamount")  # dollars without a type that fits them would stand out
AREA_HEADER, CONTACT_HEADER = "Program", "Contact Date"


def with_service_areas(sheets: Sequence[Sheet], *, today: date) -> list[Sheet]:
    """The same sheets; service rows and outreach contacts say in one more column what their project tells."""
    projects = enrollment_projects(sheets, today=today)
    services = {id(f.sheet): f for f in files_with(sheets, "personalid", "enrollmentid", "dateprovided")}
    contacts = {
        id(f.sheet): f
        for f in files_with(sheets, "personalid", "enrollmentid", "informationdate", "currentlivingsituation")
    }
    return [
        _with_areas(services[id(s)], projects)
        if id(s) in services
        else _with_contacts(contacts[id(s)], projects)
        if id(s) in contacts
        else s
        for s in sheets
    ]


def _with_areas(file: HmisFile, projects: Mapping[str, Project]) -> Sheet:
    def change(place: int, row: Row) -> Row:
        if place == 0 or not any(row):
            return _widened(file, row, AREA_HEADER if place == 0 else "")
        project = projects.get(file.cell(row, "enrollmentid"), UNKNOWN)
        if project.is_for_hiv or file.number(row, "recordtype") in HIV_RECORD_TYPES:
            return _widened(file, _without_labels(file, row), project.service)
        return _widened(file, row, "" if _has_area(file, row) else project.service)

    return replace(file.sheet, rows=ChangedRows(file.sheet.rows, change))


def _has_area(file: HmisFile, row: Row) -> bool:
    """Whether a record type or words tell the area of a service."""
    if record_type_area(file.cell(row, "recordtype")) is not ServiceArea.OTHER:
        return True
    return any(cell and not cell.isdigit() for label in _LABELS if (cell := file.cell(row, label)))


def _without_labels(file: HmisFile, row: Row) -> Row:
    labels = {file.places.get(label) for label in _TELLING}
    return ["" if place in labels else cell for place, cell in enumerate(row)]


def _with_contacts(file: HmisFile, projects: Mapping[str, Project]) -> Sheet:
    def change(place: int, row: Row) -> Row:
        if place == 0:
            dated = file.places["informationdate"]
            headers = [CONTACT_HEADER if at == dated else cell for at, cell in enumerate(row)]
            return _widened(file, headers, AREA_HEADER)
        project = projects.get(file.cell(row, "enrollmentid"), UNKNOWN)
        if not any(row) or not project.has_contacts:
            return []
        return _widened(file, row, project.service or "outreach")

    return replace(file.sheet, rows=ChangedRows(file.sheet.rows, change))


def _widened(file: HmisFile, row: Row, cell: str) -> Row:
    """A row with one more cell, behind the file's last column."""
    if not row:
        return row
    width = len(file.sheet.rows[0])
    return [*row[:width], *[""] * (width - len(row)), cell]
