# ruff: noqa: E501 -- lists are as wide as they are
"""A client on hold is encoded nowhere and counted nowhere that leaves the computer; doubt holds."""

import pytest
from client_lists import TODAY, export, table, told, write
from hypothesis import given
from hypothesis import strategies as st
from workbooks import workbook

from hashing.choices import Choices
from hashing.client import Sender, encode_export
from hashing.columns import TableKind
from hashing.errors import InputFileError
from hashing.export import AgencyExport, read_export
from hashing.fields import Field, field_of_header
from hashing.files import write_encoded
from hashing.holds import comparable, read_hold_list
from hashing.importers.source import read_sheets
from hashing.keys import LinkageSecret
from hashing.mapping_files import read_mapping
from hashing.profile import load_profile

LIST = "Client ID|First|Last|DOB|Phone\n1|Ana|Made|1984-03-27|\n2|Bo|Fict|1961-07-14|\n3|Cy|Third|1990-10-11|\n4|Di||"
HELD_BY = "1 client is on hold (by the column {}): nothing of them leaves this computer"


def with_column(folder, value: str, header: str = "Do not match") -> AgencyExport:
    rows = "\n".join(f"{line}|{value if line.startswith('2') else ''}" for line in LIST.splitlines()[1:])
    return export(folder, c=f"{LIST.splitlines()[0]}|{header}\n{rows}")


def with_list(folder, hold: str | bytes, name: str = "hold.csv") -> AgencyExport:
    numbers = read_hold_list(read_sheets([write(folder, name, hold)]))
    clients = write(folder, "c.csv", LIST.replace("|", ","))
    visits = write(folder, "v.csv", "Client ID,Visit Date\n1,2026-01-02\n2,2026-01-02\n2,2026-01-03\n")
    return read_export([clients, visits], today=TODAY, choices=Choices(hold=numbers))


def numbers(found: AgencyExport) -> list[object]:
    return [number for (number,) in told(found.clients, "client_id")]


@pytest.mark.parametrize(
    "header",
    ["Do not match", "DO NOT SHARE", "Don't match", "Safety hold", "Safety Hold?", "Confidential", "Confidential client",
     "Hold", "Privacy flag", "DV flag", "Restricted", "Opt out", "No data sharing", "SafetyHold", "DoNotMatch", "do_not_match",
     "Confidencial", "No compartir", "On hold", "ACP participant", "Address Confidentiality Program", "Confidential address"],
)  # fmt: skip
def test_a_column_of_holds_is_known_by_its_header(header):
    assert field_of_header(header) is Field.HOLD


@pytest.mark.parametrize(
    "header", ["Household", "Threshold", "Do not call", "Confidential notes", "Hold harmless form", "Shared with"]
)
def test_other_columns_hold_nobody(header):
    assert field_of_header(header) is not Field.HOLD


@pytest.mark.parametrize(
    "value", ["yes", "Y", "x", "1", "TRUE", "true", "hold", "?", "N/A", "-", "maybe", "2026-01-01", "noo", "ask Ana"]
)
def test_anything_but_a_plain_no_holds(tmp_path, value):
    found = with_column(tmp_path, value)
    assert numbers(found) == ["1", "3", "4"]
    assert HELD_BY.format("Do not match") in found.notes


@pytest.mark.parametrize("value", ["", "no", "No", "N", "false", "FALSE", "0", "0.0", " "])
def test_a_plain_no_holds_nobody(tmp_path, value):
    found = with_column(tmp_path, value)
    assert numbers(found) == ["1", "2", "3", "4"]
    assert not any("hold" in note for note in found.notes)


@given(value=st.text(st.characters(exclude_characters=',|"', exclude_categories=["C", "Z"]), min_size=1))
def test_whatever_is_typed_is_a_hold_or_a_no(tmp_path_factory, value):
    found = with_column(tmp_path_factory.mktemp("list"), value)
    assert ("2" in numbers(found)) is (value.strip().lower() in {"no", "n", "false", "f", "0", "0.0"})


