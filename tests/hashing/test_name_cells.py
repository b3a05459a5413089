# ruff: noqa: E501 -- lists are as wide as they are
"""One row, one person: the first of two in a cell is the client, and a group of somebody else's columns is not read."""

import re

import pytest
from client_lists import export, sheet, table, told
from hypothesis import given
from hypothesis import strategies as st

from hashing.couples import first_of_two, surname_of_family
from hashing.fields import Field
from hashing.headers import find_header

TWO = [
    ("John & Mary Smith", "John Smith"),
    ("Raul Ibarra / Nadia Ibarra", "Raul Ibarra"),
    ("Raul Ibarra; Nadia Ibarra", "Raul Ibarra"),
    ("Kwame Hathaway w/ son Ezra", "Kwame Hathaway"),
    ("John and Mary Smith", "John Smith"),
    ("John + Mary Smith", "John Smith"),
    ("John&Mary Smith", "John Smith"),
    ("Smith, John and Mary", "Smith, John"),
    ("Smith, John & Mary", "Smith, John"),
    ("SMITH, JOHN AND MARY", "SMITH, JOHN"),
    ("Smith, John & Jones, Mary", "Smith, John"),
    ("John Smith & Mary Jones", "John Smith"),
    ("John A. & Mary B. Smith", "John A. Smith"),
    ("John & Mary Ann Smith", "John Smith"),
    ("John & Maria de la Cruz", "John de la Cruz"),
    ("Mr. & Mrs. John Smith", "John Smith"),
    ("Mr. John & Mrs. Mary Smith", "John Smith"),
    ("Juan y María López", "Juan López"),
    ("López, Juan y María", "López, Juan"),
    ("John and Mary", "John"),
    ("John, Mary & Bob Smith", "John Smith"),
    ("Mary Smith and family", "Mary Smith"),
    ("Mary Smith and 3 children", "Mary Smith"),
    ("Mary Smith & kids", "Mary Smith"),
]
ONE = ["John Smith", "Smith, John", "José Ortega y Gasset", "Andy Anderson", "Yolanda Y. Smith", "Sandy Strand", "& Smith",
       "John &", "Anders And", "", "y", "Mary-Ann Smith", "Ferrand y"]  # fmt: skip


@pytest.mark.parametrize(("cell", "first"), TWO)
def test_the_first_of_two_people_is_the_client(cell, first):
    assert first_of_two(cell) == first


@pytest.mark.parametrize("cell", ONE)
def test_one_persons_name_stays_as_it_is(cell):
    assert first_of_two(cell) == cell


@given(cell=st.text(st.sampled_from("aZ&,. y+\tand")))
def test_no_cell_stops_the_reading_and_no_word_is_made_up(cell):
    assert set(re.findall(r"\w+", first_of_two(cell))) <= set(re.findall(r"\w+", cell))


def test_second_people_are_counted_and_not_read(tmp_path):
    rows = "Client ID|Name|DOB\n1|John & Mary Smith|1961-07-14\n2|Fict, Bo|1984-03-27\n3|Made, Ana and Cy|1990-10-11"
    found = export(tmp_path, c=rows)
    assert told(found.clients, "client_id", "first", "last") == [
        ("1", "john", "smith"), ("2", "bo", "fict"), ("3", "ana", "made"),
    ]  # fmt: skip
    assert "2 cells hold the names of two people: the first is the client, the second is not counted" in found.notes


@pytest.mark.parametrize(
    ("cell", "surname"),
    [("Smith Family", "Smith"), ("The Smith Family", "Smith"), ("SMITH HOUSEHOLD", "SMITH"), ("de la Cruz family", "de la Cruz"),
     ("Familia López García", "López García"), ("Family of Smith", "Smith"), ("Smith", ""), ("Family", ""), ("Ana Family-Smith", ""),
     ("Smith, Ana Family", "")],
)  # fmt: skip
def test_a_family_has_a_surname_and_is_no_person(tmp_path, cell, surname):
    assert surname_of_family(cell) == surname


def test_a_family_in_place_of_a_name_gives_the_surname_alone(tmp_path):
    found = export(
        tmp_path, c="Client ID|Name|Phone|Address\n1|The Smith Family|360-555-0101|12 Home Rd\n2|Ana Made|360-555-0102|"
    )
    assert told(found.clients, "first", "last") == [("", "smith"), ("ana", "made")]
    assert "1 cell names a family and no person: only the surname is read" in found.notes


def test_a_surname_of_two_words_is_one_persons(tmp_path):
    found = export(tmp_path, c="Client ID|Name|DOB\n1|José Ortega y Gasset|1961-07-14")
    assert told(found.clients, "first", "last") == [("jose", "ortega y gasset")]
    assert not any("two people" in note for note in found.notes)


