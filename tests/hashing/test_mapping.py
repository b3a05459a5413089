# ruff: noqa: E501 -- lists are as wide as they are
"""What an agency says of its columns goes before what Headcount would guess, and a slip in it is named."""

import re
import tomllib
from pathlib import Path

import pytest
from client_lists import TODAY, table, told, write
from hypothesis import given
from hypothesis import strategies as st

from hashing.choices import Choices
from hashing.columns import column_labels, understand
from hashing.dates import BirthDate
from hashing.errors import InputFileError
from hashing.export import AgencyExport, read_export
from hashing.fields import Field
from hashing.importers.sheets import Sheet
from hashing.mapping import FileMapping, SheetMapping, told_of
from hashing.mapping_files import read_mapping, write_mapping

ODD = "Legajo,Persona,Nacido,Tel,Nota\n17,Ana Made,27.03.1984,360-555-0101,private\n"
SAID = """
[columns]
"Legajo" = "client number"
"persona" = "name in one cell"
"Nacido" = "date of birth"
"Tel" = "not used"
"""


def read(folder, mapping: str, **files: str) -> AgencyExport:
    paths = [write(folder, f"{name}.csv", text) for name, text in files.items()]
    return read_export(paths, today=TODAY, choices=Choices(read_mapping(mapping, name="a.mapping.toml")))


def test_columns_are_what_the_mapping_says(tmp_path):
    (client,) = read(tmp_path, SAID, odd=ODD).clients
    assert told([client], "client_id", "first", "last", "birth", "phones") == [
        ("17", "ana", "made", BirthDate(1984, 3, 27), "")
    ]


def test_a_mapping_of_one_file_goes_before_that_of_all(tmp_path):
    clients = "Ref,Given,Surname,DOB\n1,Ana,Made,1984-03-27\n"
    visits = "Ref,Client,Date\n9,1,2026-01-02\n"
    mapping = '[columns]\n"Ref" = "client number"\n[files."visits*.csv".columns]\n"Ref" = "not used"\n"Client" = "client number"'
    found = read(tmp_path, mapping, clients=clients, visits_2026=visits)
    assert [len(client.services) for client in found.clients] == [1]


def test_the_row_of_headers_is_where_the_mapping_says(tmp_path):
    text = "Name,DOB,Phone\nLegacy form,,\nWho,When,Call\nAna Made,1984-03-27,360-555-0101\n"
    mapping = '[files."odd.csv"]\nheader-row = 3\ncolumns = { Who = "name in one cell", When = "date of birth" }'
    (client,) = read(tmp_path, mapping, odd=text).clients
    assert (client.first, client.line) == (("ana",), 4)


def test_a_month_may_be_said(tmp_path):
    text = "Client ID,Name,DOB,Spring,Jan\n1,Ana Made,1984-03-27,x,x\n"
    (client,) = read(tmp_path, '[columns]\nSpring = "2026-04"\nJan = "not used"', pantry=text).clients
    assert [service.month for service in client.services] == ["2026-04"]


def test_a_header_that_is_there_twice_and_one_that_is_blank_have_labels(tmp_path):
    assert column_labels(["A", "", "A", "", "B"]) == ["A", "column B", "A #2", "column D", "B"]
    assert column_labels([""] * 28)[-2:] == ["column AA", "column AB"]
    text = "Client ID,Who,Who,,Zip\n1,Ana,Made,1984-03-27,98382\n"
    mapping = '[columns]\n"Who" = "first name"\n"Who #2" = "last name"\n"column D" = "date of birth"'
    (client,) = read(tmp_path, mapping, odd=text).clients
    assert told([client], "first", "last", "birth") == [("ana", "made", BirthDate(1984, 3, 27))]


@pytest.mark.parametrize(("order", "month_and_day"), [("day-first", (4, 3)), ("month-first", (3, 4))])
def test_the_mapping_says_which_number_is_the_day(tmp_path, order, month_and_day):
    text = "Client ID,Name,DOB,Visit Date\n1,Ana Made,03/04/1984,05/06/2025\n"
    found = read(tmp_path, f'dates = "{order}"', odd=text)
    born = found.clients[0].birth
    assert born is not None
    assert (born.month, born.day) == month_and_day
    assert [service.month for service in found.clients[0].services] == [
        "2025-06" if order == "day-first" else "2025-05"
    ]
    assert not any("day or month" in note for note in found.notes)


