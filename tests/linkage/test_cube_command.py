"""``headcount tables``: what it prints, what it keeps, and what it refuses."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
import typer
from click.testing import Result
from made_files import Line, MadeRun
from typer.testing import CliRunner

from linkage.cli import register
from linkage.cube.catalogue import CATALOGUE
from linkage.errors import CannotRelease, LedgerError, RequestRefused

app = typer.Typer()
register(app)


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["tables", *(str(argument) for argument in arguments)])


def says(result: Result) -> str:
    assert result.exception is None, result.exception
    return " ".join(result.stdout.split())


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A food bank with 200 people, a clinic with 150 of whom it shares 90, outreach that knows 5."""
    bank = [Line("food_bank", str(n), n, services=(("food", "2026-01"), ("food", "2026-03"))) for n in range(200)]
    clinic = [Line("clinic", str(n), n, services=(("health", "2026-02"),)) for n in range(110, 260)]
    outreach = [Line("outreach", str(n), n, services=(("outreach", "2026-01"),)) for n in range(5)]
    return MadeRun([*bank, *clinic, *outreach]).write(tmp_path_factory.mktemp("town") / "run")


def test_the_list_names_every_table_and_who_may_see_it():
    lines = CliRunner().invoke(app, ["tables", "nowhere", "--list"]).stdout.splitlines()
    assert [line.split()[0] for line in lines] == [entry.name for entry in CATALOGUE]
    assert {line.split()[1] for line in lines} == {"public", "internal"}


def test_a_public_table_withholds_what_is_small(town):
    told = says(run(town, "--table", "people-by-area"))
    assert "People by service area, 2026-Q1" in told
    assert "│ food │ 201 │" in told
    assert "│ outreach │ *** │" in told
    assert "Numbers are rounded to multiples of 3." in told


def test_an_internal_table_withholds_nothing_and_says_so(town):
    result = run(town, "--table", "gaps", "--internal")
    assert "INTERNAL" in result.stderr
    assert "food for three months, no shelter or outreach" in " ".join(result.stdout.split())


def test_an_internal_table_is_not_in_a_release(town):
    assert isinstance(run(town, "--table", "gaps").exception, CannotRelease)


def test_a_table_that_there_is_not_is_refused(town):
    assert isinstance(run(town, "--table", "nothing", "--internal").exception, RequestRefused)


def test_a_period_narrows_what_is_counted(town):
    told = says(run(town, "--period", "2026-02", "--table", "people-by-agency", "--internal"))
    assert "People by agency, 2026-02" in told
    assert "│ food bank │ 0 │" in told
    assert "│ clinic │ 150 │" in told


def test_csv_has_a_line_a_cell(town):
    lines = list(csv.DictReader(io.StringIO(run(town, "--format", "csv", "--internal").stdout)))
    assert {line["table"] for line in lines} == {entry.name for entry in CATALOGUE}
    (total,) = (line for line in lines if (line["table"], line["row"]) == ("people-by-agency", "(total)"))
    assert total["count"] == "260"


def test_json_tells_withheld_counts_as_null(town):
    told = json.loads(run(town, "--format", "json", "--table", "people-by-area").stdout)
    (table,) = told["tables"]
    assert {row["label"]: row["people"] for row in table["rows"]}["outreach"] is None
    assert table["name"] == "people-by-area"


def test_agencies_that_should_be_there_are_named(town):
    told = says(run(town, "--table", "people-by-agency", "--expected", "ymca", "--expected", "clinic"))
    assert "Missing: ymca." in told


# -- releases that are kept --------------------------------------------------------------------------------------


def test_a_release_is_kept_and_the_same_question_has_the_same_answer(tmp_path, town):
    folder = tmp_path / "releases"
    first = run(town, "--releases", folder, "--purpose", "council report", "--format", "json")
    assert "Kept as" in first.stderr
    second = run(town, "--releases", folder, "--purpose", "planning", "--format", "json")
    assert second.stdout == first.stdout
    assert "Kept as" not in second.stderr
    assert [path.name for path in folder.iterdir()] == ["000000.json"]


def test_a_period_across_a_kept_one_is_refused(tmp_path, town):
    assert run(town, "--releases", tmp_path / "r", "--purpose", "x").exception is None
    refused = run(town, "--releases", tmp_path / "r", "--purpose", "x", "--period", "2026-02..2026-03")
    assert isinstance(refused.exception, CannotRelease)


def test_a_month_inside_a_kept_quarter_is_refused_where_it_would_tell_whom_one_agency_alone_served(tmp_path, town):
    """In January there were the food bank and outreach, whose five are withheld; the quarter told all of January."""
    assert run(town, "--releases", tmp_path / "r", "--purpose", "x").exception is None
    refused = run(town, "--releases", tmp_path / "r", "--purpose", "x", "--period", "2026-01").exception
    assert isinstance(refused, CannotRelease)
    assert "would follow" in refused.what
    assert len(list((tmp_path / "r").iterdir())) == 1


def test_a_release_without_a_purpose_is_refused(tmp_path, town):
    assert isinstance(run(town, "--releases", tmp_path / "r").exception, RequestRefused)
    assert not (tmp_path / "r").exists()


