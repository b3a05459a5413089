"""What ``headcount link --engine spark`` says, and how it refuses."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
import typer
from click.testing import Result
from made_files import card, header, row, write_card, write_file
from typer.testing import CliRunner

from hashing.schema import HeadcountError
from linkage.cli import register
from linkage.errors import CannotLink
from linkage.spark import command
from linkage.store import read_report

app = typer.Typer()
register(app)


def run(*arguments: str | Path, **environment: str) -> Result:
    return CliRunner(env=environment).invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Twenty clients at the clinic, twelve of them also at the YMCA."""
    return [
        write_file(tmp_path, header(agency), [row(f"{agency} {n}", n) for n in range(size)])
        for agency, size in (("clinic", 20), ("ymca", 12))
    ]


@pytest.mark.slow
def test_link_on_spark_says_how_many_people_and_where_the_run_is(tmp_path, files, small_spark):
    out, model = tmp_path / "run", write_card(tmp_path / "card.json", card())
    settings = " ".join(f"{name}={value}" for name, value in small_spark.items() if " " not in value)
    found = run(
        *("link", *files, "--out", out, "--model", model, "--engine", "spark"),
        HEADCOUNT_SPARK_MASTER="local[2]",
        HEADCOUNT_SPARK_CONF=settings,
    )
    assert found.exception is None, found.exception
    assert [line.rstrip() for line in found.stdout.splitlines()] == [
        "Linked 2 files: 21 people (likely 21 to 21).",
        f"  {out / 'people.csv'}     agency,row,person",
        f"  {out / 'pairs.parquet'}  the scored pairs and their evidence",
        f"  {out / 'report.json'}    safe counts, ranges, timings, versions, model",
    ]
    report = read_report(out)
    assert set(report["versions"]) == {"headcount", "splink", "duckdb", "pyspark"}
    assert set(report["seconds"]) == {"read", "block", "score", "people", "write"}


def test_the_other_engine_takes_no_addresses():
    found = run("link", "s3://county/a.codes.jsonl", "--out", "run")
    assert isinstance(found.exception, HeadcountError)
    assert "--engine spark" in found.exception.hint


@pytest.mark.parametrize(
    ("option", "value"),
    [("--previous", "run"), ("--decisions", "decisions.csv"), ("--clean", "clinic"), ("--processors", "2")],
)
def test_what_only_the_other_engine_knows_is_refused_by_name(option, value):
    found = run("link", "a.codes.jsonl", "--out", "run", "--engine", "spark", option, value)
    assert isinstance(found.exception, CannotLink)
    assert option in found.exception.what
    assert found.exception.hint


@pytest.mark.parametrize("lacking", ["pyspark", "fsspec"])
def test_without_the_spark_part_the_command_says_what_to_install(monkeypatch, lacking):
    there = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == lacking else there(name))
    found = run("link", "a.codes.jsonl", "--out", "run", "--engine", "spark")
    assert isinstance(found.exception, HeadcountError)
    assert "headcount[server,spark]" in found.exception.hint


@pytest.mark.parametrize(
    ("people", "says"),
    [
        ({"estimate": 4438, "low": 4369, "high": 4619}, "4,438 people (likely 4,369 to 4,619)."),
        ({"estimate": None, "low": None, "high": 12}, "the number of people is withheld."),
    ],
)
def test_a_run_in_a_store_is_told_by_its_report(monkeypatch, people, says):
    monkeypatch.setattr(command, "link_on_spark", lambda *_, **__: {"people": people})
    told = command.link_and_tell(
        ["a", "b"], "s3://county/run", model=None, chosen=("local", ()), progress=lambda _stage, _share: None
    )
    assert told[0] == f"Linked 2 files: {says}"
    assert "s3://county/run" in told[1]
