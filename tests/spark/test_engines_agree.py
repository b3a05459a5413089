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
from linkage.breakdown import Breakdown
from linkage.counts import count
from linkage.model_card import Alternative, Comparison, ModelCard, When
from linkage.run import link
from linkage.store import read_report, read_table

pytestmark = pytest.mark.slow

TOWN = TownSpec(seed=3007, people=150, agencies=4, name_mix="mixed", noise=1.4)
KINDS = {"mean_dice": 0.7, "mean_agreement": 0.95, "lacking": 1, "rarity": 0.7, "tokens": 2, "fewest": 3, "near": 1}
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


def of_every_kind() -> ModelCard:
    """A card with a feature of each kind, and weights that tell every two levels of each apart.

    The care threshold is below the loose one, which a card may have.
    """
    features = [
        *card().features,
        *(feature(kind, (cut, cut + 1), kind=kind, code="") for kind, cut in KINDS.items()),
    ]
    bits = (0.0, -1 / 64, 1 / 32, 1 / 16)
    ours = (Comparison((kind,), tuple(place * weight for weight in bits)) for place, kind in enumerate(KINDS, 1))
    limits = {"counts": 0.6, "care": 0.1, "strict": 0.9, "loose": 0.2}
    return card(features, [*card().comparisons, *ours], thresholds=type(card().thresholds)(**limits))


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Two agencies: tokens of one, two and three records and a row without any, households of one agency and of none,
    codes missing, persons alike but for a bit, a pair that only links suggest, services.
    """
    both, birth = (token("one"), token("two")), {"birth": codes(1)["birth"], "name": None}
    services = (received(ServiceArea.SHELTER, "2026-02", 3), received(ServiceArea.FOOD, "2026-01"))
    like_3 = {"birth": codes(3)["birth"], "name": code(6, 8)}
    ours = [
        row("y1", 1, blocks=both, household=pseudonym("home")),
        row("y2", 1, blocks=(token("one"), token("left")), household=pseudonym("home")),
        row("y3", 2, blocks=(token("left"), token("right")), household=pseudonym("other")),
        row("y4", 1, blocks=(token("right"),), codes=birth),
        row("y5", 1, blocks=(token("alone"),)),
        row("y6", 5, blocks=()),
        row("y7", 3),
    ]
    theirs = [
        row("c1", 1, blocks=both, household=pseudonym("home"), services=services),
        row("c2", 1, blocks=(token("left"), token("alone")), codes=birth),
        row("c3", 2, blocks=(token("two"), token("right"))),
        row("c4", 4, codes=like_3, blocks=(token("person 3"),)),
    ]
    return [write_file(tmp_path, header("ymca"), ours), write_file(tmp_path, header("clinic"), theirs)]


def test_every_kind_of_feature_is_the_same_and_nothing_but_the_run_stays(tmp_path, link_on_spark, files):
    model = write_card(tmp_path / "card.json", of_every_kind())
    out, told = tmp_path / "runs" / "spark", []
    out.parent.mkdir()
    link(files, tmp_path / "duckdb", model=model)
    link_on_spark(files, out, model=model, progress=lambda stage, _: told.append(stage))
    check_are_the_same(out, tmp_path / "duckdb")
    pairs = read_table(out, "pairs")
    for kind in KINDS:
        assert len(set(pairs[f"weight_{kind}"].to_pylist())) > 1, kind
    assert (told[0], told[-1]) == ("reading", "done")
    assert [path.name for path in out.parent.iterdir()] == ["spark"]
    for path in out.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)


def test_files_that_share_nothing_hold_as_many_people_as_rows(tmp_path, link_on_spark):
    model = write_card(tmp_path / "card.json", card())
    files = [write_file(tmp_path, header(agency), [row(agency, place)]) for place, agency in enumerate(("a", "b"))]
    link(files, tmp_path / "duckdb", model=model)
    link_on_spark(files, tmp_path / "spark", model=model)
    check_are_the_same(tmp_path / "spark", tmp_path / "duckdb")


def test_the_weights_of_an_alternative_are_used_alike(tmp_path, link_on_spark, files):
    when = When(lists=2, records=100, pairs=1, firm=0.1, pairs_each=0.0)
    other = Alternative("firm", when, -30.0, card().comparisons, card().thresholds, "nothing", {})
    unlike = write_card(tmp_path / "unlike.json", card(alternatives=(other,)))
    shared = [row(name, 1, blocks=tuple(map(token, "abcd"))) for name in ("d1", "d2")]
    files = [*files[:1], write_file(tmp_path, header("clinic"), shared)]
    link(files, tmp_path / "duckdb", model=unlike)
    link_on_spark(files, tmp_path / "spark", model=unlike)
    check_are_the_same(tmp_path / "spark", tmp_path / "duckdb")
    report = read_report(tmp_path / "spark")
    assert report["model"]["alternative"] == "firm"
