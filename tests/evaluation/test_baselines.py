"""The baselines are run for real, on the same clients as Headcount, and joined to people in one plain way."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from labelled_sets import material, write_csv
from made_files import Line

from evaluation import clk_dice, plaintext_splink, record_linkage
from evaluation.baselines import run_baselines
from evaluation.blocking_rules import RULES, usable
from evaluation.figures import Groupings
from evaluation.proposals import Proposal, contenders
from evaluation.values import read_values, tidy
from hashing.clk import encode_clks
from hashing.clk_keys import ClkSecret
from linkage.errors import RunError

pairs = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.sampled_from([0.1, 0.5, 0.9])), max_size=15)


def proposal(made) -> Proposal:
    return Proposal(
        *(np.array([pair[place] for pair in made], dtype=kind) for place, kind in enumerate((int, int, float)))
    )


@given(pairs, st.sampled_from([0.0, 0.3, 0.5, 0.7, 1.0]))
def test_people_are_the_connected_components_of_the_links(made, threshold):
    graph = nx.Graph((a, b) for a, b, score in made if score >= threshold)
    graph.add_nodes_from(range(10))
    people = proposal(made).people(10, threshold)
    found = {frozenset(np.flatnonzero(people == label).tolist()) for label in np.unique(people)}
    assert found == {frozenset(group) for group in nx.connected_components(graph)}


@given(pairs)
def test_the_best_threshold_is_never_worse_than_the_customary(made):
    labels = np.arange(10) // 3
    usual, best = contenders("a method", proposal(made), Groupings(labels, labels, labels), customary=0.5)
    assert best.figures.shares.f1 >= usual.figures.shares.f1
    assert (usual.threshold, usual.tuned, best.tuned) == (0.5, False, True)


def test_each_method_is_measured_twice_on_all_clients(findings):
    names = [(one.name, one.tuned) for one in findings.baselines]
    assert names == [
        (name, tuned)
        for name in ("plaintext Splink (EM)", "recordlinkage (ECM)", "one CLK, Dice")
        for tuned in (False, True)
    ]
    assert {one.figures.clients for one in findings.baselines} == {findings.evaluation.figures.clients}
    assert {one.figures.pairs.true for one in findings.baselines} == {findings.own.figures.pairs.true}


def test_methods_that_see_names_link_a_town_well_and_one_clk_less_well(findings):
    f1 = {one.name: one.figures.shares.f1 for one in findings.baselines if one.tuned}
    assert f1["plaintext Splink (EM)"] > 0.85
    assert f1["recordlinkage (ECM)"] > 0.8
    assert 0.4 < f1["one CLK, Dice"] < f1["plaintext Splink (EM)"]
    assert findings.own.figures.shares.f1 > f1["plaintext Splink (EM)"]


COLUMNS = {
    "first": ["ada", "ada", "ben", ""],
    "last": ["lovelace", "lovelace", "nevis", ""],
    "dob": ["1815-12-10", "1815-12-10", "1990-01-02", ""],
}


@pytest.mark.parametrize("method", [record_linkage, clk_dice])
def test_the_same_values_are_one_person_and_missing_ones_nobodys(method):
    people = method.propose(COLUMNS).people(4, method.CUSTOMARY if method is clk_dice else 0.0)
    assert people[0] == people[1]
    assert len(np.unique(people)) == 3


def test_ecm_without_a_pair_to_compare_proposes_nothing():
    assert len(record_linkage.propose({"first": ["ada", "ben"], "last": ["lovelace", "nevis"]}).left) == 0


def test_splink_is_the_same_in_every_run(small_town, findings):
    values = read_values(small_town.values, findings.material.keys)
    columns = {name: values.of(name, findings.material.keys) for name in ("first", "last", "dob", "ssn")}
    one, other = (plaintext_splink.propose(columns) for _ in range(2))
    assert sorted(zip(one.left, one.right, strict=True)) == sorted(zip(other.left, other.right, strict=True))


def test_the_dice_coefficients_are_those_of_a_slow_count():
    schema = clk_dice.schema(tuple(COLUMNS))
    rows = list(zip(*COLUMNS.values(), strict=True))
    clks = [
        int.from_bytes(clk) for clk in encode_clks(rows, schema=schema, secret=ClkSecret(b"made up for an evaluation"))
    ]
    found = clk_dice.propose(COLUMNS)
    slow = {
        (a, b): 2 * (clks[a] & clks[b]).bit_count() / max(1, clks[a].bit_count() + clks[b].bit_count())
        for a in range(4)
        for b in range(a + 1, 4)
    }
    expected = {pair: dice for pair, dice in slow.items() if dice >= clk_dice.LEAST}
    assert dict(
        zip(zip(found.left.tolist(), found.right.tolist(), strict=True), found.score, strict=True)
    ) == pytest.approx(expected)


def made(tmp_path, clients: int, **columns: str):
    lines = [Line("clinic", str(n), n) for n in range(clients)]
    keys = [("clinic", str(n)) for n in range(clients)]
    rows = [(*key, *columns.values()) for key in keys]
    values = write_csv(tmp_path / "values.csv", ("agency", "client_id", *columns), rows)
    return material(tmp_path, lines, {key: key[1] for key in keys}), read_values(values, keys)


def test_values_without_names_and_birth_dates_train_no_baseline(tmp_path):
    with pytest.raises(RunError, match="the values lack last, dob"):
        run_baselines(*made(tmp_path, 50, first="Ada", phone="3605550123"))


def test_a_handful_of_clients_trains_no_baseline(tmp_path):
    with pytest.raises(RunError, match="49 clients are too few to train a baseline"):
        run_baselines(*made(tmp_path, 49, first="Ada", last="Lovelace", dob="1815-12-10"))


def test_splink_passes_over_training_where_no_two_clients_agree():
    columns = {"first": ["ada", "ben"], "last": ["nevis", "nevis"], "dob": ["1815-12-10", "1990-01-02"]}
    assert len(plaintext_splink.propose(columns).left) == 0


def test_a_rule_with_a_column_that_the_data_lacks_is_left_out():
    assert list(usable(RULES, ["first", "last", "zip"])) == [("first", "last"), ("first", "zip")]


@pytest.mark.parametrize(
    ("name", "written", "tidied"),
    [
        ("first", "José-María ", "jose maria"),
        ("dob", "19840327", "1984-03-27"),
        ("dob", "1984-03-27", "1984-03-27"),
        ("ssn", "123-45-6789", ""),
        ("ssn", "212 34 5678", "212345678"),
        ("ssn", "xxxxx5678", "5678"),
        ("ssn", "6988048", "6988048"),
        ("phone", "(360) 555-0123", "3605550123"),
        ("phone", "9999999999", ""),
        ("zip", "TQ13 8DF", "tq13 8df"),
    ],
)
def test_a_value_is_tidied(name, written, tidied):
    assert tidy(name, {name: written}) == tidied


def test_an_address_in_several_columns_is_put_together():
    assert tidy("address", {"street_number": "12", "street_name": "Main St.", "unit": "#4"}) == "12 main st 4"


def test_values_that_lack_clients_of_the_truth_are_refused_without_naming_them(tmp_path):
    path = write_csv(tmp_path / "values.csv", ("agency", "client_id", "first"), [("clinic", "1", "Ada")])
    with pytest.raises(RunError, match=r"^values\.csv: it lacks 2 clients of the truth$"):
        read_values(path, [("clinic", "1"), ("clinic", "2"), ("ymca", "1")])
