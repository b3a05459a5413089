"""The encoded file is written whole or not at all, and read strictly or not at all."""

import base64
import csv
import io
import json
import stat
from datetime import date
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_files import header, pseudonym, received, row, token, write_file

from hashing.errors import OutputError
from hashing.files import write_encoded
from hashing.schema import (
    MAX_LINE_BYTES,
    Consent,
    EncodedFileError,
    ServiceArea,
    decode_code,
    parse_header,
    parse_row,
    read_encoded,
)

ROWS = [row("a", 1), row("b", 2), row("c", 3, consent=Consent(date(2027, 1, 1), ("ymca",)))]
IDS = ["C-1", "C-2", "C-3"]
HEADER = header(rows=3)


def as_json(value: object) -> dict[str, object]:
    return json.loads(msgspec.json.encode(value))


def test_what_is_written_is_read_back_sorted_by_pseudonym(tmp_path):
    written = write_encoded(tmp_path, HEADER, ROWS, IDS)
    found = read_encoded(written.encoded)
    assert found.header == HEADER
    assert list(found.rows) == sorted(ROWS, key=lambda one: one.row)


@given(order=st.permutations(range(3)))
def test_the_order_of_the_client_list_never_shows(tmp_path_factory, order):
    folder = tmp_path_factory.mktemp("order")
    write_encoded(folder, HEADER, [ROWS[place] for place in order], [IDS[place] for place in order])
    straight = write_encoded(folder / "straight", HEADER, ROWS, IDS)
    for path in (straight.encoded, straight.crosswalk):
        assert (folder / path.name).read_bytes() == path.read_bytes()


def test_both_files_are_for_their_owner_alone(tmp_path):
    written = write_encoded(tmp_path / "new" / "folder", HEADER, ROWS, IDS)
    assert [stat.S_IMODE(path.stat().st_mode) for path in (written.encoded, written.crosswalk)] == [0o600, 0o600]
    names = sorted(path.name for path in written.encoded.parent.iterdir())
    assert names == ["food_bank.codes.jsonl", "food_bank.crosswalk.csv"]


def test_client_numbers_of_any_kind_survive_the_crosswalk(tmp_path):
    odd = ['a,"b"', "line 3", "ñ\nö"]
    written = write_encoded(tmp_path, HEADER, ROWS, odd)
    lines = list(csv.reader(io.StringIO(written.crosswalk.read_text("utf-8"), newline="")))
    assert sorted(number for _, number in lines[1:]) == sorted(odd)


