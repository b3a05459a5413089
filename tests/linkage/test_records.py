"""Files that belong together become one table, whatever their order; files that do not are refused."""

from __future__ import annotations

import itertools

import pytest
from made_files import BITS, CODES, code, header, row, token, write_file

from hashing.schema import AgencyKind, EncodedFileError
from linkage.errors import CannotLink
from linkage.records import load_records


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"profile_digest": "99" * 32}, "clinic.codes.jsonl was encoded with another profile than food_bank.codes"),
        ({"epoch": 2}, "clinic.codes.jsonl was encoded with another epoch than food_bank.codes"),
        ({"key_check_value": "99" * 16}, "clinic.codes.jsonl was encoded with another secret than food_bank.codes"),
        ({"canaries": "99" * 32}, "clinic.codes.jsonl was encoded with another version of Headcount than food_bank"),
    ],
)
def test_files_of_another_making_are_refused(tmp_path, change, message):
    files = [write_file(tmp_path, header("food_bank"), [row("a")]), write_file(tmp_path, header("ymca"), [row("b")])]
    odd = write_file(tmp_path, header("clinic", **change), [row("c")])
    with pytest.raises(CannotLink, match=message):
        load_records([*files, odd])


def test_files_with_other_codes_are_refused(tmp_path):
    ours = write_file(tmp_path, header("food_bank"), [row("a")])
    fewer = write_file(tmp_path, header("clinic", codes={"name": BITS}), [row("b", codes={"name": code(1)})])
    with pytest.raises(CannotLink, match="was encoded with another code list than"):
        load_records([ours, fewer])


def test_an_agency_that_comes_twice_is_refused(tmp_path):
    files = [write_file(tmp_path / month, header("food_bank"), [row("a")]) for month in ("may", "june")]
    with pytest.raises(CannotLink, match="two files come from food_bank"):
        load_records(files)


def test_a_victim_service_providers_file_is_refused(tmp_path):
    kind = AgencyKind.VICTIM_SERVICE_PROVIDER
    files = [
        write_file(tmp_path, header("food_bank"), [row("a")]),
        write_file(tmp_path, header("haven", kind=kind), [row("b")]),
    ]
    with pytest.raises(CannotLink, match=r"haven\.codes\.jsonl comes from a victim service provider"):
        load_records(files)


def test_no_files_are_refused():
    with pytest.raises(CannotLink, match="no encoded files were given"):
        load_records([])


@pytest.mark.parametrize("make", [lambda path: None, lambda path: path.mkdir()], ids=["missing", "a folder"])
def test_what_cannot_be_opened_is_named(tmp_path, make):
    path = tmp_path / "food_bank.codes.jsonl"
    make(path)
    with pytest.raises(EncodedFileError, match=r"food_bank.codes.jsonl: the file cannot be opened \("):
        load_records([path])


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda content: b"", "this is not a file of encodings"),
        (lambda content: b"First,Last\nAda,Lovelace\n", "this is not a file of encodings"),
        (lambda content: content[:-1], "line 3 is cut short"),
        (lambda content: content[: content.index(b"\n", content.index(b"\n") + 1) + 1], "promises 2 rows, the file ho"),
    ],
)
def test_a_damaged_file_is_named(tmp_path, spoil, message):
    path = write_file(tmp_path, header("food_bank"), [row("a"), row("b")])
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(EncodedFileError, match=f"food_bank.codes.jsonl: .*{message}"):
        load_records([path])


def test_the_order_of_files_and_rows_does_not_matter(tmp_path):
    rows = [row(name, place) for place, name in enumerate("abcde")]
    agencies = ("ymca", "food_bank", "clinic")
    tables = []
    for place, order in enumerate(itertools.permutations(agencies)):
        files = [write_file(tmp_path / str(place), header(a), rows[place % 5 :] + rows[: place % 5]) for a in order]
        tables.append(load_records(files))
    assert all(table == tables[0] for table in tables)
    keys = [(agency, each.row) for agency, each in tables[0].rows]
    assert keys == sorted((agency, each.row) for agency in agencies for each in rows)


def test_a_missing_code_is_null_in_the_table(tmp_path):
    rows = [row("a", codes={"name": None, "birth": code(1)})]
    table = load_records([write_file(tmp_path, header(), rows)]).code_table()
    assert table.to_pylist() == [{"unique_id": 0, "name": None, "birth": bytes([0b01000000, *[0] * 7])}]


def test_a_code_without_a_single_bit_counts_as_missing(tmp_path):
    rows = [row("a", codes=dict.fromkeys(CODES, code()))]
    table = load_records([write_file(tmp_path, header(), rows)]).code_table()
    assert [table[name].to_pylist() for name in CODES] == [[None], [None]]


def test_a_token_that_a_record_repeats_stands_once(tmp_path):
    rows = [row("a", blocks=(token("t"), token("u"), token("t")))]
    table = load_records([write_file(tmp_path, header(), rows)]).token_table()
    assert table.to_pylist() == [{"unique_id": 0, "token": token("t")}, {"unique_id": 0, "token": token("u")}]
