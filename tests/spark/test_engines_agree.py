"""The same files give the same people on Spark and on DuckDB, byte for byte, and the same tables and counts beside."""

from __future__ import annotations

import stat
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from made_files import card, code, codes, feature, header, pseudonym, received, row, token, write_card, write_file

from bench.labelled import encode_town
from bench.towns import TownSpec, make_town, write_town
from hashing.schema import ServiceArea
from linkage.counts import Breakdown, count
from linkage.model_card import Comparison, ModelCard
from linkage.run import link
from linkage.store import read_report, read_table

pytestmark = pytest.mark.slow

TOWN = TownSpec(seed=3007, people=200, agencies=4, name_mix="mixed", noise=1.4)
TABLES = ("records", "pairs", "services", "history")


def check_are_the_same(spark: Path, duckdb: Path) -> None:
    assert (spark / "people.csv").read_bytes() == (duckdb / "people.csv").read_bytes()
    for name in TABLES:
        ours, theirs = (pq.read_table(run / f"{name}.parquet") for run in (spark, duckdb))
        assert ours.column_names == theirs.column_names
        assert ours.cast(theirs.schema).equals(theirs), name
    ours, theirs = ({**read_report(run), "seconds": None, "versions": None} for run in (spark, duckdb))
    assert ours == theirs
    for by in Breakdown:
        assert count(spark, by) == count(duckdb, by)


@pytest.mark.parametrize("profile", ["bloom", "hardened"])
def test_a_town_has_the_same_people(tmp_path, link_on_spark, profile):
    write_town(make_town(TOWN), tmp_path / "town")
    encode_town(tmp_path / "town", tmp_path / "codes", profile)
    files = sorted((tmp_path / "codes").glob("*.codes.jsonl"))
    link(files, tmp_path / "duckdb")
    link_on_spark(files[::-1], tmp_path / "spark")
    check_are_the_same(tmp_path / "spark", tmp_path / "duckdb")
    groups = read_table(tmp_path / "spark", "records")
    assert not groups["person"].equals(groups["care"])  # a town that shows the difference


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


def of_every_kind() -> ModelCard:
    """A card with a feature of each kind, and weights that tell every two levels of each apart.

    The care threshold is below the loose one, which a card may have.
    """
    cuts = {"mean_dice": 0.7, "mean_agreement": 0.9, "lacking": 1, "rarity": 0.7, "tokens": 2, "fewest": 3, "near": 1}
    features = [
        *card().features,
        *(feature(kind, (cut, cut + 1), kind=kind, code="") for kind, cut in cuts.items()),
    ]
    bits = (0.0, -1 / 64, 1 / 32, 1 / 16)
    ours = (Comparison((kind,), tuple(place * weight for weight in bits)) for place, kind in enumerate(cuts, 1))
    limits = {"counts": 0.6, "care": 0.1, "strict": 0.9, "loose": 0.2}
    return card(features, [*card().comparisons, *ours], thresholds=type(card().thresholds)(**limits))


def test_every_kind_of_feature_is_the_same(tmp_path, link_on_spark):
    """Tokens of two and of three records, households of one agency and of none, codes missing, a link's third side."""
    model = write_card(tmp_path / "card.json", of_every_kind())
    both, birth = tuple(map(token, ("one", "two"))), {"birth": codes(1)["birth"], "name": None}
    files = [
        write_file(
            tmp_path,
            header("ymca"),
            [
                row("y1", 1, blocks=both, household=pseudonym("home")),
                row("y2", 1, blocks=(token("one"), token("left")), household=pseudonym("home")),
                row("y3", 2, blocks=(token("left"), token("right")), household=pseudonym("other")),
                row("y4", 1, blocks=(token("right"),), codes=birth),
                row("y5", 1, blocks=(token("alone"),)),
            ],
        ),
        write_file(
            tmp_path,
            header("clinic"),
            [
                row("c1", 1, blocks=both, household=pseudonym("home")),
                row("c2", 1, blocks=(token("left"), token("alone")), codes=birth),
                row("c3", 2, blocks=(token("two"), token("right"))),
            ],
        ),
    ]
    link(files, tmp_path / "duckdb", model=model)
    link_on_spark(files, tmp_path / "spark", model=model)
    check_are_the_same(tmp_path / "spark", tmp_path / "duckdb")
    pairs = read_table(tmp_path / "spark", "pairs")
    for kind in ("mean_dice", "mean_agreement", "lacking", "rarity", "tokens", "fewest", "near"):
        assert len(set(pairs[f"weight_{kind}"].to_pylist())) > 1, kind


def test_files_that_share_nothing_hold_as_many_people_as_rows(tmp_path, link_on_spark):
    model = write_card(tmp_path / "card.json", card())
    files = [write_file(tmp_path, header(agency), [row(agency, place)]) for place, agency in enumerate(("a", "b"))]
    link(files, tmp_path / "duckdb", model=model)
    link_on_spark(files, tmp_path / "spark", model=model)
    check_are_the_same(tmp_path / "spark", tmp_path / "duckdb")
