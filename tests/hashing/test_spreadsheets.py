"""A workbook's cells become the text that a person sees, and nothing hidden is read."""

import io
import random
import zipfile
from datetime import date, datetime, time, timedelta

import pytest
from client_lists import or_refusal
from workbooks import locked_workbook, workbook

from hashing.errors import InputFileError
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
