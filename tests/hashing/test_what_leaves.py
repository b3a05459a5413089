"""Of birth dates and services, bands and kinds leave: counted on the demo town's exports, looked for in the bytes."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest
from client_lists import TODAY, export
from python_calamine import CalamineWorkbook
from test_ages import oracle

from hashing.client import Sender, encode_to_folder
from hashing.dates import OLDEST
from hashing.export import AgencyExport, read_export
from hashing.keys import LinkageSecret
from hashing.profile import load_profile
from hashing.schema import AgeBand

TOWN = Path(__file__).resolve().parents[2] / "demo/anytown"
SECRET = LinkageSecret(1, bytes(range(32)))
PEOPLE = """Client ID | First Name | Last Name | DOB | Phone
1 | Ann | Able | 03/31/2008 | 360-555-0101
2 | Bob | Baker | 04/01/2008 | 360-555-0102
3 | Cy | Cole | 1/1/1975 | 360-555-0103
4 | Di | Dole | 01/01/1900 | 360-555-0104
5 | Ed | Eels | | 360-555-0105
6 | Fay | Fox | 1990 | 360-555-0106"""
WHAT = {  # how the exports of the demo town call what they give
    "Group": "behavioral_health counseling encounters",
    "Individual Therapy": "behavioral_health counseling encounters",
    "Intake": "behavioral_health counseling encounters",
    "Crisis Contact": "behavioral_health crisis encounters",
    "Medication Management": "behavioral_health medication encounters",
    "Behavioral Health Visit": "behavioral_health counseling encounters",
    "Office Visit": "health medical_visit encounters",
    "Telehealth": "health medical_visit encounters",
    "Immunization": "health medical_visit encounters",
    "Lab": "health medical_visit encounters",
    "Primary Care Visit": "health medical_visit encounters",
    "Dental Visit": "health dental_visit encounters",
    "Rx Assistance": "health prescription encounters",
    "LIHEAP Utility Assistance": "family_support utilities encounters",
    "Utility Grant": "family_support utilities encounters",
    "COVID Relief Grant": "family_support financial_help encounters",
    "Child Care": "family_support childcare encounters",
    "Emergency Child Care": "family_support childcare encounters",
    "Youth Program": "family_support youth_program encounters",
    "Facility Visit": "family_support other encounters",
    "Rental Assistance": "shelter rent_assistance encounters",
    "Rent Grant": "shelter rent_assistance encounters",
    "Homeless Prevention": "shelter rent_assistance encounters",
    "Weatherization": "shelter housing encounters",
    "Emergency Shelter - Hotel": "shelter motel_voucher encounters",
    "Case Management": "outreach case_management encounters",
    "Grocery Box": "food groceries encounters",
    "Hot Meal": "food meals meals",
    "Home-Delivered Meal": "food meals meals",
    "Holiday Meal Kit": "food meals meals",
}


def _workbook(agency: str) -> Iterator[tuple[str, int]]:
    (path,) = (TOWN / agency).glob("*.xlsx")
    rows = CalamineWorkbook.from_path(path).get_sheet_by_name("Services").to_python()
    return ((str(row[1]), int(float(str(row[3])))) for row in rows[1:])


def _text(file: str, column: str, delimiter: str = ",") -> Iterator[tuple[str, int]]:
    with (TOWN / file).open(encoding="latin-1", newline="") as lines:
        yield from ((row[column], 1) for row in csv.DictReader(lines, delimiter=delimiter))


ROWS = {
    "behavioral_health": lambda: _workbook("behavioral_health"),
    "community_action": lambda: _text("community_action/Services.csv", "OtherTypeProvided"),
    "community_clinic": lambda: _text("community_clinic/visits.csv", "visit_type"),
    "community_foundation": lambda: _text("community_foundation/grants.csv", "Grant Type"),
    "food_bank": lambda: _text("food_bank/food_bank_visits.csv", "Service"),
    "free_clinic": lambda: _text("free_clinic/Encounters_latin1.csv", "ServiceType", ";"),
    "police_outreach": lambda: _text("police_outreach/outreach_services.csv", "SERVICE_TYPE"),
    "ymca": lambda: _text("ymca/ymca_checkins.csv", "Program"),
}


def _read(agency: str) -> AgencyExport:
    folder = TOWN / agency
    return read_export([folder] if (folder / "Client.csv").exists() else sorted(folder.iterdir()), today=TODAY)


@pytest.mark.parametrize("agency", ROWS)
def test_every_service_of_the_demo_town_is_told_as_its_kind(agency):
    expected: Counter[str] = Counter()
    for name, units in ROWS[agency]():
        expected[WHAT[name]] += units
    told: Counter[str] = Counter()
    for client in _read(agency).clients:
        for service in client.services:
            told[f"{service.area} {service.type} {service.unit}"] += service.units
    assert told == expected


def _whole(text: str) -> date | None:
    """A birth date; None for one that no calendar has, and for 1 January, which stands for a year alone."""
    try:
        day = datetime.strptime(text, "%m/%d/%Y").date()  # noqa: DTZ007 -- a day has no time zone
    except ValueError:
        return None
    return None if (day.month, day.day) == (1, 1) else day


def test_every_age_of_the_demo_town_is_that_of_the_whole_birth_date():
    """The food bank writes 05/22/1959, and its last service is in December 2020."""
    with (TOWN / "food_bank/food_bank_clients.csv").open(encoding="latin-1", newline="") as lines:
        typed = {row["Client #"]: row["Birth Date"] for row in csv.DictReader(lines)}
    batch = _read("food_bank").batch.with_ages_on(date(2020, 12, 31))
    ages = dict(zip(batch.client_id.tolist(), batch.age.cells(), strict=True))
    born = {n: day for n, text in typed.items() if n in ages and (day := _whole(text))}
    assert len(born) > 2_000
    last, mistyped = date(2020, 12, 31), {n for n, day in born.items() if TODAY.year - day.year > OLDEST}
    assert mistyped
    assert {n: ages[n] for n in born} == {n: None if n in mistyped else oracle(born[n], last) for n in born}


def _encoded(folder: Path, export: AgencyExport) -> list[dict[str, object]]:
    """The rows of the file that is written."""
    encode_to_folder(folder, export, secret=SECRET, profile=load_profile("bloom"), sender=Sender("food_bank"))
    return [json.loads(line) for line in (folder / "food_bank.codes.jsonl").read_text().splitlines()[1:]]


@pytest.mark.parametrize(
    ("services", "bands"),
    [
        (
            "Client ID | Date | Service\n1 | 2026-03-04 | Food",
            {"18_24": 1, "13_17": 1, "45_54": 1, "35_44": 1, None: 2},
        ),
        ("Client ID | Date | Service\n1 | 2026-04-01 | Food", {"18_24": 2, "45_54": 1, "35_44": 1, None: 2}),
        (None, {"18_24": 2, "45_54": 1, "35_44": 1, None: 2}),  # the day of reading, 30 June
    ],
)
def test_ages_are_those_of_the_last_day_that_the_file_tells_of(tmp_path, services, bands):
    found = export(tmp_path, clients=PEOPLE, **({"visits": services} if services else {}))
    assert Counter(row.get("age") for row in _encoded(tmp_path / "out", found)) == bands


def test_no_birth_date_and_no_name_of_a_service_is_in_the_file(tmp_path):
    services = (
        "Client ID | Date | Service | Amount\n1 | 2026-03-04 | HOPWA Hope House | 950\n2 | 2026-03-17 | Dr Oz clinic |"
    )
    rows = _encoded(tmp_path / "out", export(tmp_path, clients=PEOPLE, visits=services))
    for row in rows:
        assert row.keys() <= {"row", "codes", "blocks", "age", "household", "services", "consent"}
        assert row.get("age") in {None, *AgeBand}
        told = json.dumps([row.get(name) for name in ("age", "household", "services", "consent")])
        assert not re.search(r"(?i)2008|1975|1990|1900|-\d\d-\d\d|hope|hopwa|house|oz|dr |clinic", told)
    assert sum(bool(row["services"]) for row in rows) == 2