def test_dates_that_tell_go_before_what_the_mapping_says(tmp_path):
    text = "Client ID,Name,DOB\n1,Ana Made,03/04/1984\n2,Bo Fict,12/31/1961\n"
    born = read(tmp_path, 'dates = "day-first"', odd=text).clients[0].birth
    assert born == BirthDate(1984, 3, 4)


@pytest.mark.parametrize(
    ("mapping", "what", "hint"),
    [
        ('[columns]\n"Legajo" = "client nubmer"', r"^m\.toml: line 2: 'Legajo' is mapped to a field that there is not$", "client number"),
        ('\n\n[columns]\nTel = 7', r"line 4: 'Tel' is mapped to a field", "not used"),
        ('[columns]\nTel = "2026-13"', "line 2: 'Tel' is mapped to a field", "There are"),
        ('[colums]\nTel = "phone"', r"line 1: 'colums' is no setting of a mapping file", "columns, dates, files, hold"),
        ('date = "day-first"', "line 1: 'date' is no setting", "dates"),
        ('dates = "european"', r"line 1: 'dates' is neither day-first nor month-first", "day-first"),
        ('[files."a.csv"]\nheader-row = 0', "line 2: 'header-row' is no row", "1 to 30"),
        ('[files."a.csv"]\nheader-row = "two"', "line 2: 'header-row' is no row", "1 to 30"),
        ('[files."a.csv"]\nheader-row = true', "line 2: 'header-row' is no row", "1 to 30"),
        ('[files."a.csv"]\nsheet = "x"', "line 2: 'sheet' is no setting", "header-row"),
        ('[files]\n"a.csv" = 3', "line 2: 'a.csv' is not a section", "files"),
        ('columns = "phone"', "line 1: 'columns' is not a section", "columns"),
        ('[columns]\n"Tel\\u0065fon" = "fax"', r"^m\.toml: 'Telefon' is mapped to a field", "There are"),
        ('hold = ""', "line 1: 'hold' is no file", "hold.csv"),
        ('hold = 3', "line 1: 'hold' is no file", "hold.csv"),
        ('header-row = 3', "line 1: 'header-row' is no setting", '[files."NAME"]'),
        ("Tel = phone", r"^m\.toml: this is not a mapping file \(line 1, column 7\)$", '"Born on" = "date of birth"'),
        ('hold = "list', r"^m\.toml: this is not a mapping file \(its end is missing\)$", "quotes"),
        ('[columns', r"^m\.toml: this is not a mapping file \(", "quotes"),
        ('[columns]\nNacido = "birthday"', "line 2: 'Nacido' is mapped to a field that there is not", "Did you mean 'date of birth'?"),
        ('[columns]\nNota = "ignore"', "line 2: 'Nota' is mapped to a field", "Did you mean 'not used'?"),
        ('[columns]\n"date of birth" = "Nacido"', "line 2: 'date of birth' is mapped to a field", 'stands first: "Nacido" = "date of birth"'),
        ('[files.clients.csv]\nheader-row = 2', "'clients' is parted at its full stop", '[files."clients.csv"]'),
        ('[columns]\nTel = "phone"\ndates = "day-first"', "line 3: 'dates' is mapped to a field", "above [columns]"),
        ('[files."a.csv"]\nhold = "hold.csv"', "line 2: 'hold' is no setting", "at the top, above all sections"),
        ('Tel = "phone"', "line 1: 'Tel' is no setting", "Write [columns] above it"),
        ("", None, ""),
    ],
)  # fmt: skip
def test_a_slip_in_a_mapping_is_named_with_its_line(mapping, what, hint):
    if what is None:
        assert read_mapping(mapping, name="m.toml").columns == {}
        return
    with pytest.raises(InputFileError, match=what) as refusal:
        read_mapping(mapping, name="m.toml")
    assert hint in refusal.value.hint


