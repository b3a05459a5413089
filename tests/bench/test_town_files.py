"""The files of a town say what its records say, and the truth covers every row of them."""

from __future__ import annotations

import csv
from collections import Counter

import pytest

from bench.figures import folded
from bench.names import read_rows
from bench.population import TODAY
from bench.schema import TownSpec
from bench.spreadsheets import (
    TRUTH_COLUMNS,
    VALUE_COLUMNS,
    dob_text,
    layout,
    one_cell_name,
    phone_text,
    ssn_text,
    write_town,
)
from bench.towns import make_town
from evaluation.subgroups import age_band


@pytest.fixture(scope="module")
def town():
    return make_town(TownSpec(21, people=900, agencies=12, name_mix="mixed"))


@pytest.fixture(scope="module")
def folder(town, tmp_path_factory):
    folder = tmp_path_factory.mktemp("town")
    write_town(town, folder)
    return folder


def _rows(path):
    with path.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream, strict=True))


def test_the_truth_holds_every_record(town, folder):
    rows = _rows(folder / "truth.csv")
    assert tuple(rows[0]) == TRUTH_COLUMNS
    assert [
        (r["agency"], r["client_id"], r["person_id"], r["household_id"], tuple(r["tags"].split())) for r in rows
    ] == [(r.agency, r.client_id, r.person_id, r.household_id, r.tags) for r in town.records]


def test_the_truth_and_the_lists_name_the_same_clients(town, folder):
    listed = [
        (agency.name, row[layout(agency)[0].header])
        for agency in town.agencies
        for row in _rows(folder / agency.name / "clients.csv")
    ]
    assert Counter(listed) == Counter((row["agency"], row["client_id"]) for row in _rows(folder / "truth.csv"))


def test_a_list_read_back_is_what_was_taken_down(town, folder):
    for agency in town.agencies:
        columns = layout(agency)
        records = [r for r in town.records if r.agency == agency.name]
        for row, record in zip(_rows(folder / agency.name / "clients.csv"), records, strict=True):
            assert list(row.values()) == [column.read(record) for column in columns]
            assert None not in row


def test_headers_are_distinct_and_differ_between_agencies(town):
    headers = [tuple(column.header for column in layout(agency)) for agency in town.agencies]
    assert all(len(set(header)) == len(header) for header in headers)
    assert len(set(headers)) > 8


def test_no_list_gives_away_the_truth(town, folder):
    for agency in town.agencies:
        content = (folder / agency.name / "clients.csv").read_text(encoding="utf-8")
        assert "p21-" not in content
        assert "h21-" not in content


def test_what_an_agency_does_not_ask_for_has_no_column_and_no_value(town):
    for agency in town.agencies:
        records = [r for r in town.records if r.agency == agency.name]
        if agency.asked.ssn == 0:
            assert not any(r.ssn for r in records)
            assert not any(c.header in {"SSN", "ssn", "Social Security Number", "SS#"} for c in layout(agency))
        if agency.last4_only:
            assert all(r.ssn == "" or (r.ssn.startswith("xxxxx") and len(r.ssn) == 9) for r in records)


def test_one_agency_writes_capitals_and_one_names_in_one_cell(town):
    assert sum(agency.style.one_cell_name for agency in town.agencies) == 1
    capital = {a.name for a in town.agencies if a.style.letters == "upper"}
    assert capital
    assert all(r.last == r.last.upper() for r in town.records if r.agency in capital)


def test_untagged_names_are_those_of_the_person(town):
    people = {p.person_id: p.name for p in town.people}
    spelled_otherwise = {"nickname", "swapped_names", "typo_first", "typo_last", "mojibake"}
    for r in town.records:
        if not spelled_otherwise & set(r.tags) and not any(
            t.startswith(("first", "middle", "surname", "prior")) for t in r.tags
        ):
            assert folded(f"{r.first} {r.last}") == folded(f"{people[r.person_id].first} {people[r.person_id].last}")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (dob_text("1984-03-27", us=True), "03/27/1984"),
        (dob_text("1984-03-27", us=False), "1984-03-27"),
        (dob_text("", us=True), ""),
        (ssn_text("123456789", "dashed"), "123-45-6789"),
        (ssn_text("xxxxx6789", "dashed"), "xxx-xx-6789"),
        (ssn_text("xxxxx0089", "last4"), "0089"),
        (ssn_text("", "last4"), ""),
        (phone_text("3605550123", "dots"), "360.555.0123"),
        (phone_text("3605550123", "dashed"), "360-555-0123"),
        (phone_text("3605550123", "brackets"), "(360) 555-0123"),
        (phone_text("3605550123", "plain"), "3605550123"),
        (phone_text("", "dots"), ""),
    ],
)
def test_values_are_written_in_the_agencys_way(written, expected):
    assert written == expected


def test_names_in_one_cell_have_the_family_name_first(town):
    names = {one_cell_name(r): r for r in town.records}
    for written, record in names.items():
        family, _, given = written.partition(", ")
        if record.first and record.last:
            assert family == f"{record.last} {record.suffix}".strip()
            assert given == f"{record.first} {record.middle}".strip()
        else:
            assert ", " not in written


def test_the_name_data_is_clean():
    firsts, surnames = read_rows("first_names.csv.gz"), read_rows("surnames.csv.gz")
    assert len({r["name"] for r in firsts}) == 2500
    assert len({r["name"] for r in surnames}) == 6000
    assert all(float(r["weight"]) > 0 and r["name"].strip() == r["name"] for r in read_rows("heritage_names.csv"))
    assert all(r["name"] not in r["nicknames"].split(";") for r in read_rows("nicknames.csv"))


def test_the_truth_tells_origin_and_age_of_each_person(town, folder):
    people = {person.person_id: person for person in town.people}
    for row in _rows(folder / "truth.csv"):
        person = people[row["person_id"]]
        assert row["origin"] == person.heritage.value
        assert row["age_band"] == age_band(person.born.isoformat(), TODAY)
    assert {row["age_band"] for row in _rows(folder / "truth.csv")} >= {"0-17", "25-34", "65 or more"}


def test_the_values_are_what_was_typed(town, folder):
    rows = _rows(folder / "values.csv")
    assert tuple(rows[0]) == VALUE_COLUMNS
    assert [tuple(row.values()) for row in rows] == [
        tuple(getattr(record, column) for column in VALUE_COLUMNS) for record in town.records
    ]
