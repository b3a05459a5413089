"""Service rows become units of an area in a month, and the names of services stay behind."""

import pytest
from client_lists import TODAY, export, table
from hypothesis import given
from hypothesis import strategies as st

from hashing.schema import ServiceArea
from hashing.service_areas import service_area
from hashing.services import MAX_UNITS, read_services


def areas(text: str, *, name: str = "visits.csv") -> list[tuple[str, str, str, int]]:
    found, _ = read_services([table(text, name=name)], today=TODAY)
    return [(client, s.area.value, s.month, s.units) for client, months in found.items() for s in months]


@pytest.mark.parametrize(
    ("service", "area"),
    [
        ("Grocery Box", "food"),
        ("Hot Meal", "food"),
        ("Commodity Supplemental Food Program", "food"),
        ("TEFAP", "food"),
        ("Nutrition Counseling", "food"),
        ("Emergency Shelter - Hotel", "shelter"),
        ("Bed Night", "shelter"),
        ("Rental assistance", "shelter"),
        ("Housing Counseling", "shelter"),
        ("Individual Therapy", "behavioral_health"),
        ("Behavioral Health Visit", "behavioral_health"),
        ("Grief counseling", "behavioral_health"),
        ("Group", "behavioral_health"),
        ("SUD outpatient", "substance_use"),
        ("Naloxone kit", "substance_use"),
        ("Primary Care Visit", "health"),
        ("Dental Hygiene", "health"),
        ("Physical Therapy", "health"),
        ("Lab", "health"),
        ("Case Management", "outreach"),
        ("Street engagement", "outreach"),
        ("LIHEAP Utility Assistance", "family_support"),
        ("Parenting Class", "family_support"),
        ("COVID Relief Grant", "family_support"),
        ("Legal Clinic", "family_support"),
        ("Child Care", "family_support"),
        ("Household goods", "other"),
        ("Immigrant services", "other"),
        ("Current client", "other"),
        ("Bus pass", "other"),
        ("", "other"),
    ],
)
def test_a_service_leaves_only_as_an_area(service, area):
    assert service_area(service) == area


@pytest.mark.parametrize(
    "service", ["HIV case conference", "Ryan White HIV/AIDS clinic", "HIV testing", "AIDS services", "Ryan White"]
)
def test_services_of_hiv_programs_are_never_told_apart_from_other_health_services(service):
    assert service_area(service) is service_area("Office visit") is ServiceArea.HEALTH


@pytest.mark.parametrize("service", ["HOPWA", "HOPWA supportive services", "HOPWA - STRMU"])
def test_housing_for_people_with_aids_is_never_told_apart_from_other_housing(service):
    assert service_area(service) is service_area("Supportive housing") is ServiceArea.SHELTER


@given(service=st.text())
def test_every_service_has_an_area(service):
    assert service_area(service) in ServiceArea


def test_units_add_up_by_client_kind_of_service_and_month():
    rows = (
        "1 | 2026-05-01 | Food box | 2\n1 | 2026-05-30 | Hot meal | 1\n"
        "1 | 2026-06-01 | Food box |\n2 | 2026-05-01 | Lab | 1"
    )
    assert areas(f"Client ID | Date | Service | Units\n{rows}") == [
        ("1", "food", "2026-05", 2),
        ("1", "food", "2026-05", 1),
        ("1", "food", "2026-06", 1),
        ("2", "health", "2026-05", 1),
    ]


@pytest.mark.parametrize(
    ("typed", "units"),
    [
        ("3", 3),
        ("1,200", 1200),
        ("2.6", 3),
        ("0", 1),
        ("-5", 1),
        ("", 1),
        ("many", 1),
        ("nan", 1),
        ("1e400", 1),
        ("1e9", MAX_UNITS),
    ],
)
def test_units_are_whole_and_at_least_one(typed, units):
    assert areas(f"Client ID | Date | Service | Units\n1 | 2026-05-01 | Food box | {typed}")[0][3] == units