@pytest.mark.parametrize(
    ("mapping", "what"),
    [
        (
            '[columns]\n"Telefon" = "phone"',
            r"^a\.mapping\.toml: line 7: \[columns\] names the column 'Telefon', which no file has$",
        ),
        ('[files."odd.csv".columns]\n"Tell" = "phone"', r"\[files\.\"odd\.csv\"\] names the column 'Tell'"),
        ('[files."*.csv".columns]\n"Tell" = "phone"', r"\[files\.\"\*\.csv\"\] names the column 'Tell'"),
    ],
)
def test_a_header_that_no_file_has_is_refused(tmp_path, mapping, what):
    with pytest.raises(InputFileError, match=what) as refusal:
        read(tmp_path, SAID + mapping.removeprefix("[columns]\n"), odd=ODD)
    assert "'Tel'" in refusal.value.hint


@pytest.mark.parametrize(
    ("row", "what", "hint"),
    [
        (4, r"^a\.mapping\.toml: line 2: header-row = 4, and odd\.csv has 3 rows$", "Row 3 looks like headers."),
        (
            2,
            r"^a\.mapping\.toml: line 2: header-row = 2, and that row of odd\.csv is blank$",
            "Row 3 looks like headers.",
        ),
        (
            1,
            r"^a\.mapping\.toml: line 3: \[files\.\"odd\.csv\"\] names the column 'Name', which no file has$",
            "write header-row = 3",
        ),
    ],
)
def test_a_row_of_headers_that_is_none_is_refused(tmp_path, row, what, hint):
    mapping = f'[files."odd.csv"]\nheader-row = {row}\ncolumns = {{ Name = "name in one cell" }}'
    with pytest.raises(InputFileError, match=what) as refusal:
        read(tmp_path, mapping, odd="Our list of 2026\n\nName,DOB\n")
    assert hint in refusal.value.hint


@pytest.mark.parametrize(
    ("mapping", "hint"),
    [
        (
            '[files."odd.csv"]\nheader-row = 4\ncolumns = { Nacido = "date of birth" }',
            "It stands in row 2 of odd.csv: write header-row = 2",
        ),
        ('[columns]\n"Nacid" = "date of birth"', "No row looks like headers yet"),
    ],
)
def test_a_column_above_the_row_taken_for_headers_is_found(tmp_path, mapping, hint):
    with pytest.raises(InputFileError, match=r"names the column '.*', which no file has$") as refusal:
        read(tmp_path, mapping, odd="Lista\nPersona,Nacido,Llamar\nAna Made,27.03.1984,1\nBo Fict,14.07.1961,2\n")
    assert hint in refusal.value.hint


def test_a_mapping_that_leaves_no_client_list_is_named(tmp_path):
    with pytest.raises(InputFileError, match="no client list found") as refusal:
        read(tmp_path, '[columns]\nName = "not used"', odd="Name,DOB\nAna Made,1984-03-27\n")
    assert "See also what a.mapping.toml says of them." in refusal.value.hint


def test_a_section_that_fits_no_file_is_told_of(tmp_path):
    found = read(tmp_path, SAID + '[files."visits.csv".columns]\nX = "phone"', odd=ODD)
    assert "a.mapping.toml speaks of visits.csv: no file here has such a name" in found.notes
    again = read(tmp_path, SAID + '[files."od.csv".columns]\nX = "phone"', odd=ODD)
    assert "a.mapping.toml speaks of od.csv: no file here has such a name; is odd.csv meant?" in again.notes


@pytest.mark.parametrize(
    ("pattern", "sheet", "fits"),
    [
        ("clients.csv", "clients.csv", True),
        ("clients.csv", "Clients.CSV", True),
        ("clients*.csv", "clients 2026-01.csv", True),
        ("clients*.csv", "my clients.csv", False),
        ("book.xlsx", "book.xlsx [Roster]", True),
        ("book.xlsx [Roster]", "book.xlsx [Roster]", True),
        ("book.xlsx [Roster]", "book.xlsx [Visits]", False),
        ("*", "anything.csv", True),
        ("a.csv", "abcsv", False),
    ],
)
def test_a_pattern_fits_names_of_files_and_sheets(pattern, sheet, fits):
    assert FileMapping(pattern, SheetMapping()).fits(sheet) is fits


@pytest.mark.parametrize("field", Field)
def test_every_field_may_be_said_by_its_name(field):
    assert told_of(field.value) is field
    assert told_of(field.value.upper()) is field


