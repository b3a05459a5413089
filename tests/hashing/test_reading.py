# ruff: noqa: E501 -- lists are as wide as they are
"""How the commands learn to read an agency's files: mapping, order of dates and holds, said once and remembered."""

from pathlib import Path

import pytest
from client_lists import write

from hashing import terminal
from hashing.cli import main
from hashing.keys import LinkageSecret, write_secret
from hashing.reading import Told, choices_of
from hashing.schema import HeadcountError, read_encoded

UNCLEAR = "Client ID,Name,DOB\n1,Ana Made,03/04/1984\n2,Bo Fict,05/06/1961\n"
ODD = "Legajo,Persona,Nacido\n17,Ana Made,1984-03-27\n"
ODD_MAPPING = '[columns]\nLegajo = "client number"\nPersona = "name in one cell"\nNacido = "date of birth"\n'


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """The folder that remembers, as the environment names it."""
    monkeypatch.setenv("HEADCOUNT_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def answers(monkeypatch) -> list[str]:
    """A person at the terminal, and what they will type."""
    typed: list[str] = []
    monkeypatch.setattr("hashing.cli.is_terminal", lambda: True)
    monkeypatch.setattr(terminal.typer, "prompt", lambda *_, **__: typed.pop(0))
    return typed


def ran(capsys, *arguments: object) -> str:
    with pytest.raises(SystemExit) as stopped:
        main([str(argument) for argument in arguments])
    assert not stopped.value.code
    return capsys.readouterr().out


def refused(capsys, *arguments: object) -> str:
    with pytest.raises(SystemExit) as stopped:
        main([str(argument) for argument in arguments])
    assert stopped.value.code == 1
    return capsys.readouterr().err


def secret(folder: Path) -> Path:
    write_secret(LinkageSecret(1, bytes(range(32))), folder / "secret")
    return folder / "secret"


def test_check_saves_what_it_understood_and_takes_it_from_then_on(tmp_path, home, capsys):
    clients = write(tmp_path, "clients.csv", "Ref,Name,DOB,Legajo\n1,Ana Made,1984-03-27,A-9\n")
    said = ran(capsys, "check", clients, "--agency", "food_bank", "--save-mapping")
    path = home / "food_bank.mapping.toml"
    assert f"Wrote {path}" in said
    path.write_text(path.read_text().replace('"Ref" = "client number"', '"Ref" = "not used"').replace("# ", "")
                    .replace('"Legajo" = "not used"', '"Legajo" = "client number"').replace("How H", "# How H").replace("What is", "# What is"))  # fmt: skip
    said = ran(capsys, "check", clients, "--agency", "food_bank")
    assert "A-9" in said
    assert "not used: Ref" in said


def test_a_mapping_that_is_there_is_not_written_over(tmp_path, home, capsys):
    clients = write(tmp_path, "clients.csv", UNCLEAR)
    home.mkdir()
    write(home, "food_bank.mapping.toml", 'dates = "day-first"\n')
    said = refused(capsys, "check", clients, "--agency", "food_bank", "--save-mapping")
    assert "there is a mapping already" in said
    assert (home / "food_bank.mapping.toml").read_text() == 'dates = "day-first"\n'


def test_a_mapping_is_an_agencys(tmp_path, home, capsys):
    clients = write(tmp_path, "clients.csv", UNCLEAR)
    assert "a mapping is an agency's" in refused(capsys, "check", clients, "--save-mapping")
    assert not home.exists()


def test_a_folder_that_cannot_be_written_is_told_of(tmp_path, home, capsys):
    home.write_text("a file where the folder should be")
    said = refused(capsys, "check", write(tmp_path, "c.csv", UNCLEAR), "--agency", "a", "--save-mapping")
    assert "the mapping cannot be written there" in said


def test_hash_reads_by_a_mapping_that_is_named_or_remembered(tmp_path, home, capsys):
    clients = write(tmp_path, "odd.csv", ODD)
    mapping = write(tmp_path, "m.toml", ODD_MAPPING)
    where = ("--secret", secret(tmp_path), "--out", tmp_path / "out")
    assert "no client list found" in refused(capsys, "hash", clients, "--agency", "a", *where)
    assert "Encoded 1 of 1" in ran(capsys, "hash", clients, "--agency", "a", *where, "--mapping", mapping)
    home.mkdir()
    write(home, "a.mapping.toml", ODD_MAPPING)
    assert "are there already" in refused(capsys, "hash", clients, "--agency", "a", *where)
    assert "Encoded 1 of 1" in ran(capsys, "hash", clients, "--agency", "a", *where, "--replace")
    assert "no client list found" in refused(capsys, "hash", clients, "--agency", "another", *where)


def test_an_open_order_of_dates_is_asked_for_once_and_remembered(tmp_path, home, capsys, answers):
    clients = write(tmp_path, "clients.csv", UNCLEAR)
    answers += ["both", "Day-First "]
    with pytest.raises(SystemExit) as stopped:
        main(["check", str(clients), "--agency", "food_bank"])
    assert not stopped.value.code
    said, asked = capsys.readouterr()
    assert f"Remembered in {home / 'food_bank.mapping.toml'}." in asked
    assert not answers
    assert "day or month" not in said
    assert (home / "food_bank.mapping.toml").read_text() == 'dates = "day-first"\n'
    assert "day or month" not in ran(capsys, "check", clients, "--agency", "food_bank")


def test_the_answer_joins_a_mapping_that_is_remembered(tmp_path, home, capsys, answers):
    home.mkdir()
    write(home, "food_bank.mapping.toml", '[columns]\n"Client ID" = "client number"\n')
    answers.append("month-first")
    ran(capsys, "check", write(tmp_path, "clients.csv", UNCLEAR), "--agency", "food_bank")
    assert (home / "food_bank.mapping.toml").read_text().startswith('dates = "month-first"\n[columns]\n')


def test_without_an_agency_the_answer_is_for_this_once(tmp_path, home, capsys, answers):
    answers.append("day-first")
    said = ran(capsys, "check", write(tmp_path, "clients.csv", UNCLEAR))
    assert "day or month" not in said
    assert not home.exists()


@pytest.mark.parametrize("text", [
    UNCLEAR.replace("05/06", "12/31"), UNCLEAR.replace("DOB", "DOB (MM/DD/YYYY)"), UNCLEAR.replace("/", "-"[:0]),
])  # fmt: skip
def test_nobody_is_asked_what_the_list_tells(tmp_path, home, capsys, answers, text):
    ran(capsys, "check", write(tmp_path, "clients.csv", text))


def test_a_script_is_not_asked_and_is_told_what_was_taken(tmp_path, home, capsys):
    said = ran(capsys, "check", write(tmp_path, "clients.csv", UNCLEAR))
    assert "month first was taken (if not: --dates day-first)" in said
    assert "day or month" not in ran(capsys, "check", tmp_path / "clients.csv", "--dates", "day-first")


def test_an_order_that_is_none_is_refused(tmp_path, home, capsys):
    said = refused(capsys, "check", write(tmp_path, "clients.csv", UNCLEAR), "--dates", "european")
    assert "'european' is no order of dates" in said


def test_a_hold_list_keeps_its_clients_out_of_the_file(tmp_path, home, capsys):
    clients = write(tmp_path, "clients.csv", UNCLEAR)
    hold = write(tmp_path, "hold.txt", "2\n")
    said = ran(
        capsys,
        "hash",
        clients,
        "--agency",
        "a",
        "--secret",
        secret(tmp_path),
        "--out",
        tmp_path / "out",
        "--hold",
        hold,
    )
    assert "Encoded 1 of 1 client" in said
    assert "1 client is on hold" in said
    header = read_encoded(tmp_path / "out" / "a.codes.jsonl").header
    assert (header.rows, header.unmatchable) == (1, 0)
    assert "2" not in [line.split(",")[1] for line in (tmp_path / "out" / "a.crosswalk.csv").read_text().splitlines()]


def test_a_hold_list_that_the_mapping_names_is_never_forgotten(tmp_path, home, capsys):
    clients = write(tmp_path, "clients.csv", UNCLEAR)
    home.mkdir()
    write(home, "food_bank.mapping.toml", 'hold = "hold.csv"')
    said = refused(capsys, "check", clients, "--agency", "food_bank")
    assert "food_bank.mapping.toml: line 1: 'hold' names hold.csv, and there is no such file" in said
    assert f"Put the list into {home}" in said
    write(home, "hold.csv", "\n")
    assert "hold.csv: the hold list is empty" in refused(capsys, "check", clients, "--agency", "food_bank")
    write(home, "hold.csv", "Client ID\n")
    assert "on hold" not in ran(capsys, "check", clients, "--agency", "food_bank")
    write(home, "hold.csv", "Client ID\n2\n")
    assert "1 client is on hold" in ran(capsys, "check", clients, "--agency", "food_bank")
    also = write(tmp_path, "more.csv", "Client ID\n9\n")
    said = ran(capsys, "check", clients, "--agency", "food_bank", "--hold", also)
    assert "1 client is on hold" in said
    assert "1 client number on hold is not in the client list" in said


@pytest.mark.parametrize("option", ["--mapping", "--hold"])
def test_a_file_that_is_not_there_is_refused(tmp_path, home, capsys, option):
    clients = write(tmp_path, "clients.csv", UNCLEAR)
    assert "gone.toml: there is no such file" in refused(capsys, "check", clients, option, tmp_path / "gone.toml")


def test_a_mapping_that_is_no_text_is_refused(tmp_path, home, capsys):
    clients = write(tmp_path, "clients.csv", UNCLEAR)
    mapping = write(tmp_path, "m.toml", b"\xff\xfe\x00")
    assert "m.toml: the mapping file cannot be read" in refused(capsys, "check", clients, "--mapping", mapping)


@pytest.mark.parametrize("agency", ["../elsewhere", "/etc/a", "A B", "a" * 65])
def test_an_agency_is_never_a_path(tmp_path, agency):
    with pytest.raises(HeadcountError):
        choices_of(Told(agency, tmp_path))
