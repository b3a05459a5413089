"""What a HMIS export says of services beyond the service rows themselves.

A service that neither words nor a record type tell is known by the type of its enrollment's project. Contacts on the
street (CurrentLivingSituation.csv) are services of outreach. Whatever a project for people with HIV does is "health".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from hashing.hmis_files import HmisFile, files_with
from hashing.importers.changed_rows import ChangedRows, Row
from hashing.importers.sheets import Sheet
from hashing.schema import ServiceArea
from hashing.service_areas import record_type_area

HIV = "3"  # Project.csv, TargetPopulation
_LABELS = ("recordtype", "typeprovided", "othertypeprovided", "movingonothertype")
_WORDS = {ServiceArea.SHELTER: "shelter", ServiceArea.OUTREACH: "outreach", ServiceArea.HEALTH: "health"}
_PROJECT_TYPES = {
    **dict.fromkeys(("0", "1", "2", "3", "8", "9", "10", "11", "12", "13"), ServiceArea.SHELTER),
    **dict.fromkeys(("4", "14"), ServiceArea.OUTREACH),  # street outreach, coordinated entry
}
_CONTACTS = frozenset({"", "4", "6", "14"})  # projects whose living situations are contacts; unknown ones count
AREA_HEADER, CONTACT_HEADER = "Program", "Contact Date"


@dataclass(frozen=True, slots=True)
class _Project:
    """What kind of project an enrollment is in."""

    kind: str = ""
    is_for_hiv: bool = False

    @property
    def area(self) -> str:
        """A word for its service area; "" where the type tells none."""
        return "health" if self.is_for_hiv else _WORDS.get(_PROJECT_TYPES.get(self.kind, ServiceArea.OTHER), "")


def with_service_areas(sheets: Sequence[Sheet], *, today: date) -> list[Sheet]:
    """The same sheets; service rows and outreach contacts say in one more column what their project tells."""
    projects = _enrollment_projects(sheets, today)
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


def _enrollment_projects(sheets: Sequence[Sheet], today: date) -> dict[str, _Project]:
    kinds = {
        file.cell(row, "projectid"): _Project(
            file.cell(row, "projecttype"), file.cell(row, "targetpopulation").removesuffix(".0") == HIV
        )
        for file in files_with(sheets, "projectid", "projecttype")
        for _, row in file.live(today=today)
    }
    return {
        file.cell(row, "enrollmentid"): kinds.get(file.cell(row, "projectid"), _Project())
        for file in files_with(sheets, "enrollmentid", "projectid", "personalid")
        for _, row in file.live(today=today)
    }


def _with_areas(file: HmisFile, projects: Mapping[str, _Project]) -> Sheet:
    def change(place: int, row: Row) -> Row:
        if place == 0 or not any(row):
            return _widened(file, row, AREA_HEADER if place == 0 else "")
        project = projects.get(file.cell(row, "enrollmentid"), _Project())
        if project.is_for_hiv:
            return _widened(file, _without_labels(file, row), project.area)
        return _widened(file, row, "" if _has_area(file, row) else project.area)

    return replace(file.sheet, rows=ChangedRows(file.sheet.rows, change))


def _has_area(file: HmisFile, row: Row) -> bool:
    """Whether a record type or words tell the area of a service."""
    if record_type_area(file.cell(row, "recordtype")) is not ServiceArea.OTHER:
        return True
    return any(cell and not cell.isdigit() for label in _LABELS if (cell := file.cell(row, label)))


def _without_labels(file: HmisFile, row: Row) -> Row:
    labels = {file.places.get(label) for label in _LABELS}
    return ["" if place in labels else cell for place, cell in enumerate(row)]


def _with_contacts(file: HmisFile, projects: Mapping[str, _Project]) -> Sheet:
    def change(place: int, row: Row) -> Row:
        if place == 0:
            dated = file.places["informationdate"]
            headers = [CONTACT_HEADER if at == dated else cell for at, cell in enumerate(row)]
            return _widened(file, headers, AREA_HEADER)
        project = projects.get(file.cell(row, "enrollmentid"), _Project())
        if not any(row) or project.kind not in _CONTACTS:
            return []
        return _widened(file, row, project.area or "outreach")

    return replace(file.sheet, rows=ChangedRows(file.sheet.rows, change))


def _widened(file: HmisFile, row: Row, cell: str) -> Row:
    """A row with one more cell, behind the file's last column."""
    if not row:
        return row
    width = len(file.sheet.rows[0])
    return [*row[:width], *[""] * (width - len(row)), cell]
