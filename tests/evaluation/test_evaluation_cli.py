"""What ``headcount evaluate`` says, and how it refuses."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path

import numpy as np
import pytest
import typer
from click.testing import Result
from labelled_sets import write_crosswalks, write_truth
from made_files import Line, MadeRun
from typer.testing import CliRunner

from evaluation.calibration import Reliability
from evaluation.cli import register
from evaluation.evaluate import Evaluation
from evaluation.figures import Figures, Pairs, People, Shares
from evaluation.wording import describe_breakdown, describe_contenders, describe_evaluation
from hashing.schema import HeadcountError
from linkage.errors import RunError

app = typer.Typer()
register(app)


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def says(result: Result) -> list[str]:
    assert result.exception is None, result.exception
    return [line.rstrip() for line in result.stdout.splitlines()]


def without_numbers(lines: list[str]) -> list[str]:
    return [re.sub(r" +", " ", re.sub(r"[+-]?\d[\d.,e-]*", "N", line)) for line in lines]


def test_the_figures_of_the_demo_town_are_told(anytown_run, encoded_anytown, demo_truth):
    lines = says(run(anytown_run, "--crosswalks", encoded_anytown, "--truth", demo_truth))
    assert without_numbers(lines)[:14] == [
        "clients N (N of them not encoded)",
        "pairs N found, N true",
        "precision N",
        "recall N",
        "FN N",
        "FN within agencies N (N found, N true)",
        "FN across agencies N (N found, N true)",
        "B-cubed precision N recall N FN N",
        "people N found, N true (N %)",
        "range N to N: the truth lies inside",
        "care matches precision N recall N",
        "calibration error N",
        "",
        "by agency clients P R FN people true error %",
    ]


def test_baselines_and_groups_follow_where_there_are_values(tmp_path, small_town):
    report = tmp_path / "report.html"
    result = run(
        small_town.run, "--crosswalks", small_town.crosswalks, "--truth", small_town.truth, "--values",
        small_town.values, "--report", report,
    )  # fmt: skip
    lines = without_numbers(says(result))
    assert [line for line in lines if line.startswith(("method", "by "))] == [
        "method P R FN BN FN people error %",
        "by agency clients P R FN people true error %",
        "by missing codes clients P R FN people true error %",
        "by age clients P R FN people true error %",
        "by origin of names clients P R FN people true error %",
    ]
    assert [line.split(",")[0] for line in lines if " best N" in line] == [
        "plaintext Splink (EM)",
        "recordlinkage (ECM)",
        "one CLK",
    ]
    assert says(result)[-1] == f"Wrote {report}: pictures and tables, for labelled test data only."
    assert report.read_text("utf-8").startswith("<!DOCTYPE html>")
    assert result.stderr == ""


def test_a_column_to_break_down_by_may_be_named(small_town):
    files = ("--crosswalks", small_town.crosswalks, "--truth", small_town.truth)
    lines = says(run(small_town.run, *files, "--by", "age_band", "--by", "origin"))
    assert [line.split("  ")[0] for line in lines if line.startswith("by ")] == [
        "by agency",
        "by missing codes",
        "by age",
        "by origin of names",
    ]


def test_an_evaluation_is_told_in_words():
    found = Evaluation(
        Figures(
            clients=7419,
            pairs=Pairs(true=5084, found=5052, right=4940),
            within=Pairs(true=0, found=3, right=0),
            bcubed=Shares(0.99251, 0.98804),
            people=People(true=4406, found=4432),
        ),
        unseen=24,
        low=4410,
        high=4623,
        reliability=Reliability(*(np.array([n]) for n in (100, 0.5, 0.49371))),
        care=Pairs(true=0, found=0, right=0),
    )
    assert describe_evaluation(found) == [
        "clients             7,419 (24 of them not encoded)",
        "pairs               5,052 found, 5,084 true",
        "precision           0.9778",
        "recall              0.9717",
        "F1                  0.9747",
        "F1 within agencies  no true pairs",
        "F1 across agencies  0.9750 (5,049 found, 5,084 true)",
        "B-cubed             precision 0.9925, recall 0.9880, F1 0.9903",
        "people              4,432 found, 4,406 true (+0.59 %)",
        "range               4,410 to 4,623: the truth lies OUTSIDE",
        "care matches        no true pairs across agencies",
        "calibration error   0.0063",
    ]


def test_tables_keep_their_columns(findings):
    for lines in (
        describe_contenders(findings.own, findings.baselines),
        *(list(describe_breakdown(one)) for one in findings.breakdowns),
    ):
        assert {len(line) for line in lines} == {len(lines[0])}


@pytest.fixture
def small(tmp_path: Path) -> dict[str, Path]:
    """Two clients of one person, and their files."""
    lines = [Line("clinic", "1", 0), Line("ymca", "1", 0)]
    write_crosswalks(tmp_path / "codes", lines)
    truth = write_truth(tmp_path / "truth.csv", {("clinic", "1"): "ada", ("ymca", "1"): "ada"})
    taken = tmp_path / "taken.html"
    taken.touch()
    return {
        "run": MadeRun(lines).write(tmp_path / "run"),
        "codes": tmp_path / "codes",
        "truth": truth,
        "nowhere": tmp_path / "nowhere",
        "taken": taken,
    }


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("{nowhere} --crosswalks {codes} --truth {truth}", "nowhere: this is not the folder of a run"),
        ("{run} --crosswalks {nowhere} --truth {truth}", r"clinic\.crosswalk\.csv: the file cannot be read"),
        ("{run} --crosswalks {codes} --truth {nowhere}", "nowhere: the file cannot be read"),
        ("{run} --crosswalks {codes} --truth {truth} --values {nowhere}", "nowhere: the file cannot be read"),
        ("{run} --crosswalks {codes} --truth {truth} --values {truth} --by shoe", "have a column 'shoe'"),
        ("{run} --crosswalks {codes} --truth {truth} --report {taken}", r"taken\.html: there is a file already"),
        ("{run} --crosswalks {codes} --truth {truth} --report {nowhere}/r.html", r"r\.html: there is no such folder"),
    ],
)
def test_a_refusal_is_an_error_with_a_hint(small, command, message):
    result = run(*command.format(**small).split())
    assert isinstance(result.exception, RunError)
    with pytest.raises(RunError, match=message):
        raise result.exception
    assert result.exception.hint


@pytest.mark.parametrize(
    ("lacking", "options", "hint"),
    [
        ("splink", "", "Run: pip install 'headcount[server]'"),
        ("recordlinkage", "--values v", "Run: pip install 'headcount[evaluate]'"),
        ("matplotlib", "--report r.html", "Run: pip install 'headcount[evaluate]'"),
    ],
)
def test_a_part_that_is_not_installed_is_named(monkeypatch, lacking, options, hint):
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == lacking else find_spec(name))
    result = run("a", "--crosswalks", "b", "--truth", "c", *options.split())
    assert isinstance(result.exception, HeadcountError)
    assert result.exception.hint == hint


def test_the_figures_need_neither_pandas_nor_pictures(monkeypatch, small):
    """A service's installation has neither, and evaluates all the same."""
    for name in ("pandas", "recordlinkage", "matplotlib"):
        monkeypatch.setitem(sys.modules, name, None)
    for name in [name for name in sys.modules if name.startswith("evaluation.")]:
        monkeypatch.delitem(sys.modules, name)
    assert "F1                  1.0000" in says(
        run(small["run"], "--crosswalks", small["codes"], "--truth", small["truth"])
    )