@pytest.mark.parametrize(
    ("hold", "name"),
    [
        ("Client ID\n2\n", "hold.csv"),
        ("2\n", "hold.csv"),
        ("2", "hold.txt"),
        ("Number\n2\n", "hold.csv"),
        ("Client,Reason\n2,court order\n", "hold.csv"),
        ("Reason,Client ID\ncourt order,2\nother,\n", "hold.csv"),
        ("Client ID,Do not match\n1,no\n2,yes\n3,\n", "hold.csv"),
        ("\ufeffClient ID\r\n0002\r\n", "hold.csv"),
        (workbook(Hold=[["Client ID"], [2.0]]), "hold.xlsx"),
        ("On hold since May\nClient ID\n2\n", "hold.csv"),
    ],
)
def test_a_hold_list_holds_the_clients_with_its_numbers(tmp_path, hold, name):
    found = with_list(tmp_path, hold, name)
    assert numbers(found) == ["1", "3", "4"]
    assert any(note.startswith("1 client is on hold") for note in found.notes)
    assert not any("not in the client list" in note for note in found.notes if "service rows" in note)


def test_a_number_on_hold_that_is_in_no_list_is_told_of(tmp_path):
    found = with_list(tmp_path, "Client ID\n2\n22\n23\n")
    note = next(note for note in found.notes if note.startswith("2 client numbers on hold are not in the client list"))
    assert "22" not in note
    assert "typing mistake" in note


def test_a_hold_list_without_a_known_column_is_refused(tmp_path):
    with pytest.raises(
        InputFileError, match=r"^hold\.csv: no column of this hold list is known to hold client numbers"
    ):
        with_list(tmp_path, "Who,Why\n2,court order\n")


def test_an_empty_hold_list_is_refused(tmp_path):
    with pytest.raises(InputFileError, match=r"^hold\.csv: the file is empty$"):
        with_list(tmp_path, "")


def test_a_table_of_holds_beside_the_list_holds(tmp_path):
    found = export(tmp_path, c=LIST, h="Client ID|Do not match\n2|yes\n3|no\n9|yes\n|yes")
    assert numbers(found) == ["1", "3", "4"]
    assert any(note.startswith("1 client number on hold is not in the client list") for note in found.notes)
    assert any(note.startswith("1 hold stands beside no client number") for note in found.notes)


def test_a_client_without_a_number_is_held_by_the_row_and_wherever_the_same_person_stands(tmp_path):
    rows = "First|Last|DOB|Visit Date|Do not match\nAna|Made|1984-03-27|2026-01-02|\nBo|Fict|1961-07-14|2026-01-02|\nANA|Made|3/27/1984|2026-02-02|x"
    found = export(tmp_path, c=rows)
    assert told(found.clients, "first") == [("bo",)]
    assert HELD_BY.format("Do not match") in found.notes


@pytest.mark.parametrize(
    "other",
    ["9|ANA|Made|1984-03-27||", "9|Anna|Maid|1984-03-27|512-34-5678|", "|Ana|Made|1984-03-27||"],
)
def test_a_held_person_is_held_under_another_number_too(tmp_path, other):
    rows = f"Client ID|First|Last|DOB|SSN|Hold\n1|Ana|Made|1984-03-27|512345678|yes\n2|Bo|Fict|1961-07-14|512345679|\n{other}"
    assert numbers(export(tmp_path, c=rows)) == ["2"]


def test_a_row_without_its_number_is_held_by_itself(tmp_path):
    rows = "Client ID|First|Last|DOB|Hold\n|Ana|Made|1984-03-27|yes\n2|Bo|Fict|1961-07-14|"
    assert numbers(export(tmp_path, c=rows)) == ["2"]


def test_a_shared_social_security_number_alone_holds_nobody_else(tmp_path):
    rows = "Client ID|First|Last|DOB|SSN|Hold\n1|Ana|Made|1984-03-27|512345678|yes\n2|Bo|Fict|1961-07-14|512345678|"
    assert numbers(export(tmp_path, c=rows)) == ["2"]


def test_a_number_of_two_people_holds_both(tmp_path):
    rows = "Client ID|First|Last|DOB|Hold\n1|Ana|Made|1984-03-27|yes\n1|Bo|Fict|1961-07-14|\n2|Cy|Third|1990-10-11|"
    assert numbers(export(tmp_path, c=rows)) == ["2"]