def test_what_is_written_says_what_was_understood_and_reads_back_the_same():
    clients = table(
        "Client # | Last | First | DOB | Zip | Zip | Case notes\n1 | Made | Ana | 1984-03-27 | 98382 | | secret",
        name="clients 2026-01.csv",
    )
    written = write_mapping([clients], agency="food_bank", day_first=True)
    again = read_mapping(written, name="m.toml")
    assert again.day_first is True
    assert again.files[0].pattern == "clients *.csv"
    assert understand(clients.sheet, again.of_sheet("clients 2026-02.csv")).columns == clients.columns
    assert not any(value in written for value in ("Ana", "Made", "1984", "98382", "secret"))
    assert '# "Case notes" = "not used"' in written


def test_two_files_whose_names_differ_by_a_number_keep_their_names():
    tables = [table("Client ID | Name | DOB\n1 | Ana Made | 1984-03-27", name=f"list {n}.csv") for n in (1, 2)]
    again = read_mapping(write_mapping(tables, agency="a", day_first=None), name="m.toml")
    assert [file.pattern for file in again.files] == ["list 1.csv", "list 2.csv"]


@given(headers=st.lists(st.text(st.characters(exclude_categories=["C"])), min_size=2, max_size=5))
def test_any_header_can_be_written_and_read_back(headers):
    row = ["Client ID", "Name", *(header.strip() for header in headers)]
    found = understand(Sheet("a.csv", [row, ["1", "Ana Made"]]))
    assert found is not None
    written = write_mapping([found], agency="a", day_first=None)
    assert tomllib.loads(written)["files"]
    again = read_mapping(written, name="m.toml")
    assert understand(found.sheet, again.of_sheet("a.csv")).columns == found.columns


DOCUMENT = (Path(__file__).resolve().parents[2] / "docs/formats/mapping-file.md").read_text("utf-8")


def test_the_document_names_every_field_and_no_other():
    table_of_fields = DOCUMENT[DOCUMENT.index("What a column can be") : DOCUMENT.index("A field that there is not")]
    named = set(re.findall(r"`([^`]+)`", table_of_fields))
    assert named == {field.value for field in Field} | {"not used", "2026-04"}


def test_the_example_in_the_document_is_a_mapping():
    (example,) = re.findall(r"```toml\n(.*?)```", DOCUMENT, re.DOTALL)
    mapping = read_mapping(example, name="m.toml")
    said = mapping.of_sheet("visits 2026.xlsx [Pantry]")
    assert (mapping.day_first, mapping.hold, said.header_row) == (True, "hold.csv", 3)
    assert said.told("Spring", "Spring") == "2026-04"


def test_what_is_said_of_another_column_leaves_names_in_two_cells_alone(tmp_path):
    text = "Client ID,Name,Name,DOB,Nota\n1,Ana,Made,1984-03-27,x\n"
    (client,) = read(tmp_path, '[columns]\nNota = "not used"', odd=text).clients
    assert told([client], "first", "last") == [("ana", "made")]


def test_a_birth_date_in_three_columns_survives_a_mapping(tmp_path):
    text = "Client ID,Name,Birth Month,Birth Day,Birth Year\n1,Ana Made,3,27,1984\n"
    sheet_of_parts = Sheet("odd.csv", [line.split(",") for line in text.splitlines()])
    found = understand(sheet_of_parts)
    assert found is not None
    assert found.unused_places() == []
    (client,) = read(tmp_path, write_mapping([found], agency="a", day_first=None), odd=text).clients
    assert client.birth == BirthDate(1984, 3, 27)


def test_what_a_mapping_said_of_rows_and_months_is_written_again():
    text = "Name,DOB,Phone\nLegacy form,,\nWho,When,Spring\nAna Made,1984-03-27,x\n"
    odd = Sheet("odd.csv", [line.split(",") for line in text.splitlines()])
    said = read_mapping(
        '[files."odd.csv"]\nheader-row = 3\ncolumns = { Who = "name in one cell", When = "date of birth", Spring = "2026-04" }',
        name="m.toml",
    )
    found = understand(odd, said.of_sheet("odd.csv"))
    assert found is not None
    again = read_mapping(write_mapping([found], agency="a", day_first=None), name="m.toml")
    assert understand(odd, again.of_sheet("odd.csv")) == found
