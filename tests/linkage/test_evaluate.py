"""The figures of an evaluation are those that one gets by hand, by a slow count, and from recordlinkage."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
import recordlinkage
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_files import Line, MadeRun, Pair

from linkage.errors import RunError
from linkage.evaluate import Evaluation, _links, evaluate, expected_calibration_error
from linkage.truth import read_labelled

Key = tuple[str, str]


def write_csv(path: Path, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([heads, *rows])
    return path


def write_truth(path: Path, truth: Mapping[Key, str]) -> Path:
    return write_csv(path, ("agency", "client_id", "person_id"), [(*key, person) for key, person in truth.items()])


def write_crosswalks(folder: Path, lines: Sequence[Line]) -> None:
    for agency in {line.agency for line in lines}:
        rows = [(line.row, line.client) for line in lines if line.agency == agency]
        write_csv(folder / f"{agency}.crosswalk.csv", ("row", "client_id"), rows)


def measure(folder: Path, lines: Sequence[Line], truth: Mapping[Key, str], pairs: Sequence[Pair] = ()) -> Evaluation:
    folder.mkdir(parents=True, exist_ok=True)
    write_crosswalks(folder, lines)
    run = MadeRun(lines, pairs).write(folder / "run")
    return evaluate(run, crosswalks=folder, truth=write_truth(folder / "truth.csv", truth))


LINES = (
    Line("clinic", "1", person=0, loose=0, strict=0),
    Line("ymca", "1", person=0, loose=0, strict=0),
    Line("clinic", "2", person=2, loose=0, strict=2),
    Line("ymca", "2", person=2, loose=0, strict=3),
    Line("clinic", "3", person=4, loose=0, strict=4),
)
TRUTH = {
    ("clinic", "1"): "ada",
    ("ymca", "1"): "ada",
    ("clinic", "2"): "ben",
    ("ymca", "2"): "cyd",
    ("clinic", "3"): "ada",
    ("clinic", "4"): "cyd",  # was not encoded
    ("elsewhere", "1"): "ada",  # took no part
}


def test_the_figures_are_those_worked_out_by_hand(tmp_path):
    """True pairs: three of ada, one of cyd. Found: ada's one, and ben with cyd. People: three true; found three
    groups and the unseen client."""
    found = measure(tmp_path, LINES, TRUTH, [Pair(0, 1, 0.95), Pair(2, 3, 0.75), Pair(0, 4, 0.25)])
    assert (found.clients, found.unseen) == (6, 1)
    assert (found.true_pairs, found.found_pairs) == (4, 2)
    assert (found.precision, found.recall) == (1 / 2, 1 / 4)
    assert found.f1 == pytest.approx(1 / 3)
    assert (found.true_people, found.people) == (3, 4)
    assert found.people_error_percent == pytest.approx(100 / 3)
    assert (found.low, found.high) == (2, 5)
    assert found.is_inside_range
    assert found.calibration_error == pytest.approx((0.05 + 0.75 + 0.75) / 3)


def test_a_client_that_was_not_encoded_is_a_missed_pair_and_a_person_of_its_own(tmp_path):
    seen = {("clinic", "1"): "ada", ("ymca", "1"): "ada"}
    whole = measure(tmp_path / "whole", LINES[:2], seen)
    lacking = measure(tmp_path / "lacking", LINES[:2], seen | {("clinic", "9"): "ada", ("ymca", "9"): "ben"})
    assert (whole.unseen, whole.recall, whole.people, whole.low, whole.high) == (0, 1.0, 1, 1, 1)
    assert (lacking.unseen, lacking.recall, lacking.people, lacking.low, lacking.high) == (2, 1 / 3, 3, 3, 3)
    assert lacking.true_people == 2


@pytest.mark.parametrize(
    ("people", "truth", "figures"),
    [
        ((0, 1), "ab", (1.0, 1.0, 1.0)),
        ((0, 0), "ab", (0.0, 1.0, 0.0)),
        ((0, 1), "aa", (1.0, 0.0, 0.0)),
        ((0, 0), "aa", (1.0, 1.0, 1.0)),
    ],
    ids=["nobody to find, nobody found", "found what is not there", "found nobody", "found all"],
)
def test_a_run_without_pairs_has_figures_too(tmp_path, people, truth, figures):
    lines = [Line("clinic", str(n), person) for n, person in enumerate(people)]
    found = measure(tmp_path, lines, {("clinic", str(n)): person for n, person in enumerate(truth)})
    assert (found.precision, found.recall, found.f1) == figures


labels = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=2, max_size=10)


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(labels=labels)
def test_the_figures_are_those_of_recordlinkage_and_of_a_slow_count(tmp_path_factory, labels):
    lines = [Line("clinic", str(n), person) for n, (person, _) in enumerate(labels)]
    truth = {("clinic", str(n)): str(person) for n, (_, person) in enumerate(labels)}
    measured = measure(tmp_path_factory.mktemp("figures"), lines, truth)
    said, true = (
        {p for p in itertools.combinations(range(len(labels)), 2) if labels[p[0]][w] == labels[p[1]][w]} for w in (0, 1)
    )
    assert (measured.true_pairs, measured.found_pairs) == (len(true), len(said))
    assert measured.precision == (len(said & true) / len(said) if said else 1.0)
    assert measured.recall == (len(said & true) / len(true) if true else 1.0)
    if said & true:
        links = [_links({("clinic", str(n)): str(pair[which]) for n, pair in enumerate(labels)}) for which in (1, 0)]
        assert measured.f1 == pytest.approx(recordlinkage.fscore(*links))
        assert measured.precision == recordlinkage.precision(*links)
        assert measured.recall == recordlinkage.recall(*links)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=30))
def test_the_calibration_error_is_that_of_a_slow_count(scored):
    total = 0.0
    for place in range(10):
        inside = [(p, right) for p, right in scored if min(int(p * 10), 9) == place]
        total += abs(sum(p for p, _ in inside) - sum(right for _, right in inside))
    probability = np.array([p for p, _ in scored])
    right = np.array([right for _, right in scored], dtype=bool)
    assert expected_calibration_error(probability, right) == pytest.approx(total / max(1, len(scored)))


def test_probabilities_that_come_true_as_often_as_stated_are_calibrated():
    assert expected_calibration_error(np.full(10, 0.75), np.arange(20)[:10] < 7) == pytest.approx(0.05)
    assert expected_calibration_error(np.full(8, 0.75), np.arange(8) < 6) == 0


def test_certainty_shares_the_last_bin():
    found = expected_calibration_error(np.array([0.95, 1.0]), np.array([True, False]))
    assert found == pytest.approx(abs(1.95 - 1) / 2)


def test_a_range_holds_its_estimate_even_where_groupings_are_not_nested(tmp_path):
    lines = [Line("clinic", str(n), person=n, loose=n // 2, strict=n // 4) for n in range(8)]
    found = measure(tmp_path, lines, {("clinic", str(n)): str(n) for n in range(8)})
    assert (found.low, found.people, found.high) == (2, 8, 8)


def test_people_who_are_no_client_of_the_truth_are_not_measured(tmp_path):
    """The truth may know fewer clients than the run; what it does not know is neither right nor wrong."""
    found = measure(tmp_path, LINES, {("clinic", "1"): "ada", ("ymca", "1"): "ada"})
    assert (found.clients, found.true_pairs, found.found_pairs, found.f1) == (2, 1, 1, 1.0)
    assert (found.people, found.low, found.high) == (1, 1, 1)


def test_every_client_of_the_truth_is_labelled_once(encoded_anytown, anytown_run, demo_truth):
    labelled = read_labelled(anytown_run, encoded_anytown, demo_truth)
    assert labelled.truth.keys() == labelled.found.keys()
    assert "domestic_violence" not in {agency for agency, _ in labelled.truth}


def test_a_truth_of_another_town_is_refused(tmp_path):
    with pytest.raises(RunError, match=r"truth\.csv: it knows no client of the run's agencies"):
        measure(tmp_path, LINES, {("elsewhere", "1"): "ada"})


def test_a_truth_without_its_columns_is_refused(tmp_path):
    write_crosswalks(tmp_path, LINES)
    run = MadeRun(LINES).write(tmp_path / "run")
    truth = write_csv(tmp_path / "truth.csv", ("agency", "client"), [("clinic", "1")])
    with pytest.raises(RunError, match=r"truth\.csv: it lacks a column"):
        evaluate(run, crosswalks=tmp_path, truth=truth)


@pytest.mark.parametrize("content", [None, b"agency,client_id,person_id\n\xff,1,2\n"], ids=["missing", "not text"])
def test_a_truth_that_cannot_be_read_is_refused(tmp_path, content):
    write_crosswalks(tmp_path, LINES)
    run = MadeRun(LINES).write(tmp_path / "run")
    if content is not None:
        (tmp_path / "truth.csv").write_bytes(content)
    with pytest.raises(RunError, match=r"truth\.csv: the file cannot be read"):
        evaluate(run, crosswalks=tmp_path, truth=tmp_path / "truth.csv")


def test_a_missing_crosswalk_is_named(tmp_path):
    run = MadeRun(LINES).write(tmp_path / "run")
    with pytest.raises(RunError, match=r"clinic\.crosswalk\.csv: the file cannot be read"):
        evaluate(run, crosswalks=tmp_path, truth=write_truth(tmp_path / "truth.csv", TRUTH))


def test_a_crosswalk_of_other_encodings_is_refused(tmp_path):
    run = MadeRun(LINES).write(tmp_path / "run")
    write_crosswalks(tmp_path, [*LINES[:2], Line("clinic", "another secret", 1), Line("ymca", "another secret", 1)])
    with pytest.raises(RunError, match=r"clinic\.crosswalk\.csv: it lacks clients of the run"):
        evaluate(run, crosswalks=tmp_path, truth=write_truth(tmp_path / "truth.csv", TRUTH))


def test_a_folder_that_is_no_run_is_refused(tmp_path):
    with pytest.raises(RunError, match="nowhere: this is not the folder of a run"):
        evaluate(tmp_path / "nowhere", crosswalks=tmp_path, truth=write_truth(tmp_path / "truth.csv", TRUTH))
