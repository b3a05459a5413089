"""The same question about a run has the same answer, and the next quarter has one beside it."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from bench.cube_oracle import BANDS, Client, Service, tables
from linkage.cells import CellKey, Constraint
from linkage.cube.asking import Wanted, ask, cube_of, public_tables, true_release
from linkage.cube.catalogue import find_entry
from linkage.disclosure import Released, release
from linkage.errors import CannotRelease, RequestRefused, RuleError
from linkage.knowledge import Knowledge
from linkage.rule import desk_rule, rule_for
from linkage.scopes import between, keys_of, place, place_all

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


def placed(run, period: str) -> tuple[dict[CellKey, float], list[Constraint]]:
    """The true number of every cell of a release, and what is said to bind them."""
    cube, notes = cube_of(run, Wanted(period))
    true = public_tables(cube, notes)
    cells = [cell for table in true.tables for row in table.cells for cell in (*row, table.total) if cell is not None]
    counts = {place(cell.key, true.period, cube.agencies): float(cell.count) for cell in cells}
    return counts, place_all(true.constraints, true.period, cube.agencies)


def kept(folder: Path, clients: Sequence[Client], agencies: Sequence[str]) -> Path:
    """A run of these agencies' files."""
    folder.mkdir()
    found = [client for client in clients if client.agency in agencies]
    numbers = {person: number for number, person in enumerate(sorted({client.person for client in found}))}
    found = [replace(each, **dict.fromkeys(("person", "loose", "strict"), numbers[each.person])) for each in found]
    for name, table in zip(("records", "services"), tables(found), strict=True):
        pq.write_table(table, folder / f"{name}.parquet")
    told = [{"agency": agency, "data_through": "2026-12"} for agency in agencies]
    (folder / "report.json").write_text(json.dumps({"people": {"unmatchable": 0}, "agencies": told}))
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_what_binds_periods_and_agencies_is_true_of_every_town(seed, tmp_path):
    """Months, quarters and the year of all agencies and of fewer: the true numbers contradict nothing."""
    dice = random.Random(seed)
    everybody = [replace(each, household=str(each.person // 3)) for each in clients(dice.randint(5, 60), dice)]
    counts: dict[CellKey, float] = {}
    known: list[Constraint] = []
    for number, agencies in enumerate((AGENCIES, AGENCIES[:2])):
        town = kept(tmp_path / str(number), everybody, agencies)
        for period in ("2026-01", "2026-02", "2026-03", "2026-Q1", "2026-Q2", "2026-01..2026-06"):
            told, bindings = placed(town, period)
            if number:  # what is one household among all may be two among fewer
                told = {key: count for key, count in told.items() if key.unit == "people"}
                bindings = [each for each in bindings if {key.unit for key in keys_of([each])} == {"people"}]
            counts |= told
            known += bindings
    every = [*known, *between([*counts, *keys_of(known)])]
    Knowledge.of(counts, every).stretched({key: (count, count) for key, count in counts.items()}, by=0)


def test_a_household_of_which_each_knows_another_member_contradicts_nothing(tmp_path):
    """In January nobody is known to two agencies, and every household is: the mother was at both in May."""
    town: list[Client] = []
    for home in range(100):
        for who, agency, month in ((0, 0, "05"), (0, 1, "05"), (1, 0, "01"), (2, 1, "01")):
            given = (Service("food", f"2026-{month}"),)
            person = 3 * home + who
            town.append(Client(AGENCIES[agency], str(len(town)), person, household=str(home), services=given))
    told = ask(kept(tmp_path / "run", town, AGENCIES[:2]), Wanted("2026-01"), FOR, earlier=[])
    households = told.table("households-by-agency")
    assert [cell.people.value for cell in households.total.cells] == [99]  # 100, rounded to threes
    assert {cell.people.value for row in households.rows for cell in row.cells} == {99}


@pytest.mark.slow
@pytest.mark.parametrize(
    "periods", [("2026-01", "2026-02", "2026-03", "2026-Q1"), ("2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4", "2026")]
)
def test_a_whole_is_answered_after_its_parts(run, periods):
    """Who is known to two agencies in a quarter may be known to one in each of its months."""
    told: list[Released] = []
    for period in periods:
        told.append(ask(run, Wanted(period), FOR, earlier=told))
    for each in told:
        shown = [number for number in each.published if None not in (number.count, number.low, number.high)]
        assert len(shown) > len(each.published) / 2


def test_releases_of_months_that_nothing_binds_are_not_solved_again(run, monkeypatch):
    sizes: list[int] = []
    of = Knowledge.of

    def counted(keys: Iterable[CellKey], constraints: Sequence[Constraint]) -> Knowledge:
        known = of(keys, constraints)
        sizes.append(len(known.keys))
        return known

    monkeypatch.setattr("linkage.protection.Knowledge.of", counted)
    told: list[Released] = []
    for month in range(1, 5):
        told.append(ask(run, Wanted(f"2026-{month:02d}"), FOR, earlier=told))
    assert max(sizes) < 1.2 * min(sizes)
