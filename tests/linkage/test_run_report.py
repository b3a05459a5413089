"""What a run tells of itself gives nobody away, and tells what was compared and with what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from made_files import card, header, row, write_file
from made_records import candidates, links

from linkage.compare import Compared
from linkage.decisions import Decided
from linkage.history import name_people
from linkage.model import ScoredPairs
from linkage.model_card import ModelCard, load_model
from linkage.people import People
from linkage.records import loaded_records
from linkage.report import Found, describe_run
from linkage.run import link
from linkage.store import read_report
from linkage.weights import Weights


def whole_numbers(value: object, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], int]]:
    if isinstance(value, dict):
        for name, part in value.items():
            yield from whole_numbers(part, (*path, name))
    elif isinstance(value, list):
        for part in value:
            yield from whole_numbers(part, path)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield path, value


NOT_OF_PEOPLE = {("profile", "epoch")}


def test_the_report_of_a_tiny_run_holds_no_small_count(tmp_path, files, model):
    report = link(files, tmp_path / "run", model=model).report
    assert report == read_report(tmp_path / "run")
    assert [found for found in whole_numbers(report) if found[0] not in NOT_OF_PEOPLE and 0 < found[1] < 11] == []


def test_the_report_of_the_demo_town_holds_no_small_count(anytown_run):
    report = read_report(anytown_run)
    assert [found for found in whole_numbers(report) if found[0] not in NOT_OF_PEOPLE and 0 < found[1] < 11] == []
    assert report["people"]["low"] <= report["people"]["estimate"] <= report["people"]["high"]
    assert report["people"]["duplicated_sum"] == sum(agency["records"] for agency in report["agencies"])


def _nothing(_patterns: np.ndarray, model: ModelCard) -> pa.Table:
    names = ["weight", *(f"weight_{comparison.name}" for comparison in model.comparisons)]
    return pa.table({name: np.zeros(len(_patterns)) for name in names})


NOTHING_KNOWN = Weights(card(), _nothing)


def compared(*, proposed: int = 0, suggested: int = 0, **left_out: int) -> Compared:
    """Pairs of whomsoever, so many of them."""
    pairs = [(0, 1)] * (proposed + suggested)
    ends = candidates(pairs)
    zeros = np.zeros(len(pairs))
    scored = ScoredPairs(ends.left, ends.right, zeros, zeros, zeros.astype(np.int64))
    return Compared(replace(candidates(pairs[:proposed]), **left_out), scored, NOTHING_KNOWN)


def describe(
    tmp_path: Path, sizes: dict[str, int], people: People | None = None, found: Compared | None = None
) -> dict[str, Any]:
    files = [
        write_file(tmp_path, header(agency, unmatchable=4), [row(f"{agency} {n}") for n in range(size)])
        for agency, size in sizes.items()
    ]
    with loaded_records(files) as records:
        alone = np.arange(len(records))
        everybody = people or People(alone, alone, alone, alone)
        named = name_people(everybody.best, records.agency_names, records.rows)
        result = Found(found or compared(), everybody, links([]), named, Decided(links([]), 0))
        report: Any = describe_run(records, result, card(), timings={})
    return report


def test_a_report_tells_what_was_compared_and_what_was_left_out(tmp_path):
    found = compared(proposed=40, suggested=20, faint=30, oversized=50, oversized_records=60)
    assert describe(tmp_path, {"ymca": 40}, found=found)["pairs"] == {
        "proposed_by_blocking": 39,
        "suggested_by_links": 21,
        "left_out_as_too_faint": 30,
        "tokens_left_out_as_too_common": 51,
        "records_on_the_commonest_token": 60,
    }


def test_a_report_withholds_few_pairs(tmp_path):
    found = compared(proposed=4, suggested=2, faint=3, oversized=5, oversized_records=6)
    assert set(describe(tmp_path, {"ymca": 40}, found=found)["pairs"].values()) == {None}


def test_a_report_does_not_give_a_withheld_agency_away_by_its_sum(tmp_path):
    report = describe(tmp_path, {"ymca": 40, "clinic": 5})
    assert [agency["records"] for agency in report["agencies"]] == [None, 39]
    assert report["people"]["duplicated_sum"] is None


def test_a_report_does_not_give_a_withheld_agency_away_by_its_estimate(tmp_path):
    """45 people in all, 40 of them at the one agency that is shown: the other would have at least five."""
    people = describe(tmp_path, {"ymca": 40, "clinic": 5})["people"]
    assert (people["estimate"], people["low"], people["high"]) == (None, None, None)


def test_a_report_shows_what_gives_nobody_away(tmp_path):
    people = describe(tmp_path, {"ymca": 40, "clinic": 15})["people"]
    assert people == {"estimate": 54, "low": 54, "high": 54, "duplicated_sum": 54, "unmatchable": None}


def test_a_reports_range_holds_its_estimate(tmp_path):
    """Groupings under three thresholds need not be nested."""
    one, other = (np.arange(60) // width for width in (2, 3))
    people = describe(tmp_path, {"ymca": 60}, People(best=one, care=one, strict=other, loose=one))["people"]
    assert (people["low"], people["estimate"], people["high"]) == (21, 30, 30)


def test_the_run_stores_what_it_was_made_with(anytown_run):
    report = read_report(anytown_run)
    shipped = load_model("bloom")
    assert report["model"]["digest"] == shipped.digest
    assert report["profile"]["digest"] == shipped.profile_digest
    assert report["versions"].keys() == {"headcount", "splink", "duckdb"}


def test_a_report_tells_how_many_people_beside_a_withheld_list_that_they_may_all_be_without(tmp_path):
    """40 people on two lists of 40 and 30, and a small third list: who is on it alone does not follow."""
    groups = np.r_[np.arange(40), np.arange(30), np.arange(5)]
    people = People(best=groups, care=groups, strict=groups, loose=groups)
    told = describe(tmp_path, {"ymca": 40, "food_bank": 30, "clinic": 5}, people)["people"]
    assert (told["estimate"], told["duplicated_sum"]) == (39, None)