def test_a_hold_on_any_of_the_rows_of_a_client_holds(tmp_path):
    rows = "Client ID|First|Last|DOB|Hold\n1|Ana|Made|1984-03-27|\n1|Ana|Made|1984-03-27|yes\n2|Cy|Third|1990-10-11|"
    assert numbers(export(tmp_path, c=rows)) == ["2"]


def test_a_hold_by_the_chart_number_holds(tmp_path):
    clients = write(
        tmp_path, "c.csv", "Patient ID,MRN,First,Last,DOB\n1,M-7,Ana,Made,1984-03-27\n2,M-8,Bo,Fict,1961-07-14\n"
    )
    found = read_export([clients], today=TODAY, choices=Choices(hold=frozenset({"m-7"})))
    assert numbers(found) == ["2"]
    assert not any("typing mistake" in note for note in found.notes)


def test_a_list_of_which_all_are_held_is_refused_with_the_column_that_holds_them(tmp_path):
    with pytest.raises(InputFileError, match=r"^all clients of the list are on hold$") as refusal:
        export(tmp_path, c="Client ID|First|Last|DOB|Confidential\n1|Ana|Made|1984-03-27|y\n2|Bo|Fict|1961-07-14|y")
    assert refusal.value.hint == "Look at the column Confidential: anything but empty, no, false or 0 holds."
    with pytest.raises(InputFileError, match=r"^all clients of the list are on hold$") as refusal:
        with_list(tmp_path, "1\n2\n3\n4\n")
    assert refusal.value.hint == "Look at the hold list: it may be the list of all clients."


def test_what_holds_nobody_is_not_named_as_what_holds(tmp_path):
    text = "Client ID,First,Last,DOB,Confidential,Do not share\n1,Ana,Made,1984-03-27,,no\n2,Bo,Fict,1961-07-14,,\n"
    path = write(tmp_path, "c.csv", text)
    found = read_export([path], today=TODAY, choices=Choices(hold=frozenset({"2"})))
    assert "1 client is on hold (by the hold list): nothing of them leaves this computer" in found.notes
    with pytest.raises(InputFileError, match="all clients of the list are on hold") as refusal:
        read_export([path], today=TODAY, choices=Choices(hold=frozenset({"1", "2"})))
    assert "Confidential" not in refusal.value.hint


HOUSEHOLDS = "Client ID|First|Last|DOB|Household ID|Hold\n1|Ana|Made|1984-03-27|H7|yes\n2|Bo|Made|2015-07-14|h7|no\n|Cy|Made|2017-10-11|H7|\n4|Di|Fict|1961-07-14|0|\n5|Ed|Fict|1962-07-14||\n"


def test_whoever_shares_a_household_number_with_a_held_client_is_held_too(tmp_path):
    found = export(tmp_path, c=HOUSEHOLDS + "6|BO|MADE|2015-07-14|H8|\n7|Fa|Other|1971-07-14|H8|")
    assert numbers(found) == ["4", "5", "7"]
    assert "4 clients are on hold (by the column Hold): nothing of them leaves this computer" in found.notes
    note = "3 of them share a household number with a client on hold: a match would lead to that client"
    assert note in found.notes


def test_zeros_and_blanks_are_no_household(tmp_path):
    found = export(tmp_path, c=HOUSEHOLDS.replace("|0|", "|0|yes"))
    assert numbers(found) == ["5"]


def test_a_hold_beside_a_household_number_alone_holds_the_household(tmp_path):
    found = export(tmp_path, c=HOUSEHOLDS.replace("yes", ""), h="Household ID|Do not match\nh7|yes\nh9|yes")
    assert numbers(found) == ["4", "5"]


def test_a_household_told_beside_the_list_is_held_with_its_member(tmp_path):
    enrolled = "Client ID|Household ID|Entry Date|Date Deleted\n1|A|2026-01-02|\n2|A|2026-01-02|\n1|B|2026-01-02|2026-01-03\n3|B|2026-01-02|"
    found = export(
        tmp_path,
        c=f"{LIST.splitlines()[0]}|Hold\n1|Ana|Made|1984-03-27||x\n2|Bo|Fict|1961-07-14||\n3|Cy|Third|1990-10-11||",
        e=enrolled,
    )
    assert numbers(found) == ["3"]
    assert any(note.startswith("1 of them shares a household number") for note in found.notes)