@pytest.mark.parametrize("failing", [1, 2])
@pytest.mark.parametrize("earlier", [False, True])
def test_a_disk_that_fails_leaves_all_as_it_was(tmp_path, monkeypatch, failing, earlier):
    if earlier:
        write_encoded(tmp_path, HEADER, ROWS[::-1], ["old-1", "old-2", "old-3"])
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    replace, calls = Path.replace, []

    def fail_once(self: Path, target: Path) -> Path:
        calls.append(target)
        if len(calls) == failing:
            raise OSError(28, "No space left on device")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", fail_once)
    with pytest.raises(OutputError, match=r"the files cannot be written there \(No space left on device\)"):
        write_encoded(tmp_path, HEADER, ROWS, IDS, replace=True)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_disk_that_is_full_leaves_no_half_of_a_file(tmp_path, monkeypatch):
    def refuse(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", refuse)
    with pytest.raises(OutputError, match="No space left on device"):
        write_encoded(tmp_path, HEADER, ROWS, IDS)
    assert list(tmp_path.iterdir()) == []


def test_an_encoded_file_is_never_put_in_place_before_its_crosswalk(tmp_path, monkeypatch):
    replace, placed = Path.replace, []

    def note(self: Path, target: Path) -> Path:
        placed.append(target.name)
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", note)
    write_encoded(tmp_path, HEADER, ROWS, IDS)
    assert placed == ["food_bank.crosswalk.csv", "food_bank.codes.jsonl"]


def test_a_folder_that_is_a_file_is_told(tmp_path):
    (tmp_path / "out").write_text("")
    with pytest.raises(OutputError, match="the files cannot be written there"):
        write_encoded(tmp_path / "out", HEADER, ROWS, IDS)


def rewritten(folder: Path, change) -> Path:
    """A good file whose lines were changed."""
    path = write_file(folder, HEADER, ROWS)
    lines = change(path.read_bytes().splitlines(keepends=True))
    path.write_bytes(b"".join(lines))
    return path


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda lines: [], "this is not a file of encodings"),
        (lambda lines: lines[1:], "this is not a file of encodings"),
        (lambda lines: lines[:-1], "the header promises 3 rows, the file holds 2: it was cut short"),
        (
            lambda lines: [*lines, lines[1].replace(pseudonym("a").encode(), pseudonym("z").encode())],
            "the file holds 4",
        ),
        (lambda lines: [*lines[:-1], lines[1]], "two rows carry the same pseudonym"),
        (lambda lines: [*lines[:-1], lines[-1][:-1]], "line 4 is cut short"),
        (lambda lines: [*lines[:-1], lines[-1][:40] + b"\n"], "line 4 is damaged or cut short"),
        (lambda lines: [*lines[:2], b"\n", *lines[2:]], "line 3 is damaged or cut short"),
        (lambda lines: [lines[0], b"x" * (MAX_LINE_BYTES + 1) + b"\n"], "line 2 is longer than any row can be"),
        (lambda lines: [lines[0], b"\xff\xfe\n", *lines[2:]], "line 2 is damaged or cut short"),
        (lambda lines: [b"PK\x03\x04\n"], "this is not a file of encodings"),
        (
            lambda lines: [lines[0].replace(b"codes/2", b"codes/1"), *lines[1:]],
            "format 'headcount-codes/1' is not 'headcount-codes/2'",
        ),
        (
            lambda lines: [lines[0].replace(b"codes/2", b"codes/3"), *lines[1:]],
            "format 'headcount-codes/3' is not 'headcount-codes/2'",
        ),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused(tmp_path, change, what):
    with pytest.raises(EncodedFileError, match=what) as refusal:
        read_encoded(rewritten(tmp_path, change))
    assert refusal.value.what.startswith("food_bank.codes.jsonl: ")


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(
        EncodedFileError, match=r"^gone\.jsonl: the file cannot be opened \(No such file or directory\)$"
    ):
        read_encoded(tmp_path / "gone.jsonl")
    with pytest.raises(EncodedFileError, match="the file cannot be opened"):
        read_encoded(tmp_path)


def parse(**changes: object):
    fields = {key: value for key, value in (as_json(ROWS[2]) | changes).items() if value is not ...}
    return parse_row(json.dumps(fields).encode(), HEADER, source="x", number=2)


def test_a_row_as_it_is_sent_is_read():
    assert parse() == ROWS[2]


SERVICE = {"area": "food", "month": "2026-05", "units": 1}
CONSENT = {"expires": "2027-01-01", "recipients": ["ymca"]}


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "Ana"},
        {"row": ...},
        {"codes": ...},
        {"blocks": ...},
        {"row": "A" * 16},
        {"row": "a" * 15},
        {"row": pseudonym("a") + "\n"},
        {"row": None},
        {"codes": []},
        {"codes": {"birth": 5, "name": None}},
        {"blocks": ["short"]},
        {"blocks": [token("x") + "\n"]},
        {"blocks": [token("x") + "="]},
        {"blocks": [token("x") + "AAAAA"]},
        {"blocks": [token("x")[:-1] + "+"]},
        {"blocks": [token("x")] * 129},
        {"household": "Made"},
        {"services": [SERVICE | {"area": "detox"}]},
        {"services": [SERVICE | {"month": "2026-13"}]},
        {"services": [SERVICE | {"month": "٢٠٢٦-05"}]},
        {"services": [SERVICE | {"month": "2026-05\n"}]},
        {"services": [SERVICE | {"units": 0}]},
        {"services": [SERVICE | {"units": 1.5}]},
        {"services": [SERVICE | {"units": 1_000_001}]},
        {"services": [SERVICE | {"program": "SUD"}]},
        {"services": [SERVICE] * 2_001},
        {"consent": CONSENT | {"expires": "soon"}},
        {"consent": CONSENT | {"recipients": []}},
        {"consent": CONSENT | {"recipients": ["Food Bank"]}},
        {"consent": CONSENT | {"recipients": ["ymca\n"]}},
        {"consent": CONSENT | {"signed_by": "Ana"}},
    ],
)
def test_a_row_with_more_less_or_other_than_the_format_allows_is_refused(changes):
    with pytest.raises(EncodedFileError, match=r"^x: line 2 is damaged or cut short$"):
        parse(**changes)


