"""Files that belong together become one table, whatever their order; files that do not are refused."""

from __future__ import annotations

import base64
import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from made_files import BITS, CODES, code, header, pseudonym, received, row, token, write_file

from hashing.schema import (
    MAX_LINE_BYTES,
    AgeBand,
    AgencyKind,
    EncodedFileError,
    EncodedRow,
    ServiceArea,
    ServiceMonth,
    ServiceType,
    ServiceUnit,
)
from linkage import parts
from linkage.errors import CannotLink
from linkage.parts import Part, Stretch
from linkage.records import Records, loaded_records


def load(files: Sequence[Path]) -> None:
    with loaded_records(files):
        pass


def load_one(path: Path) -> Records:
    """What a file of few rows holds, in memory."""
    with loaded_records([path]) as records:
        return replace(records, matrix=records.matrix.copy(), tokens=records.tokens.copy())


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
        load([*files, odd])


def test_files_with_other_codes_are_refused(tmp_path):
    ours = write_file(tmp_path, header("food_bank"), [row("a")])
    fewer = write_file(tmp_path, header("clinic", codes={"name": BITS}), [row("b", codes={"name": code(1)})])
    with pytest.raises(CannotLink, match="was encoded with another code list than"):
        load([ours, fewer])


def test_an_agency_that_comes_twice_is_refused(tmp_path):
    files = [write_file(tmp_path / month, header("food_bank"), [row("a")]) for month in ("may", "june")]
    with pytest.raises(CannotLink, match="two files come from food_bank"):
        load(files)


def test_a_victim_service_providers_file_is_refused(tmp_path):
    kind = AgencyKind.VICTIM_SERVICE_PROVIDER
    files = [
        write_file(tmp_path, header("food_bank"), [row("a")]),
        write_file(tmp_path, header("haven", kind=kind), [row("b")]),
    ]
    with pytest.raises(CannotLink, match=r"haven\.codes\.jsonl comes from a victim service provider"):
        load(files)


def test_no_files_are_refused():
    with pytest.raises(CannotLink, match="no encoded files were given"):
        load([])


@pytest.mark.parametrize("make", [lambda path: None, lambda path: path.mkdir()], ids=["missing", "a folder"])
def test_what_cannot_be_opened_is_named(tmp_path, make):
    path = tmp_path / "food_bank.codes.jsonl"
    make(path)
    with pytest.raises(EncodedFileError, match=r"food_bank.codes.jsonl: the file cannot be opened \("):
        load([path])


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
        load([path])


def told(records: Records) -> list[dict[str, Any]]:
    """Everything that is known of each record."""
    bits = {name: place for place, name in enumerate(records.codes)}
    return [
        {
            "agency": records.agency_names[n].as_py(),
            "row": records.rows[n].as_py(),
            "household": records.households[n].as_py(),
            "age": records.ages[n].as_py(),
            "codes": {name: records.matrix[n, place].tobytes() for name, place in bits.items()},
            "tokens": sorted(records.tokens[records.owners == n].tolist()),
            "services": [line for line in records.services.to_pylist() if line.pop("record") == n],
        }
        for n in range(len(records))
    ]


def expected(agency: str, each: EncodedRow) -> dict[str, Any]:
    tokens = [int.from_bytes(base64.urlsafe_b64decode(token + "="), "big") for token in each.blocks]
    return {
        "agency": agency,
        "row": each.row,
        "household": each.household,
        "age": each.age or None,
        "codes": {name: base64.b64decode(text or "") or bytes(8) for name, text in each.codes.items()},
        "tokens": sorted(tokens),
        "services": [
            {"area": s.area, "month": s.month, "units": s.units, "type": s.type, "unit": s.unit} for s in each.services
        ],
    }


def made(name: str, place: int) -> EncodedRow:
    meal = ServiceMonth(ServiceArea.FOOD, "2026-01", place + 1, ServiceType.MEALS, ServiceUnit.MEALS)
    services = (meal, received(ServiceArea.FOOD, "2026-01", place + 1))[: place % 3]
    household = pseudonym(f"home {place // 2}") if place % 2 else None
    age = {"age": list(AgeBand)[place % 9]} if place % 4 else {}
    return row(name, place, services=services, household=household, blocks=tuple(map(token, "abc"[: place % 4])), **age)


