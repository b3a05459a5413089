"""What ``headcount link`` and ``count`` say, and how they refuse."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest
import typer
from click.testing import Result
from made_files import Line, MadeRun, card, header, row, write_card, write_file
from typer.testing import CliRunner

from hashing.cli import main
from hashing.schema import EncodedFileError, HeadcountError
from linkage.breakdown import Breakdown
from linkage.cli import CountBy, register
from linkage.errors import CannotLink, ModelError, RunError

app = typer.Typer()
register(app)


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def says(result: Result) -> list[str]:
    assert result.exception is None, result.exception
    return [line.rstrip() for line in result.stdout.splitlines()]


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Twenty clients at the clinic, twelve of them also at the YMCA."""
    return [
        write_file(tmp_path, header(agency), [row(f"{agency} {n}", n) for n in range(size)])
        for agency, size in (("clinic", 20), ("ymca", 12))
    ]


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_card(tmp_path / "card.json", card())


def test_link_says_how_many_people_and_where_the_run_is(tmp_path, files, model):
    out = tmp_path / "run"
    assert says(run("link", *files, "--out", out, "--model", model)) == [
        "Linked 2 files: 21 people (likely 21 to 21).",
        f"  {out / 'people.csv'}     agency,row,person",
        f"  {out / 'pairs.parquet'}  the scored pairs and their evidence",
        f"  {out / 'report.json'}    safe counts, ranges, timings, versions, model",
    ]


def test_link_withholds_a_small_number_of_people(tmp_path, model):
    files = [write_file(tmp_path, header("clinic"), [row("a"), row("b", 1)])]
    assert says(run("link", *files, "--out", tmp_path / "run", "--model", model))[0] == (
        "Linked 1 files: *** people (likely *** to ***)."
    )


@pytest.fixture
def town(tmp_path: Path) -> Path:
    """Thirty people at the clinic, five of them at the YMCA as well."""
    clinic = [
        Line("clinic", str(n), n, household=f"h{n // 3}", services=(("health", f"2026-0{1 + n % 2}"),))
        for n in range(30)
    ]
    ymca = [Line("ymca", str(n), n, services=(("food", "2026-01"),)) for n in range(5)]
    return MadeRun(clinic + ymca).write(tmp_path / "run")


def cells(result: Result) -> list[list[str]]:
    """The table's cells, a list a line."""
    lines = (re.split(r"[│┃|]", line) for line in says(result))
    return [[cell.strip() for cell in line[1:-1]] for line in lines if len(line) > 2]


def test_count_shows_a_row_an_agency_and_withholds_the_small(town):
    result = run("count", town)
    assert cells(result) == [
        ["", "people", "likely range"],
        ["clinic", "30", "30 to 30"],
        ["ymca", "***", "*** to ***"],
        ["unduplicated people", "30", "30 to 30"],
    ]
    assert says(result)[0] == "People by agency"
    assert " ".join(" ".join(says(result)[-5:]).split()) == (
        "Sum of the rows, where the same person counts again and again: *** "
        "0 clients had too little information to be matched; they are in no count here. "
        "*** stands for a count from 1 to 10, or for one that would give such a count away. "
        "Numbers are rounded to multiples of 3."
    )
    assert result.stderr == ""


def test_count_internal_withholds_nothing_and_says_so(town):
    result = run("count", town, "--internal")
    assert cells(result)[2] == ["ymca", "5", "5 to 5"]
    assert "Sum of the rows, where the same person counts again and again: 35" in says(result)
    assert result.stderr == "INTERNAL: nothing is withheld below. Do not hand it on.\n"
    assert "***" not in result.stdout


@pytest.mark.parametrize(
    ("by", "title", "rows"),
    [
        ("service", "People by service area", [["food", "***", "*** to ***"], ["health", "30", "30 to 30"]]),
        ("month", "People by month of service", [["2026-01", "18", "18 to 18"], ["2026-02", "15", "15 to 15"]]),
        ("household", "Households by agency", [["clinic", "***", "*** to ***"], ["ymca", "***", "*** to ***"]]),
    ],
)
def test_count_by_something_else(town, by, title, rows):
    result = run("count", town, "--by", by)
    assert says(result)[0] == title
    assert cells(result)[1:-1] == rows


def test_count_by_household_names_its_unit_beside_the_sum(town):
    said = says(run("count", town, "--by", "household"))
    assert "Sum of the rows, where the same household counts again and again: ***" in said


def test_count_by_household_without_any_household_says_that_it_counts_people(tmp_path):
    made = MadeRun([Line("clinic", str(n), n) for n in range(30)]).write(tmp_path / "run")
    told = " ".join(run("count", made, "--by", "household").stdout.split())
    assert (
        "No agency lists households: each person counts as a household of one, so these are counts of people." in told
    )


def test_count_offers_what_the_counts_know():
    assert [by.value for by in CountBy] == [by.value for by in Breakdown]


def test_count_by_what_it_does_not_know_is_refused(town):
    result = run("count", town, "--by", "name")
    assert result.exit_code == 2
    assert "Invalid value for '--by'" in result.stderr


@pytest.mark.parametrize(
    ("command", "error", "message"),
    [
        ("link {clinic} {clinic} --out {new} --model {model}", CannotLink, "two files come from clinic"),
        ("link {nowhere} --out {new}", EncodedFileError, "nowhere: the file cannot be opened"),
        ("link {model} --out {new}", EncodedFileError, r"card\.json: this is not a file of encodings"),
        ("link {clinic} --out {new}", ModelError, "there is no model for the profile made-up"),
        ("link {clinic} --out {new} --model {clinic}", ModelError, r"clinic\.codes\.jsonl: "),
        ("link {clinic} --out {town} --model {model}", RunError, "run: there is something already"),
        ("count {nowhere}", RunError, "nowhere: this is not the folder of a run"),
    ],
)
def test_a_refusal_is_an_error_with_a_hint(tmp_path, files, model, town, command, error, message):
    places = {name: tmp_path / name for name in ("new", "nowhere")} | {"clinic": files[0], "model": model, "town": town}
    result = run(*command.format(**places).split())
    assert isinstance(result.exception, HeadcountError)
    with pytest.raises(error, match=message):
        raise result.exception
    assert result.exception.hint
    assert not (tmp_path / "new").exists()


def test_the_command_line_tells_a_refusal_in_a_sentence_and_fails(tmp_path, capsys):
    with pytest.raises(SystemExit, match="1"):
        main(["count", str(tmp_path / "nowhere")])
    told = capsys.readouterr()
    assert told.err == "headcount: nowhere: this is not the folder of a run.\n  Link first: headcount link.\n"
    assert told.out == ""


@pytest.mark.parametrize("command", ["link a --out b", "count a"])
def test_without_the_server_part_the_commands_say_what_to_install(monkeypatch, command):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    result = run(*command.split())
    assert isinstance(result.exception, HeadcountError)
    with pytest.raises(HeadcountError, match="needs the server part of Headcount"):
        raise result.exception
    assert result.exception.hint == "Run: pip install 'headcount[server]'"
