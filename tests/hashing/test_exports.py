"""A whole export: who is counted, what is refused, and what the reader is told."""

from datetime import date

import pytest
from client_lists import TODAY, export, told, write
from workbooks import workbook

from hashing.clients import Client
from hashing.dates import BirthDate
from hashing.errors import AgencyRefused, InputFileError
from hashing.export import read_export
from hashing.repeats import INSTITUTION_SURNAMES

CLIENT = (
    "PersonalID|FirstName|MiddleName|LastName|NameSuffix|NameDataQuality|SSN|SSNDataQuality|DOB|DOBDataQuality|"
    "DateUpdated|DateDeleted"
)
EXPORT = "ExportID|SourceID|SourceContactFirst|SourceContactLast|SourceContactPhone|ExportDate|HashStatus"


def hmis(folder, *clients: str, hash_status: str = "1", **more: str):
    files = {
        "Client": "\n".join((CLIENT, *clients)),
        "Export": f"{EXPORT}\ne1|WA-599|Jane|Doe|5555555555|2026-01-05|{hash_status}",
    }
    return export(folder, **(files | more))


ANA = "p1|Ana|Q|Made||1|512345678|1|1990-05-06|1|2026-01-01|"


@pytest.mark.parametrize("status", ["2", "3", "4"])
def test_a_scrambled_hmis_export_is_refused_with_what_to_choose(tmp_path, status):
    with pytest.raises(InputFileError, match=r"^Export\.csv: this export is already scrambled") as refusal:
        hmis(tmp_path, ANA, hash_status=status)
    assert "Hash status: Unhashed" in refusal.value.hint


@pytest.mark.parametrize("length", [32, 40, 64])
def test_a_list_whose_names_are_hexadecimal_is_refused_even_without_an_export_file(tmp_path, length):
    rows = "\n".join(
        f"p{n}|{'9f86d081884c7d65' * 4:.{length}}|{'2c26b46b68ffc68f' * 4:.{length}}|1990-05-06" for n in range(3)
    )
    with pytest.raises(InputFileError, match="this export is already scrambled"):
        export(tmp_path, Client=f"PersonalID|FirstName|LastName|DOB\n{rows}")


def test_one_odd_name_does_not_make_an_export_scrambled(tmp_path):
    found = hmis(tmp_path, ANA, f"p2|Bo||{'ab' * 16}||1|||1990-05-06|1||", "p3|Cy||Other||1|||1990-05-06|1||")
    assert len(found.clients) == 3


def test_an_export_with_a_victim_service_providers_clients_is_refused(tmp_path):
    with pytest.raises(
        AgencyRefused, match=r"^Organization\.csv: the export holds clients of a victim service provider"
    ):
        hmis(tmp_path, ANA, Organization="OrganizationID|OrganizationName|VictimServiceProvider\no1|A|0\no2|B|1")


def test_an_export_without_victim_service_providers_is_read(tmp_path):
    organizations = "OrganizationID|OrganizationName|VictimServiceProvider\no1|A|0"
    assert len(hmis(tmp_path, ANA, Organization=organizations).clients) == 1


def test_an_export_file_alone_is_no_client_list(tmp_path):
    with pytest.raises(InputFileError, match=r"^Export\.csv: no client list found"):
        export(tmp_path, Export=f"{EXPORT}\ne1|WA-599|Jane|Doe|5555555555|2026-01-05|1")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("letter.txt", b"Dear neighbor,\n\nthe pantry opens at nine; please bring a bag.\n\nYours, the team\n"),
        ("words.csv", b"apples,pears\n1,2\n"),
        ("rows.csv", b"Ana,Made,1990-05-06\nBo,Fict,1991-05-06\n"),
        ("rows.xlsx", workbook(Sheet1=[["Ana", "Made", date(1990, 5, 6)], ["Bo", "Fict", date(1991, 5, 6)]])),
    ],
)
def test_what_is_no_client_list_is_refused_with_what_one_needs(tmp_path, name, content):
    with pytest.raises(InputFileError, match="no client list found") as refusal:
        read_export([write(tmp_path, name, content)], today=TODAY)
    assert "First Name" in refusal.value.hint


def test_a_list_of_headers_alone_is_empty(tmp_path):
    with pytest.raises(InputFileError, match=r"^c\.csv: the client list is empty$"):
        export(tmp_path, c="First|Last|DOB")


def test_a_list_of_deleted_clients_alone_is_empty(tmp_path):
    with pytest.raises(InputFileError, match="the client list is empty"):
        hmis(tmp_path, f"{ANA}2026-02-01")