def test_a_list_all_of_one_household_of_which_one_is_held_is_refused(tmp_path):
    with pytest.raises(InputFileError, match="all clients of the list are on hold") as refusal:
        export(
            tmp_path, c="Client ID|First|Last|DOB|Household ID|Hold\n1|Ana|Made|1984-03-27|H|y\n2|Bo|Fict|1961-07-14|H|"
        )
    assert "household number" in refusal.value.hint


def test_a_mapping_can_say_that_a_column_holds_nobody(tmp_path):
    path = write(tmp_path, "c.csv", "Client ID,First,Last,DOB,Confidential\n1,Ana,Made,1984-03-27,y\n")
    mapping = read_mapping('[columns]\nConfidential = "not used"', name="m.toml")
    assert len(read_export([path], today=TODAY, choices=Choices(mapping)).clients) == 1


def test_nothing_of_a_hold_travels(tmp_path):
    """The encoded file of a list with held clients is that of the list without them, byte for byte."""
    held = "Client ID,First,Last,DOB,Address,Do not match\n1,Ana,Made,1984-03-27,1 Home Rd,\n2,Bo,Fict,1961-07-14,1 Home Rd,yes\n3,Cy,,,,yes\n"
    never = "Client ID,First,Last,DOB,Address\n1,Ana,Made,1984-03-27,1 Home Rd\n"
    assert encoded(tmp_path / "a", held) == encoded(tmp_path / "b", never)


def encoded(folder, text: str) -> bytes:
    folder.mkdir()
    found = read_export([write(folder, "c.csv", text)], today=TODAY)
    made = encode_export(
        found, secret=LinkageSecret(1, bytes(range(32))), profile=load_profile("hardened"), sender=Sender("a")
    )
    return write_encoded(folder, made.header, made.rows, made.client_ids).encoded.read_bytes()


@given(number=st.from_regex(r"[A-Z]{0,2}-?[0-9]{1,6}", fullmatch=True))
def test_what_a_spreadsheet_does_to_a_number_changes_nothing(number):
    assert comparable(f"00{number}.0") == comparable(number.lower()) == comparable(comparable(number))


def test_a_hold_table_is_more_about_clients():
    assert table("Client ID | Do not match\n1 | yes").kind is TableKind.DETAILS


@pytest.mark.parametrize("name", ["hold.csv", "On hold 2026.csv", "do_not_share.csv", "holds.csv"])
def test_a_hold_list_among_the_files_that_was_not_given_as_one_is_refused(tmp_path, name):
    clients, hold = write(tmp_path, "c.csv", LIST.replace("|", ",")), write(tmp_path, name, "Client ID\n2\n")
    with pytest.raises(
        InputFileError, match=r"this looks like a hold list, and nobody in it would be held$"
    ) as refusal:
        read_export([clients, hold], today=TODAY)
    assert "hold=FILE" in refusal.value.hint
    found = read_export([clients, hold], today=TODAY, choices=Choices(hold=frozenset({"0002"})))
    assert numbers(found) == ["1", "3", "4"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("household.csv", "Client ID\n2\n"),
        ("hold.csv", "Who,Why\n2,court order\n"),
        ("hold.csv", "Client ID\n"),
        ("shold.csv", "2"),
    ],
)
def test_other_files_are_no_hold_lists(tmp_path, name, text):
    clients, other = write(tmp_path, "c.csv", LIST.replace("|", ",")), write(tmp_path, name, text)
    assert numbers(read_export([clients, other], today=TODAY)) == ["1", "2", "3", "4"]


def test_a_hold_on_client_0_is_none_on_rows_without_a_number(tmp_path):
    rows = "Client ID|First|Last|DOB|Hold\n0|Ana|Made|1984-03-27|yes\n|Bo|Fict|1961-07-14|\n2|Cy|Third|1990-10-11|"
    assert told(export(tmp_path, c=rows).clients, "first") == [("bo",), ("cy",)]
