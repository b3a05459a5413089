"""What a volunteer's own files once did to the reader: each finding of a trial, as a claim."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from hashing.export import AgencyExport, read_export
from hashing.wording import describe_export

TODAY = date(2026, 7, 15)


def read(folder: Path, **files: str) -> AgencyExport:
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return read_export([folder / f"{name}.csv" for name in files], today=TODAY)


TWO_PEOPLE = "Client ID,First,Last,DOB\n1,Ann,Made,1980-02-03\n1,Bob,Up,1955-06-07\n2,Cy,Third,1990-10-11\n"


def test_a_number_of_two_people_gives_neither_a_consent_nor_a_service(tmp_path: Path) -> None:
    consents = "Client ID,Consent,Consent expires,Share with\n1,Yes,2027-06-30,clinic\n2,Yes,2027-06-30,clinic\n"
    visits = "Client ID,Visit Date\n1,2026-01-02\n2,2026-01-02\n"
    found = read(tmp_path, list=TWO_PEOPLE, consents=consents, visits=visits)
    assert [(c.client_id, bool(c.consent), bool(c.services)) for c in found.clients] == [
        ("1", False, False),
        ("1", False, False),
        ("2", True, True),
    ]
    assert any("1 client number stands for more than one person" in note for note in found.notes)


def test_two_lists_read_together_are_told_of(tmp_path: Path) -> None:
    one = "Client ID,First,Last,DOB\n1,Ann,Made,1980-02-03\n"
    two = "Client ID,First,Last,DOB\n1,Bob,Up,1955-06-07\n"
    assert "2 client lists were read as one agency's" in read(tmp_path, one=one, two=two).notes


@pytest.mark.parametrize(
    ("header", "typed", "month_and_day"),
    [
        ("Date of Birth (DD/MM/YYYY)", "01/02/1980", (2, 1)),
        ("DOB (MM/DD/YYYY)", "01/02/1980", (1, 2)),
        ("Fecha de nacimiento", "01/02/1980", (2, 1)),
        ("DOB", "01/02/1980", (1, 2)),
        ("DOB", "090818", (9, 8)),
        ("DOB", "4/15/1980 (est)", (4, 15)),
    ],
)
def test_the_header_says_which_number_is_the_day(header: str, typed: str, month_and_day, tmp_path: Path) -> None:
    found = read(tmp_path, list=f"Client ID,First,Last,{header}\n1,Ann,Made,{typed}\n")
    born = found.clients[0].birth
    assert born is not None
    assert (born.month, born.day) == month_and_day


def test_a_column_that_does_not_tell_day_from_month_is_told_of(tmp_path: Path) -> None:
    unclear = "Client ID,First,Last,DOB\n1,Ann,Made,01/02/1980\n2,Bob,Up,03/04/1990\n"
    clear = "Client ID,First,Last,DOB\n1,Ann,Made,01/02/1980\n2,Bob,Up,03/14/1990\n"
    note = "no birth date tells whether day or month comes first: month first was taken (if not: day_first=True)"
    assert note in read(tmp_path, list=unclear).notes
    assert note not in read(tmp_path, list=clear).notes


def test_totals_are_no_clients(tmp_path: Path) -> None:
    rows = "Client ID,First,Last,DOB\n1,Ann,Made,1980-02-03\nTOTAL,,,25\nUnduplicated households: 25,,,\n"
    assert len(read(tmp_path, list=rows).clients) == 1


def test_columns_and_files_that_are_not_used_are_named(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(TWO_PEOPLE.replace("DOB", "DOB,Favourite dish").replace("\n", ",\n"))
    (tmp_path / "photo.jpg").write_bytes(b"x")
    found = read_export([tmp_path], today=TODAY)
    assert "photo.jpg in the folder was not read" in found.notes


def test_check_names_the_columns_that_it_does_not_read(tmp_path: Path) -> None:
    rows = "Client ID,First,Last,DOB,Case notes\n1,Ann,Made,1980-02-03,private\n"
    lines = list(describe_export(read(tmp_path, list=rows)))
    assert "  not used: Case notes" in lines
    assert not any("private" in line for line in lines)


@pytest.mark.parametrize(
    ("header", "value"),
    [("HPHONE", "2175551102"), ("Best phone number to reach you", "2175551102"), ("Cell/Text", "(217) 555-1102")],
)
def test_a_phone_is_known_by_its_header_and_its_shape(header: str, value: str, tmp_path: Path) -> None:
    rows = "".join(f"{n},Ann{n},Made,1980-02-0{n},{value}\n" for n in range(1, 8))
    found = read(tmp_path, list=f"Client ID,First,Last,DOB,{header}\n{rows}")
    assert found.clients[0].phones == ("2175551102",)


def test_a_landlords_phone_is_not_the_clients(tmp_path: Path) -> None:
    rows = "".join(f"{n},Ann{n},Made,1980-02-0{n},(217) 555-1102\n" for n in range(1, 8))
    found = read(tmp_path, list=f"Client ID,First,Last,DOB,Landlord Phone\n{rows}")
    assert found.clients[0].phones == ()


def test_house_number_and_street_may_stand_in_two_columns(tmp_path: Path) -> None:
    rows = "Client ID,First,Last,street_number,street_name,Postal/Zip Code\n1,Ann,Made,12,Oak Ave,98382\n"
    home = read(tmp_path, list=rows).clients[0].address
    assert (home.number, home.street, home.zip) == ("12", "oak", "98382")


def test_consents_say_why_they_do_not_count(tmp_path: Path) -> None:
    consents = (
        "Client ID,Consent,Consent expires,Share with\n1,Yes,31/06/2027,clinic\n2,Yes,,clinic\n"
        "77,Yes,2027-06-30,Free Clinic and Community Action\n"
    )
    lists = "Client ID,First,Last,DOB\n1,Ann,Made,1980-02-03\n2,Cy,Third,1990-10-11\n"
    notes = read(tmp_path, list=lists, consents=consents).notes
    assert "1 consent has an expiry date that is none and does not count" in notes
    assert "1 consent has no expiry date and does not count" in notes
    assert "1 client number of the consents is not in the client list" in notes


def test_two_agencies_named_in_one_breath_are_two(tmp_path: Path) -> None:
    consents = "Client ID,Consent,Consent expires,Share with\n1,Yes,2027-06-30,Free Clinic and Community Action\n"
    lists = "Client ID,First,Last,DOB\n1,Ann,Made,1980-02-03\n"
    consent = read(tmp_path, list=lists, consents=consents).clients[0].consent
    assert consent is not None
    assert consent.recipients == ("community_action", "free_clinic")


def test_a_table_of_consents_without_a_yes_is_told_of(tmp_path: Path) -> None:
    consents = "Client ID,Paper on file,Expiration,Agencies\n1,Yes,2027-06-30,clinic\n"
    lists = "Client ID,First,Last,DOB\n1,Ann,Made,1980-02-03\n"
    notes = read(tmp_path, list=lists, consents=consents).notes
    assert "1 consent has no column that says yes and does not count" in notes


def test_a_file_of_which_nothing_was_used_is_named(tmp_path: Path) -> None:
    lists = "Client ID,First,Last,DOB\n1,Ann,Made,1980-02-03\n"
    found = read(tmp_path, list=lists, visits="Patron,Visit Date\n1,2026-01-02\n")
    assert any(note.startswith("nothing was used of visits.csv") for note in found.notes)


def test_birth_dates_that_cannot_be_read_are_told_by_their_rows(tmp_path: Path) -> None:
    rows = (
        "Client ID,First,Last,DOB\n1,Ann,Made,2031-02-30\n2,Bo,Up,1980-02-03\n3,Cy,Low,05/13/2090\n4,Di,Mid,unknown\n"
    )
    notes = read(tmp_path, list=rows).notes
    assert "2 birth dates in list.csv could not be read (rows 2, 4): write dates as 1984-03-27" in notes
    assert not any("2031" in note for note in notes)


def test_a_date_that_was_read_as_a_number_is_a_date(tmp_path: Path) -> None:
    born = read(tmp_path, list="Client ID,First,Last,DOB\n1,Ann,Made,19800305.0\n").clients[0].birth
    assert born is not None
    assert (born.year, born.month, born.day) == (1980, 3, 5)


def test_given_and_family_are_names(tmp_path: Path) -> None:
    client = read(tmp_path, list="Ref,Given,Family,DOB\nA1,Ann,Made,1980-02-03\n").clients[0]
    assert (client.client_id, client.first, client.last, client.household) == ("A1", ("ann",), ("made",), "")


@pytest.mark.parametrize(
    ("typed", "first", "middle", "last"),
    [
        ("LOPEZ LUIS MARIE", ("luis",), ("marie",), ("lopez",)),
        ("DE LA CRUZ MARIA ELENA", ("maria",), ("elena",), ("de", "la", "cruz")),
        ("BOTELLO CROTEAU ANNIE", ("annie",), (), ("botello", "croteau")),
        ("DE LA CRUZ MARIA", ("maria",), (), ("de", "la", "cruz")),
    ],
)
def test_capitals_with_two_given_names_are_parted(typed: str, first, middle, last, tmp_path: Path) -> None:
    others = "".join(
        f"{n},{name},1970-01-02\n" for n, name in enumerate(["SMITH MARY", "JONES PETER", "BROWN ANNA"], 2)
    )
    client = read(tmp_path, list=f"Client ID,Name,DOB\n1,{typed},1980-02-03\n{others}").clients[0]
    assert (client.first, client.middle, client.last) == (first, middle, last)
