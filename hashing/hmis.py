"""A HUD HMIS CSV export: what it must satisfy, and what its files tell of each other.

Services get the area of their project where they have none of their own, outreach contacts become services, a client
number stands for one row, and whoever flees violence is on hold. Any version from FY2020 on: columns go by name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from hashing.counted import counted
from hashing.dates import parse_date
from hashing.errors import InputFileError
from hashing.hmis_files import HmisFile, files_with
from hashing.hmis_services import with_service_areas
from hashing.hmis_stays import stays
from hashing.importers.changed_rows import without_rows
from hashing.importers.sheets import Sheet
from hashing.victim_services import without_victim_services

UNHASHED = "1"  # Export.csv, HashStatus
CHANGES_ONLY = "1"  # Export.csv, ExportDirective
_NOT_FLEEING, _UNKNOWN = frozenset({"0", "0.0", "no"}), frozenset({"", "8", "9", "99"})


@dataclass(frozen=True, slots=True)
class HmisExport:
    """The sheets to read, the client numbers on hold, and notes."""

    sheets: list[Sheet]
    hold: frozenset[str] = field(repr=False)
    notes: list[str]


def settle_hmis(sheets: Sequence[Sheet], *, today: date) -> HmisExport:
    """Check an export and settle what only several of its files tell together; other sheets stay as they are.

    Raises:
        InputFileError: HashStatus is not 1 (unhashed).
        AgencyRefused: all clients are a victim service provider's, or nothing tells which are.
    """
    check_not_scrambled(sheets)
    hold = _fleeing(sheets, today)  # before anything is left out: whoever wrote it, it holds
    kept, notes = without_victim_services(sheets, today=today)
    latest, repeated = _latest(kept, today)
    if repeated:
        rows, were = counted(repeated, "older row"), "was" if repeated == 1 else "were"
        notes.append(f"{rows} of a PersonalID that is there twice {were} left out: DateUpdated decides")
    told, stay_notes = stays(latest, today=today)
    settled = [*with_service_areas(latest, today=today), *told]
    return HmisExport(settled, hold, _changes_only(sheets) + notes + stay_notes)


def check_not_scrambled(sheets: Sequence[Sheet]) -> None:
    """Refuse an export whose names were hashed.

    Raises:
        InputFileError: HashStatus is not 1.
    """
    for file in files_with(sheets, "hashstatus"):
        if any(file.cell(row, "hashstatus") not in {"", UNHASHED} for _, row in file.rows()):
            raise InputFileError(
                f"{file.sheet.name}: this export is already scrambled (HashStatus is not 1)",
                hint="In your HMIS choose Hash status: Unhashed, and export again. The file stays on this computer.",
            )


def _changes_only(sheets: Sequence[Sheet]) -> list[str]:
    files = files_with(sheets, "exportdirective")
    if not any(file.cell(row, "exportdirective") == CHANGES_ONLY for file in files for _, row in file.rows()):
        return []
    return ["this HMIS export holds only what changed (ExportDirective 1) and cannot stand for all clients: export all"]


def _fleeing(sheets: Sequence[Sheet], today: date) -> frozenset[str]:
    """Whoever is fleeing by the latest record that gives an answer; an answer that cannot be read counts as yes."""
    answers: dict[str, list[tuple[str, bool]]] = defaultdict(list)
    for file in files_with(sheets, "personalid", "currentlyfleeing"):
        for _, row in file.live(today=today):
            answer = file.cell(row, "currentlyfleeing").lower()
            if answer not in _UNKNOWN:
                asked = parse_date(file.cell(row, "informationdate"), today=today)
                when = f"{asked}" if asked else "9"  # a date that cannot be read may be the latest
                answers[file.cell(row, "personalid")].append((when, answer not in _NOT_FLEEING))
    return frozenset(person for person, told in answers.items() if max(told)[1])


def _latest(sheets: Sequence[Sheet], today: date) -> tuple[list[Sheet], int]:
    """Each client file with only the latest row of a client number that is there more than once."""
    older = {
        id(file.sheet): _older(file, today) for file in files_with(sheets, "personalid", "lastname", "dateupdated")
    }
    kept = [replace(s, rows=without_rows(s.rows, older.get(id(s), frozenset()))) for s in sheets]
    return kept, sum(map(len, older.values()))


def _older(file: HmisFile, today: date) -> frozenset[int]:
    """The places of older rows. Rows of plainly different people under one number are left for the reader to part."""
    best: dict[str, tuple[str, int, list[str]]] = {}
    older = []
    for place, row in file.live(today=today):
        updated = parse_date(file.cell(row, "dateupdated"), today=today)
        # By day, then by the time behind it, which every system writes in one way throughout.
        found = (f"{updated or ''} {file.cell(row, 'dateupdated')}", place, row)
        known = best.setdefault(file.cell(row, "personalid"), found)
        is_undated = not (known[0].strip() and found[0].strip())
        if known is found or is_undated or _are_two(file, known[2], row):
            continue
        best[file.cell(row, "personalid")] = max(known, found, key=lambda rated: rated[:2])
        older.append(min(known, found, key=lambda rated: rated[:2])[1])
    return frozenset(older)


def _are_two(file: HmisFile, one: list[str], other: list[str]) -> bool:
    """Whether both birth date and name say that two rows are of two people."""
    born, born_too = file.cell(one, "dob")[:10], file.cell(other, "dob")[:10]
    names = [(file.cell(row, "firstname").lower(), file.cell(row, "lastname").lower()) for row in (one, other)]
    return bool(born and born_too) and born != born_too and names[0] != names[1]
