"""The projects of a HMIS export: what a project's type says of its enrollments' services."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from hashing.hmis_files import files_with
from hashing.importers.sheets import Sheet

HIV = "3"  # Project.csv, TargetPopulation
_SERVICES = {  # by ProjectType, in words that tell the area and the type
    **dict.fromkeys(("0", "1", "8"), "emergency shelter"),  # by entry and exit, by nights, safe haven
    "2": "transitional housing",
    **dict.fromkeys(("3", "9", "10", "13"), "permanent housing"),
    "11": "day shelter",
    "12": "homeless prevention",
    "4": "street outreach",
    "14": "referral",  # coordinated entry
}
_STAYS = frozenset({"0", "2", "8"})  # shelter by entry and exit, transitional housing, safe haven
_HOUSING = frozenset({"3", "9", "10", "13"})  # permanent: a home from the day of moving in
_CONTACTS = frozenset({"", "4", "6", "14"})
_BY_ENTRY_AND_EXIT = "0"  # Project.csv, TrackingMethod, which told shelters of type 1 apart until FY2022


@dataclass(frozen=True, slots=True)
class Project:
    """What kind of project an enrollment is in."""

    kind: str = ""
    is_for_hiv: bool = False
    tracking: str = ""

    @property
    def service(self) -> str:
        """What it gives, whomever it is for, in words that tell an area and a type; "" where nothing tells."""
        return _SERVICES.get(self.kind, "")

    @property
    def is_stay(self) -> bool:
        """Whether whoever is enrolled stays there each night from entry to exit."""
        return self.kind in _STAYS or (self.kind == "1" and self.tracking == _BY_ENTRY_AND_EXIT)

    @property
    def is_housing(self) -> bool:
        """Whether whoever is enrolled has a home from the day of moving in."""
        return self.kind in _HOUSING

    @property
    def has_contacts(self) -> bool:
        """Whether a living situation that was asked is a contact on the street; in an unknown project it may be."""
        return self.kind in _CONTACTS


UNKNOWN = Project()


def enrollment_projects(sheets: Sequence[Sheet], *, today: date) -> dict[str, Project]:
    """EnrollmentID -> its project; UNKNOWN where Project.csv does not tell."""
    kinds = {
        file.cell(row, "projectid"): Project(
            file.number(row, "projecttype"),
            file.number(row, "targetpopulation") == HIV,
            file.number(row, "trackingmethod"),
        )
        for file in files_with(sheets, "projectid", "projecttype")
        for _, row in file.live(today=today)
    }
    return {
        file.cell(row, "enrollmentid"): kinds.get(file.cell(row, "projectid"), UNKNOWN)
        for file in files_with(sheets, "enrollmentid", "projectid", "personalid")
        for _, row in file.live(today=today)
    }