def test_a_damaged_ledger_stops_the_next_release(tmp_path, town):
    (tmp_path / "r").mkdir()
    (tmp_path / "r/000000.json").write_text("{}")
    assert isinstance(run(town, "--releases", tmp_path / "r", "--purpose", "x").exception, LedgerError)


def test_what_contradicts_itself_is_refused(tmp_path, town):
    assert isinstance(run(town, "--internal", "--releases", tmp_path / "r").exception, RequestRefused)
    assert isinstance(run(town, "--quality").exception, RequestRefused)


# -- what people type in -----------------------------------------------------------------------------------------


def written(folder: Path, text: str) -> Path:
    path = folder / "typed.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_providers_total_widens_the_number_and_joins_no_row(tmp_path, town):
    typed = written(tmp_path, "agency,period,unit,count\nhaven,2026-Q1,people,120\nhaven,2026-Q2,people,999\n")
    told = says(run(town, "--table", "people-by-agency", "--vsp", typed, "--internal"))
    assert "Victim service providers told totals of people only: haven (120)." in told
    assert "With them there are between 260 and 380 people." in told
    assert "│ haven" not in told


def test_a_small_total_of_a_provider_is_withheld(tmp_path, town):
    typed = written(tmp_path, "agency,period,unit,count\nhaven,2026-Q1,people,4\n")
    told = says(run(town, "--table", "people-by-agency", "--vsp", typed))
    assert "haven (***)" in told
    assert "With them there are at least 261 people." in told


def test_areas_stand_beside_their_capacity_and_funding(tmp_path, town):
    typed = written(tmp_path, "area,capacity,unit,funding\nfood,300,people,20100\noutreach,50,people,6700\n")
    told = says(run(town, "--table", "people-by-area", "--capacity", typed))
    assert "│ food │ 201 │ 300 people │ 20,100 │ 75 % │ 100 │" in told
    assert "│ outreach │ *** │ 50 people │ 6,700 │ 25 % │ *** │" in told


def test_a_collaborative_has_gaps_of_its_own(tmp_path, town):
    typed = written(tmp_path, "name,at,months,unknown_to\nfood twice no health,food,2,health;shelter\n")
    told = says(run(town, "--table", "gaps", "--internal", "--gaps", typed))
    assert "│ food twice no health │ 110 │ 90 │" in told


def test_quality_is_told_by_agency(tmp_path, town):
    told = says(run(town, "--table", "people-by-agency", "--internal", "--quality"))
    assert "Data and match quality by agency" in told
    assert "│ food bank │ 200 │ 0 │ *** │" in told  # this run's report tells no unmatchable ones


@pytest.mark.parametrize(
    ("option", "text", "words"),
    [
        ("--vsp", "agency,count\n", "row 1: not the columns agency,period,unit,count"),
        ("--vsp", "agency,period,unit,count\nhaven,2026-Q1,cats,4\n", "row 2: not a provider's total"),
        ("--vsp", "agency,period,unit,count\nhaven,soon,people,4\n", "row 2: not a provider's total"),
        ("--vsp", "agency,period,unit,count\nhaven,2026,people,-4\n", "row 2: not a provider's total"),
        ("--vsp", "agency,period,unit,count\nhaven,2026,people\n", "row 2: not 4 filled cells"),
        ("--capacity", "area,capacity,unit,funding\nfood,many,people,1\n", "row 2: not a capacity and dollars"),
        ("--capacity", 'area,capacity,unit,funding\n"food\n', "cannot be read as CSV"),
        ("--gaps", "name,at,months,unknown_to\nx,food,13,health\n", "row 2: not a gap of 1 to 12 months"),
        ("--gaps", "name,at\n", "row 1: not the columns"),
    ],
)
def test_a_typed_file_with_a_mistake_is_refused_by_its_row(tmp_path, town, option, text, words):
    refused = run(town, option, written(tmp_path, text), "--internal").exception
    assert isinstance(refused, RequestRefused)
    assert words in refused.what
    assert refused.what.startswith("typed.csv")


# -- noise -------------------------------------------------------------------------------------------------------


def noisy(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["noise", *(str(argument) for argument in arguments)])


def test_noise_is_paid_once_and_answered_alike(tmp_path, town):
    asked = (town, "--table", "people-by-agency", "--epsilon", "0.4", "--budget", tmp_path / "budget")
    first = noisy(*asked)
    assert "Noise was added for differential privacy (epsilon 0.4, one person)" in says(first)
    assert noisy(*asked).stdout == first.stdout
    assert noisy(*asked, "--period", "2026-01").exception is None
    spent = noisy(*asked, "--period", "2026-02").exception
    assert isinstance(spent, CannotRelease)
    assert "epsilon 0.4 is more than is left of 1" in spent.what


@pytest.mark.parametrize("table", ["overlap", "combinations", "area-by-age", "gaps", "units-by-area", "pathways"])
def test_tables_of_no_one_dimension_have_no_noise(tmp_path, town, table):
    refused = noisy(town, "--table", table, "--budget", tmp_path / "budget").exception
    assert isinstance(refused, RequestRefused)
    assert not (tmp_path / "budget").exists()
