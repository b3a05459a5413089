"""The same statements count the same cells on Spark and on DuckDB."""

from __future__ import annotations

import random
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import typer

from bench.cube_oracle import BANDS, Client, Service, tables
from linkage.cli import register
from linkage.cube.counting import Counted, Counting
from linkage.cube.facts import Facts
from linkage.cube.gaps import Gap, as_tables
from linkage.cube.scope import Scope
from linkage.engine import statement
from linkage.errors import RequestRefused, RunError
from linkage.spark.cube import SparkTables
from linkage.spark.places import for_spark
from linkage.spark.session import Desk, SparkSettings, spark_session
from linkage.spark.statements import translated
from linkage.store import read_table

pytestmark = pytest.mark.slow

AGENCIES = ("clinic", "food_bank", "shelter", "ymca")
AREAS = ("food", "health", "outreach", "shelter")
GAPS = (Gap("no outreach", "food", 2, ("outreach", "shelter")), Gap("ymca", "ymca", 1, ("health",)))
MONTHS = tuple(f"{2025 + at // 12}-{at % 12 + 1:02d}" for at in range(18))


def made_clients(count: int, dice: random.Random) -> list[Client]:
    """Clients that the three groupings put together differently, some of them in households."""
    who = [dice.randrange(count // 2) for _ in range(count)]
    return [
        Client(
            agency=dice.choice(AGENCIES),
            row=str(place),
            person=who[place],
            loose=who[place] // 2,
            strict=dice.choice((who[place], place)),
            household=dice.choice((None, "", "h1", "h2", "h3")),
            age=dice.choice((None, *BANDS)),
            services=tuple(made_service(dice) for _ in range(dice.randrange(6))),
        )
        for place in range(count)
    ]


def made_service(dice: random.Random) -> Service:
    return Service(
        dice.choice(AREAS),
        dice.choice(MONTHS),
        dice.choice(("other", "meals", "counseling")),
        dice.choice(("dollars", "encounters", "meals", "nights")),
        dice.randrange(1, 40),
    )


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """The tables of a run of 60 clients."""
    for name, table in zip(("records", "services"), tables(made_clients(60, random.Random(5))), strict=True):
        pq.write_table(table, tmp_path / f"{name}.parquet")
    return tmp_path


def test_every_cell_is_the_same(run, small_spark):
    """Of households, which people become by a grouping of their own; each statement is executed for both.

    Once for everybody, and once for whom the loose grouping puts together otherwise.
    """
    here = Facts.of(read_table(run, "records"), read_table(run, "services"))
    chosen = SparkSettings("local[1]", small_spark | {"spark.sql.shuffle.partitions": "1"})
    with spark_session(chosen, spill=run / "spill") as session:
        there = SparkTables.of(Desk(session, for_spark(str(run / "between")), run), for_spark(str(run)))
        assert there.words == here.words
        assert counted(there) == counted(here)


def counted(tables: Counted) -> list[object]:
    """Cells of two groupings, and what was given."""
    scope, words = Scope.of("2025-Q4"), tables.words
    with tables.opened() as calculator:
        for name, table in zip(("gap", "elsewhere"), as_tables(GAPS, words.areas, words.agencies), strict=True):
            calculator.put(name, table)
        counting = Counting(calculator, words, scope, GAPS)
        return [counting.cells("home"), counting.cells("home_loose", unlike="home"), dict(counting.given())]


def test_options_that_spark_does_not_know_are_refused(run):
    with pytest.raises(RequestRefused, match="quality does not go together with"):
        asked(run, "--internal", "--quality", "--engine", "spark")


def test_an_address_needs_spark():
    with pytest.raises(RunError, match="this engine reads folders"):
        asked("s3://bucket/run")


def test_a_place_without_a_report_is_no_run(run):
    with pytest.raises(RunError, match="this is not the folder of a run"):
        asked(run, "--engine", "spark")


def asked(run: object, *options: str) -> None:
    app = typer.Typer()
    register(app)
    app(["tables", str(run), *options], standalone_mode=False)


def test_what_a_translated_statement_makes_is_named():
    assert translated("cube_visit")[1] == "visit"
    assert translated("cube_overlap")[1] == ""


def test_bits_of_a_shape_are_said_one_by_one():
    assert "grouping(agency, area, month // 3)" in statement("cube_units")
    query, _ = translated("cube_units")
    assert "GROUPING(agency) * 4 + GROUPING(area) * 2 + GROUPING(month DIV 3) * 1" in query
