"""FHIR Patients are read by their names, addresses, numbers and birth date, and nothing else of them is."""

import json
import zipfile

import pytest
from client_lists import TODAY, or_refusal, told, write
from fhir_patients import ANA, BO, SSN, VISIT, bundle, lines
from hypothesis import given
from hypothesis import strategies as st

from hashing.clients import Client
from hashing.dates import BirthDate
from hashing.errors import InputFileError
from hashing.export import read_export
from hashing.importers.fhir import read_fhir

WAYS = {
    "bundle.json": bundle(ANA, VISIT, BO),
    "collection.json": bundle(VISIT, ANA, BO, kind="collection"),
    "one_a_line.json": lines(ANA, VISIT, BO),
    "patients.ndjson": lines(ANA, BO),
    "patients.jsonl": lines(VISIT, ANA) + "\n" + lines(BO),
    "list.json": json.dumps([ANA, BO]),
    "bundles.ndjson": json.dumps(json.loads(bundle(ANA))) + "\n" + json.dumps(json.loads(bundle(VISIT, BO))),
    "with_mark.json": "\ufeff" + bundle(ANA, BO),
}


def clients(folder, content: str | bytes, name: str = "patients.json") -> tuple[Client, ...]:
    return read_export([write(folder, name, content)], today=TODAY).clients


@pytest.mark.parametrize("name", WAYS)
def test_patients_are_read_however_a_system_writes_them(tmp_path, name):
    found = clients(tmp_path, WAYS[name], name)
    fields = ["client_id", "first", "middle", "last", "suffix", "birth", "ssn"]
    assert told(found, *fields) == [
        ("M-0017", "ana", "maria", "nunez garcia", "jr", BirthDate(1984, 3, 27), "512345678"),
        ("b0", "bo", "", "made", "", BirthDate(1972), ""),
    ]


def test_every_other_name_is_an_alias_and_the_official_one_is_the_name(tmp_path):
    ana = clients(tmp_path, bundle(ANA))[0]
    assert set(ana.other_firsts) == {("anita",), ("anna",)}
    assert set(ana.former_lasts) == {("fict",), ("older",)}


def test_phones_and_the_address_of_today_count(tmp_path):
    ana = clients(tmp_path, bundle(ANA))[0]
    assert ana.phones == ("3605550101", "3605550102")
    assert (ana.address.building, ana.address.unit, ana.address.zip) == ("12 imaginary", "4", "98382")


@pytest.mark.parametrize(
    ("addresses", "building"),
    [
        ([{"use": "old", "line": ["1 Former Rd"]}], ""),
        ([{"line": ["2 Ended Rd"], "period": {"end": "2020-01-01"}}], ""),
        ([{"type": "postal", "line": ["3 Letter Rd"]}, {"line": ["4 Home Rd"]}], "4 home"),
        ([{"use": "temp", "line": ["5 Brief Rd"]}, {"use": "home", "line": ["6 Home Rd"]}], "6 home"),
        ([{"use": "home", "line": [None, "7 Home Rd"], "_line": [{"extension": []}, None]}], "7 home"),
    ],
)
def test_only_an_address_that_still_holds_counts(tmp_path, addresses, building):
    (client,) = clients(tmp_path, bundle(BO | {"address": addresses}))
    assert client.address.building == building


@pytest.mark.parametrize(
    ("names", "first", "last"),
    [
        ([{"use": "usual", "given": ["Bo"], "family": "Made"}, {"use": "official", "given": ["Robert"]}], "robert", ""),
        ([{"use": "nickname", "given": ["Bo"]}, {"use": "usual", "given": ["Rob"], "family": "Made"}], "rob", "made"),
        ([{"use": "anonymous", "given": ["X"], "family": "Nobody"}], "", ""),
        ([{"text": "Maria de la Cruz"}], "maria", "de la cruz"),
        ([], "", ""),
    ],
)
def test_the_first_of_official_and_usual_is_the_name(tmp_path, names, first, last):
    found = clients(tmp_path, bundle(BO | {"name": names}, ANA))[0]
    assert told([found], "first", "last") == [(first, last)]


@pytest.mark.parametrize(
    ("typed", "birth"),
    [("1984", BirthDate(1984)), ("1984-03", BirthDate(1984)), ("1984-03-27", BirthDate(1984, 3, 27)), (None, None)],
)
def test_a_birth_date_may_be_a_year_or_a_month(tmp_path, typed, birth):
    assert clients(tmp_path, bundle(BO | {"birthDate": typed}, ANA))[0].birth == birth


@pytest.mark.parametrize(
    "identifier",
    [
        {"system": SSN, "value": "512345678"},
        {"system": "urn:oid:2.16.840.1.113883.4.1", "value": "512-34-5678"},
        {"type": {"coding": [{"code": "SS"}]}, "value": "512-34-5678"},
    ],
)
def test_a_social_security_number_is_known_by_its_system_or_type(tmp_path, identifier):
    (client,) = clients(tmp_path, bundle(BO | {"identifier": [{"value": "999"}, identifier]}))
    assert (client.client_id, client.ssn) == ("b0", "512345678")