@pytest.mark.parametrize(
    ("kind", "area"),
    [
        ("200", "shelter"),
        ("141", "outreach"),
        ("143", "other"),
        ("151", "other"),
        ("210", "shelter"),
        ("999", "other"),
    ],
)
def test_a_hmis_service_without_words_is_known_by_its_record_type(kind, area):
    text = f"PersonalID | DateProvided | RecordType | TypeProvided | OtherTypeProvided\np1 | 2026-05-01 | {kind} | 1 |"
    assert areas(text)[0][1] == area


def test_words_go_before_codes():
    headers = "PersonalID | DateProvided | RecordType | TypeProvided | OtherTypeProvided"
    text = f"{headers}\np1 | 2026-05-01 | 200 | 200 | Food box"
    assert areas(text)[0][1] == "food"


def test_a_code_without_a_meaning_is_left_to_the_name_of_the_file():
    assert areas("Client ID | Date | Program\n1 | 2026-05-01 | 200", name="pantry_visits.csv")[0][1] == "food"


def test_whether_the_day_comes_first_is_decided_for_the_column():
    text = "Client ID | Date | Service\n1 | 03/05/2026 | Food box\n1 | 31/05/2026 | Food box"
    assert areas(text) == [("1", "food", "2026-05", 2)]


def test_deleted_services_and_those_without_a_date_do_not_count(tmp_path):
    services = (
        "PersonalID|DateProvided|TypeProvided|DateDeleted\n"
        "1|2026-05-01|Food box|\n1|2026-05-02|Food box|2026-06-01\n"
        "1|soon|Food box|\n1|2027-01-01|Food box|\n9|2026-05-01|Food box|"
    )
    found = export(tmp_path, c="PersonalID|First|Last|DOB\n1|Ana|Made|1990-05-06", s=services)
    assert [s.units for s in found.clients[0].services] == [1]
    assert "2 service rows have no readable date and were left out" in found.notes
    assert "1 client number of the service rows is not in the client list" in found.notes


def test_dates_of_service_beside_the_names_count_too(tmp_path):
    text = (
        "ID|Name|DOB|Visit Date|Program\n1|Ana Made|5/6/1990|5/1/2026|Food box\n1|Ana Made|5/6/1990|5/8/2026|Food box"
    )
    (client,) = export(tmp_path, c=text).clients
    assert [(s.area, s.month, s.units) for s in client.services] == [("food", "2026-05", 2)]


def test_services_of_households_are_nobodys_and_told_of(tmp_path):
    found = export(
        tmp_path, c="Household ID|First|Last|DOB\n7|Ana|Made|1990-05-06", v="Household ID|Visit Date\n7|2026-05-01"
    )
    assert found.clients[0].services == ()
    assert "v.csv tells of households and not of clients: its services were not used" in found.notes


def test_what_a_service_was_and_what_it_is_counted_in():
    rows = (
        "1 | 2026-05-01 | Rent assistance | $950.00\n1 | 2026-05-30 | Rent assistance |\n"
        "2 | 2026-05-01 | Clinic visit | 120\n3 | 2026-05-02 | HIV clinic visit | 700"
    )
    found, _ = read_services([table(f"Client ID | Date | Service | Amount\n{rows}", name="visits.csv")], today=TODAY)
    told = {client: [(s.type.value, s.unit.value, s.units) for s in months] for client, months in found.items()}
    assert told == {
        "1": [("rent_assistance", "dollars", 950), ("rent_assistance", "encounters", 1)],
        "2": [("medical_visit", "encounters", 1)],
        "3": [("medical_visit", "encounters", 1)],
    }


def test_nights_are_told_of_shelter_alone():
    rows = "1 | 2026-05-01 | Emergency shelter | 12\n2 | 2026-05-01 | HIV nursing stay | 12"
    found, _ = read_services([table(f"Client ID | Date | Service | Nights\n{rows}", name="stays.csv")], today=TODAY)
    told = {client: [(s.type.value, s.unit.value) for s in months] for client, months in found.items()}
    assert told == {"1": [("emergency_shelter", "nights")], "2": [("medical_visit", "encounters")]}
