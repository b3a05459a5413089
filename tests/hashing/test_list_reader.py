"""A list read in columns gives the clients that reading it row by row gives, whatever stands in its cells."""

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest
from client_lists import TODAY, write
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hashing import accelerator, list_reader, sheet_cells
from hashing.batch import MOST_PHONES, stacked
from hashing.choices import NO_CHOICES
from hashing.clients import Client
from hashing.columns import Table, TableKind, understand
from hashing.importers.large_text import LargeText
from hashing.importers.sheets import Sheet
from hashing.importers.source import read_sheets
from hashing.list_reader import ListReader
from hashing.prepare import prepare
from hashing.read_together import read_list
from hashing.rows import ClientReader

TOWN = Path(__file__).resolve().parents[2] / "demo/anytown"
AGENCIES = [
    "behavioral_health", "community_action", "community_clinic", "community_foundation", "food_bank", "free_clinic",
    "police_outreach", "ymca",
]  # fmt: skip
NOTHING = ["", "", "N/A", "nan", "-", "null", "."]
FIRST = [
    "Zoë", "ANA", "John", "Jane", "mary ann", "Mary & John", "Kwame and Ama", "J.", "Robert (Bob)", "Bill Jr.", "O",
    "김민준", "민준",
    "Minh", "Van Minh",
    "Refused", "Baby Boy", "Kim", "Min-jun", "Jean-Luc", '"Lupe" Guadalupe', "José aka Pepe", "  ana  ", "JosÃ©",
]  # fmt: skip
LAST = [
    "Núñez-García", "DE LA CRUZ", "O'Fiction", "Made Jr", "Fict III", "Doe", "Nguyễn", "Tran", "Kim", "Park", "김",
    "Le", "Van Dyke", "McMade",
    "Smith (née Fict)", "Fict nee Made", "Made & Fict", "Delacruz", "van", "Test", "II", "PeÃ±a",
]  # fmt: skip
WHOLE = [
    "Fict, Ana",
    "Ana Q. Fict",
    "FICT, Ana & Bo",
    "Nguyen Van Minh",
    "Kim Min-jun",
    "Made",
    "Doe, Jane",
    "Dr. Bo Fict Jr",
]
BORN = [
    "1984-03-27",
    "3/27/84",
    "27.03.1984",
    "1984",
    "1/1/1990",
    "02/30/1990",
    "1900-01-01",
    "soon",
    "03/04/2001",
    "3/27/1984 0:00",
    "30766",
]
NUMBER = [
    "512-34-5678",
    "512345678",
    "xxx-xx-5678",
    "5678",
    "0078",
    "999-99-9999",
    "666123456",
    "512 34 5678",
    "5.12E+08",
    "####",
    "12",
]
DIALLED = [
    "360-555-0101",
    "3605550102",
    "(360) 555-0103 x9",
    "360.555.0104 / 360.555.0105",
    "5551234",
    "3605550101",
    "555-555-5555",
    "cell",
]
STREET = [
    "12 N Imaginary Road", "12 Imaginary Rd Apt 4", "PO Box 31", "homeless", "General Delivery", "99B Nowhere Ave #2",
    "450 SE Pretend St, 98382", "Main St",
    "12", "Apt 4, 99 Nowhere Ave", "NFA", "  7 Elm  ",
]  # fmt: skip
UNITS = ["4", "Apt 4", "#B2", "unit", "Rear"]
CODES = ["98382", "98382-1234", "8382", "00000", "98382.0", "zip"]
QUALITY = [
    "1",
    "2",
    "8",
    "9",
    "99",
    "Client doesn't know",
    "Partial, street name, or code name reported",
    "Full name reported",
]
COLUMNS = {
    "Client ID": ["C-1", "1001", "1001.0", "7", "C-2", "total"],
    "First Name": FIRST,
    "Middle Name": ["Q", "Quinn", "Jr", "Van", "Q. R."],
    "Last Name": LAST,
    "Second Last Name": ["López", "Made", "III"],
    "Suffix": ["Jr", "III", "x", "2nd"],
    "Nickname": ["Zo", "Pepe", "Bob, Bobby"],
    "Maiden Name": ["Fict", "De La Cruz"],
    "Full Name": WHOLE,
    "DOB": BORN,
    "SSN": NUMBER,
    "SSN Last 4": ["5678", "78", "0078"],
    "Phone": DIALLED,
    "Cell Phone": DIALLED,
    "House Number": ["12", "99B", "0"],
    "Address": STREET,
    "Mailing Address": STREET,
    "Unit": UNITS,
    "Zip": CODES,
    "Household ID": ["H-1", "7.0", "H-1"],
    "Name Quality": QUALITY,
    "DOB Quality": QUALITY,
    "SSN Quality": QUALITY,
    "Date Deleted": ["2026-01-02", "soon", "1/2/2026"],
}


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    """Rows of a client list, header first: columns in any order, some of them missing, rows long, short and blank."""
    names = draw(st.lists(st.sampled_from([n for n in COLUMNS if n not in {"First Name", "Last Name"}]), unique=True))
    names = draw(
        st.permutations(
            [*names, *draw(st.sampled_from([("First Name", "Last Name"), ("First Name", "Last Name", "DOB")]))]
        )
    )
    header = list(dict.fromkeys([*names, "DOB"]))
    cell = {name: st.sampled_from(NOTHING) | st.sampled_from(COLUMNS[name]) for name in header}
    row = st.tuples(*(cell[name] for name in header)).map(list)
    odd = st.builds(lambda cells, cut: cells[:cut], row, st.integers(0, len(header))) | row.map(
        lambda cells: [*cells, "more"]
    )
    rows = draw(st.lists(row | odd, min_size=1, max_size=8))
    return [header, *rows]


