"""A workbook's cells become the text that a person sees, and nothing hidden is read."""

import io
import random
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from client_lists import TODAY, or_refusal, told, write
from openpyxl import load_workbook
from workbooks import locked_workbook, workbook

from hashing.dates import BirthDate
from hashing.errors import InputFileError
from hashing.export import read_export
from hashing.importers.spreadsheet import cell_text, read_spreadsheet


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""),
        ("  Ana ", "Ana"),
        (98382.0, "98382"),
        (12345678.0, "12345678"),
        (3606835555.0, "3606835555"),
        (16133.0, "16133"),
        (0.5, "0.5"),
        (1e15, "1000000000000000"),
        (date(1984, 3, 27), "1984-03-27"),
        (datetime(1984, 3, 27, 20, 13), "1984-03-27"),  # noqa: DTZ001 -- a cell has no zone
        (time(20, 13), ""),
        (timedelta(days=2), ""),
        (True, "yes"),
        (False, "no"),
        (7, "7"),
    ],
)
def test_a_cell_becomes_what_a_person_sees(cell, text):
    assert cell_text(cell) == text


def test_visible_sheets_are_read_and_hidden_ones_are_not():
    book = workbook(hidden=["Old"], Clients=[["First", "Last"]], Old=[["Secret", "Sheet"]], Visits=[["Date"]])
    sheets = read_spreadsheet(book, name="list.xlsx")
    assert [sheet.name for sheet in sheets] == ["list.xlsx [Clients]", "list.xlsx [Visits]"]
    assert all("Secret" not in cell for sheet in sheets for row in sheet.rows for cell in row)


def test_numbers_dates_and_serials_come_back_as_typed():
    rows = [["SSN", "ZIP", "Phone", "Born", "Seen", "Lost"], [12345678, 98382, 3606835555, date(1944, 3, 2), 0, 16133]]
    book = workbook(formats={"A2": "000-00-0000", "F2": "0"}, Clients=rows)
    (sheet,) = read_spreadsheet(book, name="list.xlsx")
    assert sheet.rows[1] == ["12345678", "98382", "3606835555", "1944-03-02", "0", "16133"]


def test_rows_keep_their_place_below_blank_ones():
    (sheet,) = read_spreadsheet(workbook(Clients=[[], [], ["First", "Last"]]), name="list.xlsx")
    assert sheet.rows[2] == ["First", "Last"]


@pytest.mark.parametrize("name", ["list.xlsx", "list.xls"])
def test_a_workbook_locked_with_a_password_is_refused_with_what_to_do(name):
    with pytest.raises(InputFileError, match="the workbook is locked with a password") as refusal:
        read_spreadsheet(locked_workbook(), name=name)
    assert "without a password" in refusal.value.hint


@pytest.mark.parametrize("content", [b"", b"First,Last\nAna,Lopez\n", b"<html><table>", b"PK\x03\x04 not a zip"])
def test_what_is_not_a_workbook_is_refused(content):
    with pytest.raises(InputFileError, match="the workbook is damaged, locked, or not a workbook"):
        read_spreadsheet(content, name="list.xlsx")


def test_a_damaged_workbook_is_refused_with_one_sentence_wherever_the_damage_is():
    good = workbook(Clients=[["First", "Last"], *(["Ana", "Lopez"] for _ in range(30))])
    chance = random.Random(1)
    for _ in range(150):
        damaged = bytearray(good)
        for _ in range(chance.randint(1, 8)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        _read_or_be_refused(bytes(damaged))


def test_a_sheet_with_damaged_contents_is_refused_with_one_sentence():
    whole = zipfile.ZipFile(io.BytesIO(workbook(Clients=[["First", "Last"], ["Ana", "Lopez"]])))
    for cut in range(0, 700, 7):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as book:
            for name in whole.namelist():
                book.writestr(name, whole.read(name)[:cut] if "sheet1" in name else whole.read(name))
        _read_or_be_refused(out.getvalue())


def _read_or_be_refused(content: bytes) -> None:
    found = or_refusal(lambda: read_spreadsheet(content, name="list.xlsx"))
    if isinstance(found, InputFileError):
        assert found.what == "list.xlsx: the workbook is damaged, locked, or not a workbook"


ROSTER = Path(__file__).parent / "data" / "workbooks" / "roster.xls"  # as Excel 97 saves: title, hidden sheet, total


def test_an_old_workbook_is_read_as_a_new_one_is(tmp_path):
    found = read_export([ROSTER], today=TODAY)
    fields = ["client_id", "first", "last", "birth", "ssn"]
    assert told(found.clients, *fields) == [
        ("101", "ana", "made", BirthDate(1984, 3, 27), "012345678"),
        ("102", "bo", "fict", BirthDate(1944, 3, 2), "601020304"),
        ("103", "cy", "third", BirthDate(1944, 3, 2), ""),
    ]
    assert [client.address.zip for client in found.clients] == ["98382", "01801", "98362"]
    assert [[(s.area, s.month) for s in client.services] for client in found.clients] == [[("food", "2026-05")], [], []]
    assert any(note.startswith("1 number was ruined by a spreadsheet") for note in found.notes)


def test_an_old_workbook_with_a_password_is_refused():
    content = bytearray(ROSTER.read_bytes())
    second_record = content.index(b"\x09\x08\x10\x00\x00\x06\x05\x00") + 20
    content[second_record : second_record + 2] = b"\x2f\x00"  # FilePass, [MS-XLS] 2.4.117
    with pytest.raises(InputFileError, match="the workbook is damaged, locked, or not a workbook"):
        read_spreadsheet(bytes(content), name="list.xls")


GROUPED = [
    ["Client", None, None, "Caregiver", None, None],
    ["ID", "First", "Last", "Name", "Phone", "DOB"],
    [1, "Ana", "Made", "Zed Care", "360-555-0199", date(1984, 3, 27)],
]


def grouped(*merged: str, rows: Sequence[Sequence[Any]] = GROUPED) -> bytes:
    book = load_workbook(io.BytesIO(workbook(Clients=rows)))
    for cells in merged:
        book["Clients"].merge_cells(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_merged_group_ends_where_its_cells_end(tmp_path):
    path = write(tmp_path, "list.xlsx", grouped("A1:C1", "D1:E1"))
    (client,) = read_export([path], today=TODAY).clients
    assert (client.first, client.phones, client.birth) == (("ana",), (), BirthDate(1984, 3, 27))


def test_a_merged_title_is_no_group(tmp_path):
    rows = [["Emergency shelter roster", *[None] * 5], *GROUPED[1:]]
    (client,) = read_export([write(tmp_path, "list.xlsx", grouped("A1:F1", rows=rows))], today=TODAY).clients
    assert (client.client_id, client.phones, client.birth) == ("1", ("3605550199",), BirthDate(1984, 3, 27))


def test_merged_totals_are_still_nobody(tmp_path):
    rows = [GROUPED[1], GROUPED[2], ["Total clients: 1", None, None, None, None, None]]
    found = read_export([write(tmp_path, "list.xlsx", grouped("A3:F3", rows=rows))], today=TODAY)
    assert told(found.clients, "client_id") == [("1",)]
