"""The people of a made-up town as a HUD HMIS CSV export: every record of its agencies, written by one system."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Sequence
from pathlib import Path

from bench.hmis_columns import columns
from bench.schema import Town, TownRecord

Row = dict[str, str]
_UNSURE = 40  # of so many values one is there although its data quality says that it was not given, as in real exports
_PROJECTS = ("0", "1", "4", "13")


def write_hmis(town: Town, folder: Path, *, year: str) -> dict[str, Row]:
    """Write a folder of CSV files with the columns of a *year* such as FY2026; PersonalID -> what is told in them."""
    records = {personal_id(record): record for record in town.records}
    files = {
        "Export": [{"ExportID": "1", "ExportDirective": "2", "HashStatus": "1", "CSVVersion": f"{year[2:]} v1.0"}],
        "Organization": [{"OrganizationID": "1", "OrganizationName": "All of them", "VictimServiceProvider": "0"}],
        "Project": [{"ProjectID": kind, "OrganizationID": "1", "ProjectType": kind} for kind in _PROJECTS],
        "Client": [_client(number, record) for number, record in records.items()],
        "Enrollment": [_enrollment(number, record) for number, record in records.items()],
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in files.items():
        _write(folder / f"{name}.csv", columns(name, year), rows)
    return {number: _told(number, record) for number, record in records.items()}


def personal_id(record: TownRecord) -> str:
    """32 hexadecimal digits, as HMIS systems number their clients."""
    return hashlib.md5(f"{record.agency} {record.client_id}".encode(), usedforsecurity=False).hexdigest().upper()


def _client(number: str, record: TownRecord) -> Row:
    return {
        "PersonalID": number,
        "FirstName": record.first,
        "MiddleName": record.middle,
        "LastName": record.last,
        "NameSuffix": record.suffix,
        "NameDataQuality": "1" if record.first and record.last else "2",
        "SSN": record.ssn,
        "SSNDataQuality": _quality(number, record.ssn, partial=record.ssn.startswith("x")),
        "DOB": record.dob,
        "DOBDataQuality": _quality(number[::-1], record.dob, partial=False),
        "DateUpdated": "2023-12-01 10:00:00",
    }


def _quality(number: str, value: str, *, partial: bool) -> str:
    if not value:
        return "99"
    if _is_unsure(number):
        return "8"
    return "2" if partial else "1"


def _is_unsure(number: str) -> bool:
    return int(number, 16) % _UNSURE == 0


def _enrollment(number: str, record: TownRecord) -> Row:
    return {
        "EnrollmentID": f"E{number}",
        "PersonalID": number,
        "ProjectID": _PROJECTS[int(number, 16) % len(_PROJECTS)],
        "EntryDate": "2023-11-05",
        "HouseholdID": f"{record.agency} {record.local_household or number}",
        "RelationshipToHoH": "1",
        "LastPermanentStreet": record.address,
        "LastPermanentCity": record.city,
        "LastPermanentZIP": record.zip,
    }


def _told(number: str, record: TownRecord) -> Row:
    """What the files say of a client: nothing where the data quality says that nothing was given."""
    return {
        "first": record.first,
        "middle": record.middle,
        "last": record.last,
        "dob": "" if _is_unsure(number[::-1]) else record.dob,
        "ssn": "" if _is_unsure(number) else record.ssn,
        "zip": record.zip,
        "phone": "",
    }


def _write(path: Path, header: Sequence[str], rows: Sequence[Row]) -> None:
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, header, restval="")
        writer.writeheader()
        writer.writerows(rows)