def cleaned(rows: list[list[str]]) -> Sheet:
    return Sheet("clients.csv", [[cell.strip() for cell in row] for row in rows])


def row_by_row(table: Table) -> list[Client]:
    reader = ClientReader(table, today=TODAY)
    clients = [client for line, cells in table.lines() if (client := reader.read(line, cells))]
    return [replace(client, phones=client.phones[:MOST_PHONES]) for client in clients]


def in_columns(table: Table) -> list[Client]:
    reader = ListReader(ClientReader(table, today=TODAY))
    return [client for batch in reader.batches() for client in batch.clients()]


def understood(sheet: Sheet) -> Table | None:
    table = understand(sheet)
    return table if table is not None and table.kind is TableKind.CLIENTS else None


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(rows=tables())
def test_columns_and_rows_give_the_same_clients(rows):
    table = understood(cleaned(rows))
    if table is not None:
        assert in_columns(table) == row_by_row(table)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(rows=tables(), at_once=st.integers(1, 4), most=st.integers(0, 3))
def test_neither_the_size_of_a_batch_nor_forgetting_changes_a_client(rows, at_once, most):
    table = understood(cleaned(rows))
    if table is not None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(list_reader, "ROWS_AT_ONCE", at_once)
            patch.setattr(list_reader, "MOST_VALUES", most)
            patch.setattr(sheet_cells, "MOST_VALUES", most)
            assert in_columns(table) == row_by_row(table)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(rows=tables(), at_once=st.integers(1, 3), of=st.integers(1, 4))
def test_shares_of_a_list_laid_side_by_side_are_the_list(rows, at_once, of):
    table = understood(cleaned(rows))
    if table is not None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(list_reader, "ROWS_AT_ONCE", at_once)
            readers = [ListReader(ClientReader(table, today=TODAY)) for _ in range(of)]
            shares = [
                c for n, reader in enumerate(readers) for b in reader.batches(share=n, of=of) for c in b.clients()
            ]
        assert sorted(shares, key=lambda client: client.line) == row_by_row(table)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(rows=tables())
def test_cells_as_the_file_has_them_are_cleaned_as_they_are_read(tmp_path_factory, rows):
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    path = write(tmp_path_factory.mktemp("raw"), "clients.csv", text.getvalue())
    table = understood(Sheet("clients.csv", LargeText(path)))
    if table is not None:
        (small,) = read_sheets([path])
        assert in_columns(table) == row_by_row(table) == row_by_row(understood(small))


def test_the_made_up_tables_hold_clients_of_every_shape():
    rows = [list(COLUMNS)] + [[values[n % len(values)] for values in COLUMNS.values()] for n in range(40)]
    table = understood(cleaned(rows))
    assert table is not None
    clients = row_by_row(table)
    assert in_columns(table) == clients
    shapes = (
        "first",
        "middle",
        "last",
        "suffix",
        "other_firsts",
        "former_lasts",
        "birth",
        "ssn",
        "ssn4",
        "phones",
        "household",
    )
    for shape in shapes:
        assert {bool(getattr(client, shape)) for client in clients} >= {True}, shape
    assert len(clients) < 40, "some are deleted"
    assert max(len(client.phones) for client in clients) > 1


def test_a_client_has_the_first_three_of_many_telephone_numbers():
    rows = [
        ["Client ID", "First Name", "DOB", "Phone"],
        ["1", "Ana", "1984-03-27", " / ".join(f"360-555-01{n:02}" for n in range(1, 6))],
    ]
    (client,) = in_columns(understood(cleaned(rows)))
    assert client.phones == ("3605550101", "3605550102", "3605550103")


@pytest.mark.parametrize("agency", AGENCIES)
def test_the_exports_of_the_demo_town_are_read_the_same_in_columns(agency):
    tables = prepare(read_sheets([TOWN / agency]), NO_CHOICES, today=TODAY).tables
    lists = [table for table in tables if table.kind is TableKind.CLIENTS]
    assert lists
    for table in lists:
        assert in_columns(table) == row_by_row(table)


def test_two_processes_read_a_large_list_as_one_does(tmp_path, monkeypatch):
    monkeypatch.setattr(accelerator, "native", None)
    rows = [list(COLUMNS)] + [[values[n % len(values)] for values in COLUMNS.values()] for n in range(10_000)]
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    table = understood(Sheet("clients.csv", LargeText(write(tmp_path, "clients.csv", text.getvalue()))))
    assert table is not None
    (one, tally), (two, added) = (
        read_list(ClientReader(table, today=TODAY), alone=True, processes=processes) for processes in (1, 2)
    )
    assert stacked(two).clients() == stacked(one).clients()
    assert len(one) > 1, "more than one process had something to read"
    assert added == tally


@pytest.mark.parametrize("first", ["John", "JANE", "Baby", "John (Jack)"])
@pytest.mark.parametrize("last", ["Doe", "DOE ", "doe", "Doe Jr", "Doe (née Fict)"])
def test_a_name_that_stands_for_nobody_is_nobodys_in_columns_too(first, last):
    table = understood(cleaned([["Client ID", "First Name", "Last Name", "DOB"], ["1", first, last, "1984-03-27"]]))
    assert in_columns(table) == row_by_row(table)
