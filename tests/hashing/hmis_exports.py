# ruff: noqa: E501 -- exports are as wide as they are
"""HUD HMIS CSV exports of invented people, with the headers of each year's specification.

A file is a list of rows by column name; columns that a row does not name are empty, as most of an export's are.
"""

from __future__ import annotations

import csv
import io
import random
import zipfile
from collections.abc import Sequence
from pathlib import Path

from bench.hmis_columns import YEARS, columns

__all__ = ["YEARS", "columns"]
Row = dict[str, str]
Files = dict[str, list[Row]]


def client(number: str, first: str, last: str, **more: str) -> Row:
    """A row of Client.csv with a whole name and a birth date of its own."""
    born = f"19{70 + int(number[1:]) % 20}-05-{1 + int(number[1:]) % 28:02d}"
    known = {"PersonalID": number, "FirstName": first, "LastName": last, "NameDataQuality": "1", "DOB": born}
    return known | {"DOBDataQuality": "1", "DateUpdated": "2026-01-05 10:00:00"} | more


def enrollment(number: str, person: str, project: str, **more: str) -> Row:
    """A row of Enrollment.csv."""
    known = {"EnrollmentID": number, "PersonalID": person, "ProjectID": project, "EntryDate": "2026-01-02"}
    return known | {"HouseholdID": f"h-{number}", "RelationshipToHoH": "1"} | more


def town() -> Files:
    """An export with a shelter, street outreach, a food program, a project for people with HIV, and three people."""
    return {
        "Export": [{"ExportID": "x1", "SourceContactFirst": "Jane", "SourceContactLast": "Doe", "ExportDirective": "2",
                    "ExportStartDate": "2026-01-01", "ExportEndDate": "2026-06-30", "HashStatus": "1"}],
        "Organization": [{"OrganizationID": "o1", "OrganizationName": "Ordinary", "VictimServiceProvider": "0"}],
        "Project": [
            {"ProjectID": "shelter", "OrganizationID": "o1", "ProjectName": "Night shelter", "ProjectType": "1", "TargetPopulation": "4"},
            {"ProjectID": "street", "OrganizationID": "o1", "ProjectName": "Outreach", "ProjectType": "4", "TargetPopulation": "4"},
            {"ProjectID": "other", "OrganizationID": "o1", "ProjectName": "Services", "ProjectType": "6", "TargetPopulation": "4"},
            {"ProjectID": "hopwa", "OrganizationID": "o1", "ProjectName": "HOPWA", "ProjectType": "3", "TargetPopulation": "3"},
        ],
        "Client": [
            client("p1", "Ana", "Núñez-García", MiddleName="María", NameSuffix="Jr.", SSN="512345678", SSNDataQuality="1"),
            client("p2", "Bo", "Made", SSN="xXxXX4596", SSNDataQuality="2"),
            client("p3", "Cy", "Fict", SSN="512345670", SSNDataQuality="8", DOBDataQuality="99"),
        ],
        "Enrollment": [
            enrollment("e1", "p1", "shelter", HouseholdID="h1", LastPermanentStreet="12 N Imaginary Rd", LastPermanentZIP="98382"),
            enrollment("e2", "p2", "street", HouseholdID="h2"),
            enrollment("e3", "p3", "hopwa", HouseholdID="h3"),
        ],
    }  # fmt: skip


def written(
    files: Files, year: str = "FY2026", *, case: str = "", shuffled: int = 0, mark: str = ""
) -> dict[str, bytes]:
    """The CSV files; headers in another *case*, columns *shuffled* by a seed, a byte order *mark* before each."""
    return {f"{file}.csv": _csv(rows, _ordered(file, year, shuffled), case, mark) for file, rows in files.items()}


def _ordered(file: str, year: str, shuffled: int) -> list[str]:
    found = columns(file, year)
    if shuffled:
        random.Random(f"{file} {shuffled}").shuffle(found)
    return found


def _csv(rows: Sequence[Row], order: Sequence[str], case: str, mark: str) -> bytes:
    unknown = {column for row in rows for column in row} - set(order)
    assert not unknown, f"no such column: {unknown}"
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([getattr(column, case)() if case else column for column in order])
    writer.writerows([row.get(column, "") for column in order] for row in rows)
    return (mark + out.getvalue()).encode()


def folder(path: Path, files: dict[str, bytes]) -> Path:
    """The files in a folder."""
    path.mkdir(exist_ok=True)
    for name, content in files.items():
        (path / name).write_bytes(content)
    return path


def zipped(path: Path, files: dict[str, bytes], *, within: str = "") -> Path:
    """The files in a zip, perhaps in a folder within it."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(f"{within}{name}", content)
    return path