def test_the_order_of_files_and_rows_does_not_matter(tmp_path):
    rows = [made(name, place) for place, name in enumerate("abcde")]
    agencies = ("ymca", "food_bank", "clinic")
    wanted = [expected(a, each) for a in sorted(agencies) for each in sorted(rows, key=lambda each: each.row)]
    for place, order in enumerate(itertools.permutations(agencies)):
        files = [write_file(tmp_path / str(place), header(a), rows[place % 5 :] + rows[: place % 5]) for a in order]
        with loaded_records(files) as records:
            assert told(records) == wanted


@pytest.mark.parametrize("processes", [1, 2])
def test_files_cut_into_stretches_are_read_as_one(tmp_path, monkeypatch, processes):
    """Stretches end in the middle of lines wherever they like; a process that reads one sees whole lines."""
    monkeypatch.setattr(parts, "STRETCH", 500)
    monkeypatch.setattr(parts, "WORTH_IT", 0)
    rows = [made(str(place), place) for place in range(20)]
    files = [write_file(tmp_path, header(agency), rows) for agency in ("ymca", "clinic")]
    with loaded_records(files, processes=processes) as records:
        found = told(records)
    assert found == [expected(a, each) for a in ("clinic", "ymca") for each in sorted(rows, key=lambda each: each.row)]


def test_a_damaged_line_far_into_a_file_is_named_by_its_number(tmp_path, monkeypatch):
    monkeypatch.setattr(parts, "STRETCH", 500)
    path = write_file(tmp_path, header(), [made(str(place), place) for place in range(20)])
    lines = path.read_bytes().splitlines(keepends=True)
    lines[17] = lines[17].replace(b'"row"', b'"raw"')
    path.write_bytes(b"".join(lines))
    with pytest.raises(EncodedFileError, match=r"food_bank.codes.jsonl: line 18 is damaged"):
        load([path])


@pytest.mark.parametrize(
    ("line", "message"), [(0, "this is not a file of encodings"), (1, "line 2 is longer than any")]
)
def test_a_line_without_end_is_refused_unread(tmp_path, monkeypatch, line, message):
    """Ten rows' worth without a line end; of a file of as many gigabytes no more is held in memory."""
    monkeypatch.setattr(parts, "STRETCH", 500)
    path = write_file(tmp_path, header(), [row("a"), row("b")])
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:line]) + b" " * 10 * MAX_LINE_BYTES + b"".join(lines[line:]))
    monkeypatch.setattr(parts, "read_stretch", watched := Watched(parts.read_stretch))
    with pytest.raises(EncodedFileError, match=f"food_bank.codes.jsonl: {message}"):
        load([path])
    assert all(size <= 2 * MAX_LINE_BYTES for size in watched.sizes)


class Watched:
    """Reads stretches, and remembers their sizes."""

    def __init__(self, read: Callable[[Stretch], Part]) -> None:
        self._read = read
        self.sizes: list[int] = []

    def __call__(self, stretch: Stretch) -> Part:
        self.sizes.append(stretch.end - stretch.start)
        return self._read(stretch)


def test_nothing_is_left_of_what_was_read(tmp_path):
    path = write_file(tmp_path / "codes", header(), [row("a"), row("b")])
    with loaded_records([path], spill=tmp_path):
        assert len(list(tmp_path.iterdir())) == 2
    assert list(tmp_path.iterdir()) == [tmp_path / "codes"]


def test_a_pseudonym_given_twice_is_refused(tmp_path):
    with pytest.raises(EncodedFileError, match="two rows carry the same pseudonym"):
        load([write_file(tmp_path, header(), [row("a"), row("a", 2)])])


@pytest.mark.parametrize("bits", [64, 72, 1000, 1024, 8192])
def test_the_bits_of_codes_are_counted(tmp_path, bits):
    head = header(codes=dict.fromkeys(CODES, bits))
    rows = [row("a", codes={"name": None, "birth": code(1, bits - 1, bits=bits)}), row("b", codes=full(bits))]
    records = load_one(write_file(tmp_path, head, sorted(rows, key=lambda each: each.row)))
    counts = {rows[0].row: [2, 0], rows[1].row: [bits, bits - 1]}
    assert records.ones.tolist() == [counts[name] for name in records.rows.to_pylist()]


def full(bits: int) -> dict[str, str]:
    return {"birth": code(*range(bits), bits=bits), "name": code(*range(bits - 1), bits=bits)}
