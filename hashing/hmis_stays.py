"""Services that a HMIS export tells by its enrollments alone: a night in a shelter has no row in Services.csv.

Shelters by entry and exit, safe havens and transitional housing house whoever is enrolled from EntryDate to ExitDate;
permanent housing does from MoveInDate, which stands with one member of the household. In every other project the day of
entry is the first service (HUD HMIS Data Standards, 3.10), and counts where no service and no contact is told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from hashing.counted import counted
from hashing.dates import parse_date
from hashing.hmis_files import HmisFile, files_with
from hashing.hmis_projects import UNKNOWN, enrollment_projects
from hashing.importers.sheets import Sheet

BED_NIGHT = "200"  # Services.csv, RecordType
NAME = "Enrollment.csv (stays)"
_HEADERS = ["PersonalID", "Service Date", "Program", "Nights"]
Enrolled = tuple[str, str]  # EnrollmentID and whose it is


@dataclass(frozen=True, slots=True)
class _Period:
    """The days that an export tells of."""

    first: date
    last: date


def stays(sheets: Sequence[Sheet], *, today: date) -> tuple[list[Sheet], list[str]]:
    """A sheet of services that only enrollments tell, a row a month; none where there are no such, and a note on it."""
    reading = _Reading(sheets, today)
    rows = [row for enrollment in reading.enrollments() for row in reading.services(*enrollment)]
    if not rows:
        return [], []
    enrolled = counted(len(reading.used), "enrollment counts", "enrollments count")
    note = f"{enrolled} as services: nights from entry to exit, or the day of entry where no other service is told"
    return [Sheet(NAME, [_HEADERS, *rows])], [note]


class _Reading:
    """What several files tell of enrollments."""

    def __init__(self, sheets: Sequence[Sheet], today: date) -> None:
        """Take in the projects, the exits, and what was recorded as service or contact."""
        self._today = today
        self._projects = enrollment_projects(sheets, today=today)
        self._files = files_with(sheets, "enrollmentid", "personalid", "projectid", "entrydate")
        self._exits = _exits(sheets, today)
        self._period = _period(sheets, today)
        self._moved_in = _moved_in(self._files, today)
        services = files_with(sheets, "enrollmentid", "personalid", "dateprovided")
        contacts = files_with(sheets, "enrollmentid", "personalid", "informationdate", "currentlivingsituation")
        asked = {key for key in _enrolled(contacts, today) if self._projects.get(key[0], UNKNOWN).has_contacts}
        self._told = _enrolled(services, today) | asked
        self._nights = _enrolled(services, today, record_type=BED_NIGHT)
        self.used: set[Enrolled] = set()

    def enrollments(self) -> Iterator[tuple[HmisFile, list[str]]]:
        """Each live enrollment in a project of a known type, once."""
        seen: set[Enrolled] = set()
        for file in self._files:
            for _, row in file.live(today=self._today):
                enrolled = _key(file, row)
                if enrolled not in seen and self._projects.get(enrolled[0], UNKNOWN).kind:
                    seen.add(enrolled)
                    yield file, row

    def services(self, file: HmisFile, row: list[str]) -> Iterator[list[str]]:
        """The rows of one enrollment's services."""
        enrolled, project = _key(file, row), self._projects[file.cell(row, "enrollmentid")]
        entry = parse_date(file.cell(row, "entrydate"), today=self._today)
        if entry is None:
            return
        nights = self._nights_of(file, row, entry) if enrolled not in self._nights else Counter[date]()
        entered = not nights and enrolled not in self._told and self._period.first <= entry <= self._period.last
        if nights or entered:
            self.used.add(enrolled)
        for day, number in [(entry, 0)] if entered else nights.items():
            yield [enrolled[1], f"{day}", project.service or "other", "" if entered else f"{number}"]

    def _nights_of(self, file: HmisFile, row: list[str], entry: date) -> Counter[date]:
        """The nights of each month, by the first of them."""
        project = self._projects[file.cell(row, "enrollmentid")]
        start = entry if project.is_stay else self._home_from(file, row, entry) if project.is_housing else None
        if start is None:
            return Counter()
        end = self._exits.get(_key(file, row))
        if end is not None and end <= start:
            end = start + timedelta(days=1)  # in and out on one day
        last = self._period.last if end is None else min(end - timedelta(days=1), self._period.last)
        return _by_month(max(start, self._period.first), last)

    def _home_from(self, file: HmisFile, row: list[str], entry: date) -> date | None:
        """The day from which the enrolled have a home; None where they left before the household moved in."""
        moved, end = self._moved_in.get(_household(file, row)), self._exits.get(_key(file, row))
        if moved is None or (end is not None and end <= moved):
            return None
        return max(moved, entry)


def _by_month(first: date, last: date) -> Counter[date]:
    nights: Counter[date] = Counter()
    while first <= last:
        following = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
        nights[first] = min((following - first).days, (last - first).days + 1)
        first = following
    return nights


def _key(file: HmisFile, row: list[str]) -> Enrolled:
    return file.cell(row, "enrollmentid"), file.cell(row, "personalid")


def _household(file: HmisFile, row: list[str]) -> tuple[str, str]:
    """A household in one project; an enrollment without one is a household of its own."""
    return file.cell(row, "projectid"), file.cell(row, "householdid") or f"enrollment {file.cell(row, 'enrollmentid')}"


def _moved_in(files: Sequence[HmisFile], today: date) -> Mapping[tuple[str, str], date]:
    found: dict[tuple[str, str], date] = {}
    for file in files:
        for _, row in file.live(today=today):
            moved = parse_date(file.cell(row, "moveindate"), today=today)
            if moved is not None:
                home = _household(file, row)
                found[home] = min(moved, found.get(home, moved))
    return found


def _exits(sheets: Sequence[Sheet], today: date) -> Mapping[Enrolled, date]:
    found: dict[Enrolled, date] = {}
    for file in files_with(sheets, "enrollmentid", "personalid", "exitdate"):
        for _, row in file.live(today=today):
            left = parse_date(file.cell(row, "exitdate"), today=today)
            if left is not None:
                found[_key(file, row)] = min(left, found.get(_key(file, row), left))
    return found


def _enrolled(files: Sequence[HmisFile], today: date, *, record_type: str = "") -> set[Enrolled]:
    return {
        _key(file, row)
        for file in files
        for _, row in file.live(today=today)
        if not record_type or file.number(row, "recordtype") == record_type
    }


def _period(sheets: Sequence[Sheet], today: date) -> _Period:
    """From ExportStartDate to ExportEndDate, and never after today."""
    first, last = date.min, today
    for file in files_with(sheets, "exportstartdate", "exportenddate"):
        for _, row in file.live(today=today):
            first = parse_date(file.cell(row, "exportstartdate"), today=today) or first
            last = min(last, parse_date(file.cell(row, "exportenddate"), today=today) or last)
    return _Period(first, last)
