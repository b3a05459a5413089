"""Damaged and hostile exports: an error that is named, or a read; never a crash, a hang or more memory than is sane.

The demo town's exports, cut, torn, doubled and mixed up by a random generator with a fixed seed. ``make fuzz`` tries
100,000 of them; ``make test`` a few hundred.
"""

import csv
import io
import os
import random
import sys
import zipfile
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import pytest

from bench.hmis_folders import write_hmis
from bench.towns import TownSpec, make_town
from hashing.export import read_export
from hashing.schema import HeadcountError

resource = pytest.importorskip("resource", reason="this system does not tell how much memory a process held")
TODAY = date(2026, 7, 15)
TRIES = int(os.environ.get("HEADCOUNT_FUZZ", "300"))
SEED = int(os.environ.get("HEADCOUNT_FUZZ_SEED", "1"))
MOST_MEGABYTES = 512
LARGEST_SEED = 20_000  # bytes of an export that are played with
SUFFIXES = (".csv", ".txt", ".tsv", ".xlsx", ".xls", ".ods", ".zip", ".json", ".ndjson", ".xlsm")
BITS = tuple(
    bit if isinstance(bit, bytes) else bit.encode()
    for bit in (
        '"', '"""', "\x00", "\r", "\n", "\r\n", ",", ";", "\t", "|", b"\xff", b"\xfe\xff", b"\xef\xbb\xbf", "{", "[",
        "\u200b", "\u202e", "=cmd|' /C calc'!A0", "1.23E+08", "0" * 400, "9" * 40, "-1", "NaN", "1e999", "0000-00-00",
        "9999-99-99", b"\xed\xa0\x80", "ﷺ" * 20, "a" * 5_000, "&" * 50, " and " * 50, "Nguyen Van ", "김민준",
        "Smith, Jr., III", "c/o ", "Apt " * 30,
    )
)  # fmt: skip


def seeds(demo_town: Path) -> list[tuple[str, bytes]]:
    """The beginnings of the demo's files, and whole workbooks and zips."""
    found = [
        (path.suffix, path.read_bytes() if path.suffix == ".xlsx" else path.read_bytes()[:LARGEST_SEED])
        for path in sorted(demo_town.rglob("*"))
        if path.is_file()
    ]
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("Client.csv", found[0][1])
    patient = (
        b'{"resourceType":"Patient","id":"1","name":[{"family":"Made","given":["Up"]}],"birthDate":"1984-03-27"}\n'
    )
    return [*found, (".zip", zipped.getvalue()), (".ndjson", patient * 20)]


def cut(content: bytes, dice: random.Random) -> bytes:
    return content[: dice.randrange(len(content) + 1)]


def torn_out(content: bytes, dice: random.Random) -> bytes:
    start = dice.randrange(len(content) + 1)
    return content[:start] + content[start + dice.randrange(200) :]


def stuffed(content: bytes, dice: random.Random) -> bytes:
    place = dice.randrange(len(content) + 1)
    return content[:place] + dice.choice(BITS) + content[place:]


def overwritten(content: bytes, dice: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(dice.randrange(1, 30)):
        if changed:
            changed[dice.randrange(len(changed))] = dice.randrange(256)
    return bytes(changed)


def repeated(content: bytes, dice: random.Random) -> bytes:
    start = dice.randrange(len(content) + 1)
    return content[:start] + content[start : start + dice.randrange(2_000)] * dice.randrange(1, 20) + content[start:]


def shuffled(content: bytes, dice: random.Random) -> bytes:
    lines = content.splitlines(keepends=True)
    dice.shuffle(lines)
    return b"".join(lines)


def encoded_anew(content: bytes, dice: random.Random) -> bytes:
    text = content.decode("utf-8", errors="replace")
    return text.encode(dice.choice(["utf-16", "utf-16-be", "utf-8-sig", "cp1252", "utf-32"]), errors="replace")


CHANGES: Sequence[Callable[[bytes, random.Random], bytes]] = (
    cut, torn_out, stuffed, stuffed, overwritten, repeated, shuffled, encoded_anew,
)  # fmt: skip


def hostile(found: Sequence[tuple[str, bytes]], dice: random.Random) -> tuple[str, bytes]:
    """A suffix and a content made of one of the seeds."""
    suffix, content = dice.choice(found)
    for _ in range(dice.randrange(1, 5)):
        content = dice.choice(CHANGES)(content, dice)
    return (dice.choice(SUFFIXES) if dice.random() < 0.1 else suffix), content


def megabytes() -> float:
    """The most memory that this process has held so far."""
    unit = 1024**2 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def is_read_or_refused(path: Path) -> bool:
    """Whether an export gives clients, or an error that tells what to do; any other error comes out."""
    try:
        export = read_export([path], today=TODAY)
    except HeadcountError as error:
        return bool(error.what and error.hint)
    return len(export) == len(export.clients) > 0


@pytest.mark.slow
def test_a_hostile_file_gives_a_named_error_or_a_read_and_nothing_else(demo_town, tmp_path):
    found, before = seeds(demo_town), megabytes()
    for number in range(TRIES):
        suffix, content = hostile(found, random.Random(f"{SEED}/{number}"))
        path = tmp_path / f"hostile{suffix}"
        path.write_bytes(content)
        assert is_read_or_refused(path), f"try {number} of seed {SEED}"
        path.unlink()
    assert megabytes() < max(MOST_MEGABYTES, before + 256)


def hmis_files(folder: Path) -> dict[str, bytes]:
    """A small HMIS export with exits, services, holds and a victim service provider in it."""
    write_hmis(make_town(TownSpec(1, people=50, agencies=2)), folder, year="FY2026")
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    with (folder / "Enrollment.csv").open(newline="", encoding="utf-8") as stream:
        some = [(row["EnrollmentID"], row["PersonalID"]) for row in csv.DictReader(stream)]
    told = {
        "Exit.csv": ("EnrollmentID,PersonalID,ExitDate", "2023-12-10", 0),
        "Services.csv": ("EnrollmentID,PersonalID,DateProvided,RecordType", "2023-11-10,200", 1),
        "HealthAndDV.csv": ("EnrollmentID,PersonalID,InformationDate,CurrentlyFleeing", "2023-11-05,1", 2),
    }
    for name, (header, rest, first) in told.items():
        rows = (f"{enrollment},{person},{rest}" for enrollment, person in some[first :: 3 + 7 * first])
        files[name] = "\n".join([header, *rows]).encode()
    files["Organization.csv"] += b"2,Safe harbor,1\r\n3,Untold,\r\n"
    return files


@pytest.mark.slow
def test_a_hostile_file_in_a_hmis_export_gives_a_named_error_or_a_read_and_nothing_else(tmp_path):
    files, folder = hmis_files(tmp_path), tmp_path / "export"
    folder.mkdir()
    for number in range(TRIES // 20):
        dice = random.Random(f"{SEED}/hmis/{number}")
        changed = {name: hostile([(".csv", files[name])], dice)[1] for name in dice.sample(sorted(files), 2)}
        for name, content in (files | changed).items():
            (folder / name).write_bytes(content)
        assert is_read_or_refused(folder), f"try {number} of seed {SEED}"
