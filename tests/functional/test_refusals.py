"""Bad input gets one clear sentence and a remedy, an exit code other than 0, and leaves nothing behind."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import msgspec
import openpyxl
import pytest

from hashing.cli import main
from hashing.profile import load_profile
from tests.functional.conftest import TOWN

CLINIC = TOWN / "community_clinic" / "patients.csv"


@pytest.fixture
def office(tmp_path: Path) -> Path:
    assert run("secret", "new", "--out", tmp_path / "secret") == 0
    return tmp_path


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as stopped:
        main([str(argument) for argument in arguments])
    return int(stopped.value.code or 0)


def encode(office: Path, *files: Path, agency: str = "clinic", secret: str = "secret", profile: str = "bloom") -> int:
    return run(
        "hash", *files, "--agency", agency, "--secret", office / secret, "--out", office / agency, "--profile", profile
    )


def complaint(capsys: pytest.CaptureFixture[str]) -> str:
    error = capsys.readouterr().err.strip()
    assert error.startswith("headcount: ")
    assert len(error.splitlines()) == 2, "one sentence and one remedy"
    assert "Traceback" not in error
    return error


def prose(path: Path) -> Path:
    path.write_text("Minutes of the board meeting.\nThe treasurer reported.\nNobody asked for names.\n")
    return path


def picture(path: Path) -> Path:
    path.write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)) * 8)
    return path


def headerless_workbook(path: Path) -> Path:
    book = openpyxl.Workbook()
    for row in (("Ana", "Example", "1984-03-27"), ("Bo", "Sample", "1990-01-02")):
        book.active.append(row)
    book.save(path)
    return path


def empty(path: Path) -> Path:
    path.write_bytes(b"")
    return path


def header_only(path: Path) -> Path:
    path.write_text("Client ID,First Name,Last Name,DOB\n")
    return path


@pytest.mark.parametrize(
    ("make", "name", "sentence"),
    [
        (prose, "minutes.txt", "minutes.txt: no client list found"),
        (picture, "photo.csv", "photo.csv: this is not a text file"),
        (picture, "photo.png", "photo.png: files of this kind are not read"),
        (headerless_workbook, "list.xlsx", "list.xlsx \\[Sheet\\]: no client list found"),
        (empty, "clients.csv", "clients.csv: the file is empty"),
        (header_only, "clients.csv", "clients.csv: the client list is empty"),
        (lambda path: path, "gone.csv", "gone.csv: there is no such file"),
    ],
)
def test_a_file_that_is_no_client_list_is_refused(make, name, sentence, office, capsys) -> None:
    assert encode(office, make(office / name)) == 1
    assert re.search(sentence, complaint(capsys))
    assert not (office / "clinic").exists()


def test_a_missing_secret_is_refused(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert encode(office, CLINIC, secret="lost") == 1
    assert "lost: there is no such secret file" in complaint(capsys)
    assert not (office / "clinic").exists()


def test_a_damaged_secret_is_refused(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (office / "secret").read_text()
    place = text.index("epoch=1 ") + len("epoch=1 ")
    (office / "secret").write_text(text[:place] + ("A" if text[place] != "A" else "B") + text[place + 1 :])
    assert encode(office, CLINIC) == 1
    assert "damaged" in complaint(capsys)


def test_an_unknown_profile_is_refused(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert encode(office, CLINIC, profile="bluum") == 1
    assert "there is no profile called bluum" in complaint(capsys)


def test_a_secret_is_never_overwritten(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (office / "secret").read_bytes()
    assert run("secret", "new", "--out", office / "secret") == 1
    assert "there is a file already" in complaint(capsys)
    assert (office / "secret").read_bytes() == before


def encoded_pair(office: Path) -> list[Path]:
    assert encode(office, CLINIC) == 0
    assert encode(office, TOWN / "community_foundation", agency="foundation") == 0
    return [office / "clinic" / "clinic.codes.jsonl", office / "foundation" / "foundation.codes.jsonl"]


def test_files_of_two_secrets_are_not_linked(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clinic, _ = encoded_pair(office)
    assert run("secret", "new", "--out", office / "other") == 0
    assert encode(office, TOWN / "ymca", agency="ymca", secret="other") == 0
    capsys.readouterr()
    assert run("link", clinic, office / "ymca" / "ymca.codes.jsonl", "--out", office / "run") == 1
    assert "was encoded with another secret than" in complaint(capsys)
    assert not (office / "run").exists()


def test_files_of_two_profiles_are_not_linked(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clinic, _ = encoded_pair(office)
    changed = msgspec.to_builtins(load_profile("bloom")) | {"description": "another"}
    (office / "other.json").write_text(json.dumps(changed))
    assert encode(office, TOWN / "ymca", agency="ymca", profile=str(office / "other.json")) == 0
    capsys.readouterr()
    assert run("link", clinic, office / "ymca" / "ymca.codes.jsonl", "--out", office / "run") == 1
    assert "was encoded with another profile than" in complaint(capsys)
    assert not (office / "run").exists()


@pytest.mark.parametrize(
    ("cut", "sentence"),
    [(lambda b: b[:-100], "is cut short"), (lambda b: b[: b.rindex(b"\n", 0, -1) + 1], "the file holds")],
)
def test_a_truncated_file_is_not_linked(cut, sentence, office, capsys) -> None:
    clinic, foundation = encoded_pair(office)
    clinic.write_bytes(cut(clinic.read_bytes()))
    capsys.readouterr()
    assert run("link", clinic, foundation, "--out", office / "run") == 1
    assert sentence in complaint(capsys)
    assert not (office / "run").exists()


def test_a_client_list_is_not_linked(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copy(CLINIC, office / "patients.csv")
    assert run("link", office / "patients.csv", "--out", office / "run") == 1
    assert "patients.csv: this is not a file of encodings" in complaint(capsys)
    assert not (office / "run").exists()


def test_a_run_is_never_overwritten(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = encoded_pair(office)
    assert run("link", *files, "--out", office / "run") == 0
    before = (office / "run" / "people.csv").read_bytes()
    capsys.readouterr()
    assert run("link", *files, "--out", office / "run") == 1
    assert "there is something already" in complaint(capsys)
    assert (office / "run" / "people.csv").read_bytes() == before


def test_a_scrambled_hmis_export_is_refused(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(TOWN / "community_action", office / "hmis")
    export = office / "hmis" / "Export.csv"
    header, line = export.read_text().splitlines()[:2]
    export.write_text(f"{header}\n{line.rsplit(',', 1)[0]},4\n")
    assert encode(office, office / "hmis") == 1
    assert "choose Hash status: Unhashed" in complaint(capsys)
    assert not (office / "clinic").exists()


def test_no_complaint_shows_a_value(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (office / "odd.csv").write_text('Client ID,First Name,Last Name,DOB\n1,"Xavierus,Unclosedquote,1980-01-02\n' * 3)
    encode(office, office / "odd.csv")
    output = capsys.readouterr()
    assert "Xavierus" not in output.err + output.out


def test_encoded_files_are_never_overwritten_unless_it_is_asked_for(
    office: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert encode(office, CLINIC) == 0
    before = {path.name: path.read_bytes() for path in (office / "clinic").iterdir()}
    capsys.readouterr()
    assert encode(office, TOWN / "ymca") == 1
    assert "Add --replace" in complaint(capsys)
    assert {path.name: path.read_bytes() for path in (office / "clinic").iterdir()} == before
    again = ("--agency", "clinic", "--secret", office / "secret", "--out", office / "clinic", "--replace")
    assert run("hash", TOWN / "ymca", *again) == 0
    assert {path.name for path in (office / "clinic").iterdir()} == before.keys()
    assert (office / "clinic" / "clinic.codes.jsonl").read_bytes() != before["clinic.codes.jsonl"]
