"""The same files give the same people on Spark and on DuckDB, byte for byte, and the same tables and counts beside."""

from __future__ import annotations

import stat
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from made_files import card, code, codes, header, received, row, token, write_card, write_file

from bench.labelled import TRUTH, encode_town
from bench.towns import TownSpec, make_town, write_town
from hashing.schema import ServiceArea
from linkage.counts import Breakdown, count
from linkage.evaluate import evaluate
from linkage.run import link
from linkage.store import read_report

pytestmark = pytest.mark.slow

TOWNS = (
    (TownSpec(seed=3007, people=150, agencies=4), "bloom"),
    (TownSpec(seed=3009, people=400, agencies=5, name_mix="mixed"), "hardened"),
    (TownSpec(seed=3011, people=300, agencies=3, name_mix="hispanic", noise=1.4), "bloom"),
)
TABLES = ("records", "pairs", "services")


def check_are_the_same(spark: Path, duckdb: Path) -> None:
    assert (spark / "people.csv").read_bytes() == (duckdb / "people.csv").read_bytes()
    for name in TABLES:
        ours, theirs = (pq.read_table(run / f"{name}.parquet") for run in (spark, duckdb))
        assert ours.column_names == theirs.column_names
        assert ours.cast(theirs.schema).equals(theirs), name
    ours, theirs = ({**read_report(run), "seconds": None, "versions": None} for run in (spark, duckdb))
    assert ours == theirs


@pytest.mark.parametrize(("spec", "profile"), TOWNS, ids=lambda value: getattr(value, "seed", value))
def test_a_town_has_the_same_people(tmp_path, link_on_spark, spec, profile):
    write_town(make_town(spec), tmp_path / "town")
    encode_town(tmp_path / "town", tmp_path / "codes", profile)
    files = sorted((tmp_path / "codes").glob("*.codes.jsonl"))
    link(files, tmp_path / "duckdb")
    link_on_spark(files[::-1], tmp_path / "spark")
    check_are_the_same(tmp_path / "spark", tmp_path / "duckdb")
    found = [
        evaluate(tmp_path / engine, crosswalks=tmp_path / "codes", truth=tmp_path / "town" / TRUTH)
        for engine in ("spark", "duckdb")
    ]
    assert found[0] == found[1]


def test_the_demo_town_has_the_same_people_and_counts(tmp_path, link_on_spark, encoded_anytown):
    files = sorted(encoded_anytown.glob("*.codes.jsonl"))
    link(files, tmp_path / "duckdb")
    link_on_spark(files, tmp_path / "spark")
    check_are_the_same(tmp_path / "spark", tmp_path / "duckdb")
    for by in Breakdown:
        assert count(tmp_path / "spark", by) == count(tmp_path / "duckdb", by)


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Two agencies: person 1 at both, person 2 twice at one, persons 3 and 4 alike but for a bit; one has no token."""
    services = (received(ServiceArea.SHELTER, "2026-02", 3), received(ServiceArea.FOOD, "2026-01"))
    like_3 = {"birth": codes(3)["birth"], "name": code(6, 8)}
    return [
        write_file(tmp_path, header("ymca"), [row("y1", 1), row("y2", 2), row("y3", 2), row("y5", 5, blocks=())]),
        write_file(
            tmp_path,
            header("clinic"),
            [row("c1", 1, services=services), row("c3", 3), row("c4", 4, codes=like_3, blocks=(token("person 3"),))],
        ),
    ]


def test_odd_rows_are_the_same_and_nothing_but_the_run_stays(tmp_path, link_on_spark, files):
    model = write_card(tmp_path / "card.json", card())
    (tmp_path / "runs").mkdir()
    link(files, tmp_path / "duckdb", model=model)
    told: list[str] = []
    link_on_spark(files, tmp_path / "runs" / "spark", model=model, progress=lambda stage, _: told.append(stage))
    check_are_the_same(tmp_path / "runs" / "spark", tmp_path / "duckdb")
    assert (told[0], told[-1]) == ("reading", "done")
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["spark"]
    for path in (tmp_path / "runs" / "spark").rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)


def test_files_that_share_nothing_hold_as_many_people_as_rows(tmp_path, link_on_spark):
    model = write_card(tmp_path / "card.json", card())
    files = [write_file(tmp_path, header(agency), [row(agency, place)]) for place, agency in enumerate(("a", "b"))]
    link(files, tmp_path / "duckdb", model=model)
    link_on_spark(files, tmp_path / "spark", model=model)
    check_are_the_same(tmp_path / "spark", tmp_path / "duckdb")
