"""The known sets are translated as told, and what Headcount finds in them is measured beside Splink."""

from __future__ import annotations

import csv
from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import hashing
from bench.known_data import KnownSet, febrl_sets, historical_set, moved_date, translated, write_set
from bench.known_sets import measure


@pytest.fixture(scope="module")
def first_set() -> KnownSet:
    return next(iter(febrl_sets(None)))


def test_febrl_has_four_sets_with_their_truth(first_set):
    sets = list(febrl_sets(None))
    sizes = [(s.name, len(s.records), len({r.person_id for r in s.records}), len(s.agencies)) for s in sets]
    assert sizes == [
        ("FEBRL 1", 1000, 500, 1),
        ("FEBRL 2", 5000, 4000, 1),
        ("FEBRL 3", 5000, 2000, 1),
        ("FEBRL 4", 10000, 5000, 2),
    ]


def test_a_folder_of_febrl_files_is_read_as_the_shipped_ones(tmp_path, first_set):
    heads = ("rec_id", "given_name", "surname", "street_number", "address_1", "address_2", "suburb", "postcode",
             "state", "date_of_birth", "soc_sec_id")  # fmt: skip
    for name in ("febrl1", "febrl2", "febrl3", "febrl4a", "febrl4b"):
        with (tmp_path / f"{name}.csv").open("w", newline="", encoding="utf-8") as stream:
            row = ("rec-122-org", "lachlan", "berry", "69", "giblin street", "killarney", "bittern", "4814", "qld",
                   "19990219", "7364009")  # fmt: skip
            csv.writer(stream).writerows([heads, row])
    (record,) = next(iter(febrl_sets(tmp_path))).records
    assert record == next(one for one in first_set.records if one.client_id == "rec-122-org")
    assert (record.person_id, record.values["ssn"], record.values["zip"]) == ("122", "7364009", "4814")


def test_a_febrl_list_is_read_whole(tmp_path, first_set):
    """Seven digits of a number, four of a postcode, dates without marks: all of them are read."""
    write_set(first_set, tmp_path)
    export = hashing.read_export([tmp_path / "town" / "febrl1"], today=first_set.today)
    clients = {client.client_id: client for client in export.clients}
    berry = clients["rec-122-org"]
    assert (berry.first, berry.last) == (("lachlan",), ("berry",))
    assert (berry.birth.year, berry.birth.month, berry.birth.day) == (1999, 2, 19)
    assert berry.ssn == "007364009"
    assert berry.address.zip == "04814"
    assert (berry.address.number, berry.address.street) == ("69", "giblin")
    read = [bool(client.birth) for client in clients.values()]
    assert sum(read) / len(read) > 0.95


@pytest.mark.parametrize(
    ("written", "moved"),
    [
        ("1630-08-01", "1908-08-01"),
        ("1746-01-02", "2024-01-02"),
        ("1747-01-02", "1908-01-02"),
        ("-85-01-01", "1948-01-01"),
        ("", ""),
    ],
)
def test_a_historical_date_is_moved_among_the_living(written, moved):
    assert moved_date(written) == moved
    if moved:
        assert date(1908, 1, 1) <= date.fromisoformat(moved) < date(2025, 1, 1)


def test_a_postcode_stands_in_the_address():
    found = translated({"first": "ada", "last": "king", "dob": "", "zip": "tq13 8df"})
    assert (found["street_number"], found["street_name"]) == ("8", "df tq13")


def test_historical_persons_are_read_from_their_file(tmp_path):
    table = pa.table(
        {
            "unique_id": ["Q1-1"], "cluster": ["Q1"], "first_name": ["thomas"], "surname": [None],
            "dob": ["1630-08-01"], "postcode_fake": [None], "birth_place": ["devon"], "occupation": [None],
        }
    )  # fmt: skip
    pq.write_table(table, tmp_path / "persons.parquet")
    (record,) = historical_set(tmp_path / "persons.parquet").records
    assert (record.client_id, record.person_id) == ("Q1-1", "Q1")
    assert record.values["dob"] == "1630-08-01"
    assert record.listed["dob"] == "1908-08-01"


def test_headcount_and_splink_are_measured_on_the_same_records(first_set):
    found = list(measure(first_set, ["bloom"]))
    assert [one.name for one in found] == [
        "Headcount, bloom",
        *["plaintext Splink"] * 2,
        *["plaintext Splink, all columns"] * 2,
    ]
    assert {one.figures.clients for one in found} == {1000}
    assert all(one.figures.shares.precision > 0.99 for one in found)
    assert all(one.figures.shares.f1 > 0.97 for one in found)
