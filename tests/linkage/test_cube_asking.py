"""The same question about a run has the same answer, and the next quarter has one beside it."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from bench.cube_oracle import BANDS, Client, Service, tables
from linkage.cube.asking import Wanted, ask, cube_of, true_release
from linkage.cube.catalogue import find_entry
from linkage.disclosure import release
from linkage.errors import CannotRelease, RequestRefused, RuleError
from linkage.rule import desk_rule, rule_for

AGENCIES = ("clinic", "food_bank", "ymca")
AREAS = ("food", "health")
FOR = "council report"


def clients(people: int, dice: random.Random) -> list[Client]:
    """People of all ages, each at one or two agencies all year round."""
    found = []
    for person in range(people):
        for agency in dice.sample(AGENCIES, dice.randint(1, 2)):
            given = tuple(Service(dice.choice(AREAS), f"2026-{dice.randint(1, 12):02d}") for _ in range(4))
            age = BANDS[person % len(BANDS)]
            found.append(Client(agency, str(len(found)), person, person, person, age=age, services=given))
    return found


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run whose files told ages."""
    folder = tmp_path_factory.mktemp("asking") / "run"
    folder.mkdir()
    for name, table in zip(("records", "services"), tables(clients(600, random.Random(3))), strict=True):
        pq.write_table(table, folder / f"{name}.parquet")
    agencies = [{"agency": agency, "data_through": "2026-12"} for agency in AGENCIES]
    (folder / "report.json").write_text(json.dumps({"people": {"unmatchable": 0}, "agencies": agencies}))
    return folder


def test_the_same_question_has_the_same_answer(run):
    first = ask(run, Wanted("2026"), FOR, earlier=[])
    assert [row.label for row in first.table("people-by-age").rows][:2] == ["under_5", "5_12"]
    assert ask(run, Wanted("2026"), "planning", earlier=[first]) is first


def test_another_quarter_is_answered_beside_the_first(run):
    first = ask(run, Wanted("2026-Q1"), FOR, earlier=[])
    second = ask(run, Wanted("2026-Q2"), FOR, earlier=[first])
    assert (first.period, second.period) == ("2026-Q1", "2026-Q2")


def test_a_revision_of_unchanged_data_is_refused(run):
    year = ask(run, Wanted("2026"), FOR, earlier=[])
    with pytest.raises(CannotRelease, match="no number of 2026 has changed"):
        ask(run, Wanted("2026"), FOR, earlier=[year], revise=True)


def test_a_question_for_nothing_is_refused(run):
    with pytest.raises(RequestRefused, match="a release without a purpose"):
        ask(run, Wanted("2026"), "", earlier=[])


def test_another_threshold_withholds_more_and_rounds_so_that_it_lies_on_an_edge(run):
    wide = ask(run, Wanted("2026", rule=rule_for(20)), FOR, earlier=[])
    assert (wide.rule.name, wide.rule.base) == ("least20", 3)
    shown = [cell.people.value for t in wide.tables for row in t.rows for cell in row.cells if cell is not None]
    assert min(value for value in shown if value) >= 20


@pytest.mark.parametrize(("threshold", "base"), [(5, 3), (8, 5), (11, 3), (13, 5), (20, 3), (21, 1)])
def test_the_rule_of_a_threshold_has_it_on_a_rounding_edge(threshold, base):
    assert (rule_for(threshold).threshold, rule_for(threshold).base) == (threshold, base)


def test_a_threshold_that_protects_nobody_is_refused():
    with pytest.raises(RuleError, match="a threshold of 4 is too low"):
        rule_for(4)


def test_at_the_desk_any_threshold_withholds_what_is_below_it_and_rounds_nothing(run):
    cube, notes = cube_of(run, Wanted("2026-03"))
    told = release(true_release(cube, [find_entry("area-by-age")], notes), desk_rule(15), agencies=cube.agencies)
    shown = [cell.people.value for row in told.table("area-by-age").rows for cell in row.cells if cell is not None]
    assert None in shown
    assert min(value for value in shown if value) >= 15
    assert desk_rule(1).name == "internal"