@pytest.mark.parametrize(("code", "is_held"), [("R", True), ("V", True), ("N", False), ("HTEST", False)])
def test_a_patient_whose_record_is_restricted_is_on_hold(tmp_path, code, is_held):
    label = {
        "meta": {"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": code}]}
    }
    found = read_export([write(tmp_path, "p.json", bundle(ANA, BO | label))], today=TODAY)
    assert ("b0" not in {client.client_id for client in found.clients}) is is_held
    assert any("1 client is on hold (by the column Confidential)" in note for note in found.notes) is is_held


def test_what_headcount_does_not_need_never_reaches_the_sheet():
    cells = {cell for row in read_fhir(bundle(ANA).encode(), name="p.json").rows for cell in row}
    assert not {"never read", "Somebody", "Else", "ana@example.org", "female", "Dr. Nobody", "es"} & cells
    assert "<div>never read</div>" not in cells


def test_patients_are_found_in_folders_and_zips_beside_other_resources(tmp_path):
    folder = tmp_path / "bulk"
    folder.mkdir()
    write(folder, "Patient.ndjson", lines(ANA, BO))
    write(folder, "Encounter.ndjson", lines(VISIT, VISIT))
    write(folder, "manifest.json", '{"transactionTime": "2026-01-01T00:00:00Z", "output": []}')
    with zipfile.ZipFile(tmp_path / "bulk.zip", "w") as archive:
        for file in folder.iterdir():
            archive.write(file, f"export/{file.name}")
    for path in (folder, tmp_path / "bulk.zip"):
        found = read_export([path], today=TODAY)
        assert told(found.clients, "client_id") == [("M-0017",), ("b0",)]
        (note,) = (note for note in found.notes if note.startswith("no patient is in "))
        assert {"Encounter.ndjson", "manifest.json"} == set(note.removeprefix("no patient is in ").split(", "))


def test_visits_beside_the_patients_find_them_by_their_record_number(tmp_path):
    paths = [
        write(tmp_path, "patients.json", bundle(ANA, BO)),
        write(tmp_path, "visits.csv", "MRN,Visit Date,Visit Type\nM-0017,2026-05-01,Office visit\n"),
    ]
    found = read_export(paths, today=TODAY).clients
    assert [[(s.area, s.month) for s in client.services] for client in found] == [[("health", "2026-05")], []]


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("p.ndjson", lines(ANA) + lines(BO)[:40], r"^p\.ndjson: line 2 cannot be read as JSON$"),
        ("p.json", bundle(ANA, BO)[:-40], r"^p\.json: line \d+ cannot be read as JSON$"),
        ("p.json", "", r"^p\.json: line 1 cannot be read as JSON$"),
        ("p.json", b"\xff\xfe\x00\x01", r"^p\.json: line 1 cannot be read as JSON$"),
        ("p.ndjson", lines(BO, BO | {"birthDate": 1984}), r"^p\.ndjson: line 2 is not what FHIR R4 says \(element bir"),
        ("p.json", bundle(BO | {"name": "Bo Made"}), r"^p\.json: entry 1 is not what FHIR R4 says \(element name\)$"),
        ("p.json", bundle(VISIT), r"^p\.json: no FHIR Patient is in it$"),
        ("p.json", '{"format": "something else"}', r"^p\.json: no FHIR Patient is in it$"),
        ("p.json", "[1, 2, 3]", r"^p\.json: no FHIR Patient is in it$"),
        ("p.json", "7", r"^p\.json: no FHIR Patient is in it$"),
    ],
)  # fmt: skip
def test_what_holds_no_patients_or_is_damaged_is_refused_by_line(tmp_path, name, content, what):
    with pytest.raises(InputFileError, match=what):
        clients(tmp_path, content, name)


def test_a_refusal_never_holds_a_value():
    broken = bundle(BO | {"birthDate": {"secret": "Bo"}})
    with pytest.raises(InputFileError, match=r"element birthDate") as refusal:
        read_fhir(broken.encode(), name="p.json")
    assert "Bo" not in refusal.value.what + refusal.value.hint


@given(content=st.binary() | st.text().map(str.encode))
def test_no_bytes_do_anything_but_be_read_or_refused(content):
    for name in ("p.json", "p.ndjson"):
        found = or_refusal(lambda name=name: read_fhir(content, name=name))
        assert isinstance(found, InputFileError) or not found.rows


@pytest.mark.parametrize(
    ("name", "content", "where"),
    [
        ("p.ndjson", lines(VISIT, ANA, BO | {"birthDate": "1984-13-77"}), "line 3"),
        ("p.json", bundle(BO | {"birthDate": "1984-13-77"}, VISIT, ANA), "entry 1"),
        ("p.json", json.dumps(BO | {"birthDate": "1984-13-77"}), "entry 1"),
    ],
)
def test_a_birth_date_that_is_none_is_told_by_its_place_in_the_file(tmp_path, name, content, where):
    notes = read_export([write(tmp_path, name, content)], today=TODAY).notes
    assert f"1 birth date in {name} could not be read ({where}): write dates as 1984-03-27" in notes


def test_a_patient_without_any_number_goes_by_the_place_in_the_file(tmp_path):
    nameless = {key: value for key, value in BO.items() if key != "id"}
    assert told(clients(tmp_path, lines(VISIT, nameless), "p.ndjson"), "client_id") == [("p.ndjson, line 2",)]
