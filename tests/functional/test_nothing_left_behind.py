"""What a person typed into a client list is on the screen of ``check`` at most, and in no message and no other file."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

PLANTED = "Zzyzxplanted"
COLUMNS = {
    "Client ID": "C-1",
    "First Name": "Ana",
    "Middle Name": "",
    "Last Name": "Example",
    "Nickname": "",
    "Date of Birth": "1984-03-27",
    "SSN": "512-34-5678",
    "Phone": "360-555-0101",
    "Address": "12 Imaginary Rd",
    "ZIP": "98382",
    "Household ID": "H-1",
    "Service Date": "2026-05-03",
    "Service": "pantry",
    "Notes": "",
}


@pytest.fixture
def office(tmp_path: Path) -> Path:
    for folder in ("desk", "home", "temporary"):
        (tmp_path / folder).mkdir()
    assert run(tmp_path, "secret", "new", "--out", "secret").returncode == 0
    return tmp_path


def run(office: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command in an office whose desk, home and folder for temporary files are empty at first."""
    own = {
        name: str(office / "home") for name in ("HOME", "USERPROFILE", "APPDATA", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")
    }
    temporary = {name: str(office / "temporary") for name in ("TMPDIR", "TEMP", "TMP")}
    return subprocess.run(
        [sys.executable, "-m", "hashing", *arguments],
        cwd=office / "desk",
        env=os.environ | own | temporary,
        capture_output=True,
        text=True,
        check=False,
    )


def write_list(path: Path, *rows: dict[str, str]) -> None:
    lines = [",".join(COLUMNS), *(",".join((COLUMNS | row).values()) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def holding(office: Path, value: str) -> set[str]:
    """The files anywhere in the office that hold a value, in whatever case."""
    files = (path for path in office.rglob("*") if path.is_file())
    return {path.name for path in files if value.lower().encode() in path.read_bytes().lower()}


def test_no_cell_is_in_any_message_or_other_file(office):
    planted = {column: f"{PLANTED}{chr(97 + place) * 3}" for place, column in enumerate(COLUMNS)}
    people = [
        {"Client ID": f"C-{place}", "Last Name": f"Example{chr(97 + place)}", "Phone": f"360-555-01{place:02}"}
        for place in range(len(planted))
    ]
    rows = [person | {column: planted[column]} for person, column in zip(people, planted, strict=True)]
    write_list(office / "desk" / "clients.csv", *rows)
    done = run(office, "hash", "clients.csv", "--agency", "clinic", "--secret", "secret", "--out", "out")
    assert done.returncode == 0, done.stderr
    assert f"of {len(rows)} clients" in done.stdout
    assert PLANTED.lower() not in (done.stdout + done.stderr).lower()
    assert holding(office, PLANTED) == {"clients.csv", "clinic.crosswalk.csv"}
    assert {column for column, value in planted.items() if holding(office, value) != {"clients.csv"}} == {"Client ID"}
    assert list((office / "temporary").iterdir()) == []


def test_what_is_written_belongs_to_its_owner_alone(office):
    write_list(office / "desk" / "clients.csv", {})
    assert (
        run(office, "hash", "clients.csv", "--agency", "clinic", "--secret", "secret", "--out", "out").returncode == 0
    )
    written = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (office / "desk" / "out").iterdir()}
    assert written == {"clinic.codes.jsonl": 0o600, "clinic.crosswalk.csv": 0o600}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("clients.csv", "{0}"),
        ("clients.csv", "{0},{0}\n{0},{0}\n"),
        ("clients.csv", "Client ID,DOB\n{0},{0}\n"),
        ("clients.csv", '"{0}\n{0}'),
        ("clients.xlsx", "{0}"),
        ("clients.zip", "{0}"),
        ("clients.pdf", "{0}"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_without_a_cell(name, text, office):
    (office / "desk" / name).write_text(text.format(PLANTED), encoding="utf-8")
    for command in (["check", name], ["hash", name, "--agency", "clinic", "--secret", "secret", "--out", "out"]):
        done = run(office, *command)
        assert PLANTED.lower() not in done.stderr.lower()
        if command[0] == "hash":
            assert done.returncode == 1
            assert PLANTED.lower() not in done.stdout.lower()
    assert holding(office, PLANTED) == {name}
    assert list((office / "temporary").iterdir()) == []