@pytest.mark.parametrize(
    ("codes", "what"),
    [
        ({"name": None}, "line 2 holds other codes than the header"),
        ({"name": None, "birth": None, "more": None}, "line 2 holds other codes than the header"),
        ({"name": None, "birth": "AAAAAAAAAA=="}, "line 2, code birth is not 64 bits long"),
        ({"name": "", "birth": None}, "line 2, code name is not 64 bits long"),
        ({"name": "not base64!!", "birth": None}, "line 2, code name is not base64"),
        ({"name": "ñ", "birth": None}, "line 2, code name is not base64"),
        ({"name": "AAAAAAAAAAA", "birth": None}, "line 2, code name is not base64"),
    ],
)
def test_codes_must_be_those_of_the_header_and_as_long(codes, what):
    with pytest.raises(EncodedFileError, match=what):
        parse(codes=codes)


@pytest.mark.parametrize(
    "changes",
    [
        {"agency": "Food Bank"},
        {"agency": "food_bank\n"},
        {"kind": "church"},
        {"profile_digest": "ab" * 31},
        {"profile_digest": "AB" * 32},
        {"key_check_value": "cd" * 15},
        {"canaries": "ef" * 33},
        {"epoch": 0},
        {"epoch": "1"},
        {"rows": 0},
        {"rows": -3},
        {"unmatchable": -1},
        {"codes": {"name": 63}},
        {"codes": {"name": 8_193}},
        {"period": {"first": "2026-01"}},
        {"period": {"first": "2026-00", "last": "2026-02"}},
        {"secret": "AAEC"},
        {"agency": ...},
        {"canaries": ...},
    ],
)
def test_a_header_with_more_less_or_other_than_the_format_allows_is_refused(changes):
    fields = {key: value for key, value in (as_json(HEADER) | changes).items() if value is not ...}
    with pytest.raises(EncodedFileError, match=r"^x: this is not a file of encodings$"):
        parse_header(json.dumps(fields).encode(), source="x")


def test_the_largest_row_that_the_format_allows_is_no_longer_than_a_line():
    months = [f"{1900 + n // 12}-{n % 12 + 1:02}" for n in range(250)]
    largest = row(
        "a",
        codes={f"{'c' * 29}{n:03}": "A" * 1368 for n in range(32)},
        blocks=tuple(token(str(n)) for n in range(128)),
        household=pseudonym("h"),
        services=tuple(received(area, month, 1_000_000) for month in months for area in ServiceArea),
        consent=Consent(date(2027, 1, 1), tuple(f"{n:064}" for n in range(200))),
    )
    assert len(largest.services) == 2_000
    assert len(msgspec.json.encode(largest)) < MAX_LINE_BYTES


@given(cut=st.integers(0, 10_000))
def test_no_file_that_was_cut_short_is_read(tmp_path_factory, cut):
    path = write_file(tmp_path_factory.mktemp("cut"), HEADER, ROWS)
    whole = path.read_bytes()
    path.write_bytes(whole[: cut % len(whole)])
    with pytest.raises(EncodedFileError, match=r"cut short|not a file of encodings"):
        read_encoded(path)


@given(octets=st.binary(max_size=40))
def test_base64_round_trips(octets):
    assert decode_code(base64.b64encode(octets).decode()) == octets
