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

Row = dict[str, str]
Files = dict[str, list[Row]]

_END = "DateCreated DateUpdated UserID DateDeleted ExportID"
_NAME = "PersonalID FirstName MiddleName LastName NameSuffix NameDataQuality SSN SSNDataQuality DOB DOBDataQuality"
_VETERAN = (
    "VeteranStatus YearEnteredService YearSeparated WorldWarII KoreanWar VietnamWar DesertStorm AfghanistanOEF IraqOIF "
    "IraqOND OtherTheater MilitaryBranch DischargeStatus"
)
CLIENT = {
    "FY2020": f"{_NAME} AmIndAKNative Asian BlackAfAmerican NativeHIOtherPacific White RaceNone Ethnicity Gender {_VETERAN} {_END}",
    "FY2022": f"{_NAME} AmIndAKNative Asian BlackAfAmerican NativeHIPacific White RaceNone Ethnicity Female Male NoSingleGender "
    f"Transgender Questioning GenderNone {_VETERAN} {_END}",
    "FY2024": f"{_NAME} AmIndAKNative Asian BlackAfAmerican HispanicLatinaeo MidEastNAfrican NativeHIPacific White RaceNone "
    f"AdditionalRaceEthnicity Woman Man NonBinary CulturallySpecific Transgender Questioning DifferentIdentity GenderNone "
    f"DifferentIdentityText {_VETERAN} {_END}",
    "FY2026": f"{_NAME} Sex AmIndAKNative Asian BlackAfAmerican HispanicLatinao MidEastNAfrican NativeHIPacific White RaceNone "
    f"AdditionalRaceEthnicity {_VETERAN} {_END}",
}  # fmt: skip
YEARS = tuple(CLIENT)
_OTHERS = {
    "Export": "ExportID SourceType SourceID SourceName SourceContactFirst SourceContactLast SourceContactPhone "
    "SourceContactExtension SourceContactEmail ExportDate ExportStartDate ExportEndDate SoftwareName SoftwareVersion "
    "CSVVersion ExportPeriodType ExportDirective HashStatus ImplementationID",
    "Organization": f"OrganizationID OrganizationName VictimServiceProvider OrganizationCommonName {_END}",
    "Project": "ProjectID OrganizationID ProjectName ProjectCommonName OperatingStartDate OperatingEndDate ContinuumProject "
    f"ProjectType HousingType RRHSubType ResidentialAffiliation TargetPopulation HOPWAMedAssistedLivingFac PITCount {_END}",
    "Enrollment": "EnrollmentID PersonalID ProjectID EntryDate HouseholdID RelationshipToHoH EnrollmentCoC LivingSituation "
    "RentalSubsidyType LengthOfStay DisablingCondition DateOfEngagement MoveInDate DateOfPATHStatus LastPermanentStreet "
    f"LastPermanentCity LastPermanentState LastPermanentZIP HOHLeaseholder TargetScreenReqd {_END}",
    "Exit": f"ExitID EnrollmentID PersonalID ExitDate Destination OtherDestination {_END}",
    "Services": "ServicesID EnrollmentID PersonalID DateProvided RecordType TypeProvided OtherTypeProvided MovingOnOtherType "
    f"SubTypeProvided FAAmount FAStartDate FAEndDate ReferralOutcome {_END}",
    "CurrentLivingSituation": "CurrentLivingSitID EnrollmentID PersonalID InformationDate CurrentLivingSituation "
    f"CLSSubsidyType VerifiedBy LeaveSituation14Days SubsequentResidence LocationDetails {_END}",
    "HealthAndDV": "HealthAndDVID EnrollmentID PersonalID InformationDate DomesticViolenceSurvivor WhenOccurred "
    f"CurrentlyFleeing GeneralHealthStatus DataCollectionStage {_END}",
    "Disabilities": f"DisabilitiesID EnrollmentID PersonalID InformationDate DisabilityType DisabilityResponse {_END}",
    "User": "UserID UserFirstName UserLastName UserPhone UserExtension UserEmail DateCreated DateUpdated DateDeleted ExportID",
}  # fmt: skip


def columns(file: str, year: str) -> list[str]:
    """A file's columns in the order of a year's specification."""
    return (CLIENT[year] if file == "Client" else _OTHERS[file]).split()


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