def test_deleted_clients_are_left_out_and_counted(tmp_path):
    found = hmis(tmp_path, ANA, "p2|Bo||Gone||1|||1991-05-06|1||2026-02-01 00:00:00")
    assert told(found.clients, "client_id") == [("p1",)]
    assert "1 row repeated a client or was marked as deleted" in found.notes


def test_a_shifted_column_is_no_deletion(tmp_path):
    assert len(hmis(tmp_path, f"{ANA}u06").clients) == 1


@pytest.mark.parametrize("code", ["8", "9", "99"])
def test_a_value_whose_quality_says_unknown_is_missing_even_where_there_is_one(tmp_path, code):
    (client,) = hmis(tmp_path, f"p1|Ana||Made||{code}|512345678|{code}|1990-05-06|{code}||").clients
    assert (client.first, client.last, client.ssn, client.ssn4, client.birth) == ((), (), "", "", None)


@pytest.mark.parametrize(("name_code", "code"), [("1", "1"), ("1", "2"), ("", "")])
def test_a_value_whose_quality_is_whole_or_partial_is_read(tmp_path, name_code, code):
    (client,) = hmis(tmp_path, f"p1|Ana||Made||{name_code}|xxxxx5678|{code}|1990-05-06|{code}||").clients
    assert (client.first, client.ssn, client.ssn4, client.birth) == (("ana",), "", "5678", BirthDate(1990, 5, 6))


@pytest.mark.parametrize("code", ["2", "Partial, street name, or code name reported"])
def test_a_partial_name_is_read_as_it_stands_since_the_rest_may_tell_who_it_is(tmp_path, code):
    (client,) = hmis(tmp_path, f"p1|Sunny||D||{code}|512345678|1|1990-05-06|1||").clients
    assert (client.first, client.last, client.ssn, client.is_matchable) == (("sunny",), ("d",), "512345678", True)


def test_a_client_number_given_twice_is_one_client_with_all_that_either_row_knows(tmp_path):
    (client,) = hmis(
        tmp_path, "p1|Ana||Made||1|||1990-05-06|1||", "p1|Ana|Q|Made|Jr|1|512345678|1|||2026-03-01|"
    ).clients
    assert (client.middle, client.suffix, client.ssn, client.birth) == (
        ("q",),
        "jr",
        "512345678",
        BirthDate(1990, 5, 6),
    )


def test_a_client_number_that_stands_for_two_people_gives_two_clients(tmp_path):
    found = hmis(tmp_path, ANA, "p1|Bo||Fict||1|||1971-02-03|1||").clients
    assert told(found, "client_id", "first") == [("p1", "ana"), ("p1", "bo")]


@pytest.mark.parametrize(
    "nobody", ["Anonymous|Anonymous", "Consent|Refused", "Jane|Doe", "JOHN|DOE", "Baby|Doe", "Test|Client"]
)
def test_placeholders_name_nobody_but_are_counted(tmp_path, nobody):
    (client,) = export(tmp_path, c=f"ID|First|Last|DOB\n1|{nobody}|").clients
    assert (client.first, client.last, client.is_matchable) == ((), (), False)


def test_enrollments_give_household_and_last_address_and_the_latest_counts(tmp_path):
    enrollment = (
        "EnrollmentID|PersonalID|EntryDate|HouseholdID|LastPermanentStreet|LastPermanentZIP\n"
        "e1|p1|2024-01-01|h1|1 Old Rd|98382\ne2|p1|2026-01-01|h2|2 New Rd|98383\ne3||2026-01-01|h3|3 Lost Rd|98384"
    )
    (client,) = hmis(tmp_path, ANA, Enrollment=enrollment).clients
    assert (client.household, client.address.building, client.address.zip) == ("h2", "2 new", "98383")


def test_rows_without_a_client_number_never_meet_through_their_lines(tmp_path):
    found = export(tmp_path, c="ID|First|Last|DOB\n|Ana|Made|1990-05-06", v="ID|Phone|Household ID\n|360-555-0101|h9")
    assert told(found.clients, "client_id", "phones", "household") == [("line 2", "", "")]