def test_the_services_of_two_people_under_one_number_stay_with_the_first(tmp_path):
    found = export(
        tmp_path, c="Client ID|Name|DOB\n1|John & Mary Smith|1961-07-14", v="Client ID|Visit Date\n1|2026-01-02"
    )
    assert [len(client.services) for client in found.clients] == [1]


@pytest.mark.parametrize(
    ("first", "last", "told_of"),
    [
        ("John & Mary", "Smith", ("john", "smith")),
        ("John and Mary", "Smith & Jones", ("john", "smith")),
        ("Juan y María", "Ortega", ("juan", "ortega")),
        ("José", "Ortega y Gasset", ("jose", "ortega y gasset")),
        ("Ana", "Smith and Jones", ("ana", "smith and jones")),
    ],
)
def test_two_first_names_in_a_column_of_first_names_are_two_people(tmp_path, first, last, told_of):
    found = export(tmp_path, c=f"Client ID|First|Last|DOB\n1|{first}|{last}|1961-07-14")
    assert told(found.clients, "first", "last") == [told_of]


GROUPED = """
Client     |            |           |            | {} |              | Visits
Client ID  | First Name | Last Name | DOB        | Name     | Phone        | Phone
1          | Ana        | Made      | 1984-03-27 | Zed Care | 360-555-0199 | 360-555-0101
"""


@pytest.mark.parametrize(
    "group",
    ["Caregiver", "Emergency Contact", "Guardian", "Parent/Guardian", "Spouse", "Next of kin", "Second adult", "Landlord",
     "Contacto de emergencia", "Tutor", "Co-Applicant", "Alternate contact", "Case Manager", "Household members"],
)  # fmt: skip
def test_columns_under_a_group_of_somebody_else_are_not_the_clients(tmp_path, group):
    found = export(tmp_path, c=GROUPED.format(group))
    assert told(found.clients, "client_id", "first", "last", "phones") == [("1", "ana", "made", "3605550101")]


@pytest.mark.parametrize("group", ["Contact information", "Mailing address", "Demographics", "Client contact", "Home"])
def test_columns_under_any_other_group_are_the_clients(tmp_path, group):
    found = export(tmp_path, c=GROUPED.format(group))
    assert told(found.clients, "phones") == [("3605550199 3605550101",)]


def test_a_title_over_the_headers_is_no_group():
    text = "Emergency shelter guests ||\nClient ID | Name | Phone\n1 | Ana Made | 360-555-0101"
    assert Field.PHONE in table(text).columns


def test_two_rows_of_headers_are_one_where_the_upper_one_holds_the_rest():
    text = "Client ID | Name | | DOB | Address | |\n | Last | First | | Street | City | Zip\n1 | Made | Ana | 1984-03-27 | 12 Home Rd | Sequim | 98382"
    found = table(text)
    ((_, cells),) = found.lines()
    assert [found.value(cells, field) for field in (Field.CLIENT_ID, Field.FIRST, Field.LAST, Field.BIRTH_DATE, Field.ZIP)] == [
        "1", "Ana", "Made", "1984-03-27", "98382",
    ]  # fmt: skip


def test_a_client_whose_cells_look_like_headers_is_no_header():
    text = "First | Last | Type\n | Name | Client\nAna | Made | Guest"
    header = find_header(sheet(text))
    assert header is not None
    assert header.place == 0


@pytest.mark.parametrize(
    ("headers", "rows", "names"),
    [
        (
            "ID | Name | Name | DOB",
            "1 | Ana | Made | 1984-03-27\n2 | Mary | Fict | 1961-07-14",
            [("ana", "made"), ("mary", "fict")],
        ),
        (
            "ID | Name | | DOB",
            "1 | Made | Ana | 1984-03-27\n2 | Fict | Mary | 1961-07-14",
            [("ana", "made"), ("mary", "fict")],
        ),
        (
            "ID | Name | | DOB",
            "1 | Ana Made | F | 1984-03-27\n2 | Bo Fict | M | 1961-07-14",
            [("ana", "made"), ("bo", "fict")],
        ),
        (
            "ID | Name | | DOB",
            "1 | Made, Ana | Sequim | 1984-03-27\n2 | Fict, Bo | Sequim | 1961-07-14",
            [("ana", "made"), ("bo", "fict")],
        ),
    ],
)
def test_a_name_in_two_cells_under_one_header_is_a_first_and_a_last_name(tmp_path, headers, rows, names):
    found = export(tmp_path, c=f"{headers}\n{rows}")
    assert told(found.clients, "first", "last") == names