def test_an_address_shared_by_many_families_is_where_they_are_served_not_who_they_are(tmp_path):
    rows = "\n".join(f"{n}|Ana|Made{'abcdefghijklm'[n]}|1200 Shelter Rd|98382" for n in range(INSTITUTION_SURNAMES + 1))
    found = export(tmp_path, c=f"ID|First|Last|Address|ZIP\n{rows}\n99|Bo|Fict|1 Home Rd|98382")
    assert {c.address.building for c in found.clients} == {"", "1 home"}
    assert all(client.address.zip == "98382" for client in found.clients)
    assert "addresses of 1 place that many families share were left out (shelters, offices)" in found.notes


def test_a_home_shared_by_a_family_or_two_is_kept(tmp_path):
    rows = "\n".join(f"{n}|Ana|Made{'abcdefghijklm'[n]}|12 Home Rd|98382" for n in range(INSTITUTION_SURNAMES))
    assert all(c.address.building for c in export(tmp_path, c=f"ID|First|Last|Address|ZIP\n{rows}").clients)


@pytest.mark.parametrize(
    ("known", "is_matchable"),
    [
        ({"first": ("ana",), "last": ("made",)}, False),
        ({"first": ("ana",), "last": ("made",), "birth": BirthDate(1990)}, True),
        ({"first": ("ana",), "birth": BirthDate(1990, 5, 6)}, True),
        ({"first": ("ana",), "birth": BirthDate(1990)}, False),
        ({"first": ("ana",), "last": ("made",), "phones": ("3605550101",)}, True),
        ({"ssn": "512345678", "ssn4": "5678"}, False),
        ({"ssn": "512345678", "ssn4": "5678", "birth": BirthDate(1990, 5, 6)}, True),
        ({}, False),
    ],
)
def test_a_client_can_be_matched_by_enough_evidence_and_never_by_a_name_alone(known, is_matchable):
    assert Client("1", 2, **known).is_matchable is is_matchable


def test_clients_too_weak_to_match_are_told_as_a_number(tmp_path):
    found = export(tmp_path, c="ID|First|Last|DOB\n1|Ana|Made|1990-05-06\n2|Bo|Fict|\n3|||")
    assert "2 clients have too little information to be recognised elsewhere: they are counted apart" in found.notes


def test_a_workbook_with_title_totals_and_services_is_read(tmp_path):
    book = workbook(
        hidden=["Old clients"],
        **{
            "Clients": [["Roster 2026"], [], ["Client ID", "Last", "First", "DOB", "SSN", "ZIP"],
                        ["BH-1", "Made", "Ana", date(1990, 5, 6), 12345678, 98382], ["Total clients: 1"]],
            "Services": [["Client ID", "Service", "Date", "Units"], ["BH-1", "Group", date(2026, 5, 1), 4.0]],
            "Old clients": [["Client ID", "Last", "First", "DOB"], ["BH-0", "Gone", "Bo", date(1991, 5, 6)]],
        },
    )  # fmt: skip
    (client,) = read_export([write(tmp_path, "roster.xlsx", book)], today=TODAY).clients
    assert told([client], "client_id", "first", "last", "ssn") == [("BH-1", "ana", "made", "012345678")]
    assert [(s.area, s.month, s.units) for s in client.services] == [("behavioral_health", "2026-05", 4)]


def test_no_client_shows_itself_when_printed(tmp_path):
    found = hmis(tmp_path, ANA)
    assert "ana" not in repr(found).lower().replace("organization", "")
    assert repr(found.clients[0]) == "<client of line 2>"


@pytest.mark.parametrize("order", [1, -1])
def test_the_order_of_files_changes_nothing_but_the_order(tmp_path, order):
    files = {"Client": f"{CLIENT}\n{ANA}", "Services": "PersonalID|DateProvided|TypeProvided\np1|2026-05-01|Food box"}
    (client,) = export(tmp_path, **dict(list(files.items())[::order])).clients
    assert [(s.area, s.month) for s in client.services] == [("food", "2026-05")]


@pytest.mark.parametrize(
    ("earlier", "later"),
    [("12/30/2025", "2/1/2026"), ("9/1/2025", "10/1/2025"), ("31.12.2025", "01.02.2026"), ("unknown", "1/2/2024")],
)
def test_of_two_entries_beside_the_list_the_later_day_tells_the_home(tmp_path, earlier, later):
    entries = f"Client ID|Entry Date|Address|ZIP\n1|{later}|2 New Rd|98382\n1|{earlier}|1 Old Rd|98382"
    for text in (entries, "\n".join(entries.splitlines()[i] for i in (0, 2, 1))):
        (client,) = export(tmp_path, c="Client ID|First|Last|DOB\n1|Ana|Made|1984-03-27", e=text).clients
        assert client.address.building == "2 new"
