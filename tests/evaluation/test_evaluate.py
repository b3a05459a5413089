"""The figures of an evaluation are those that one gets by hand; what cannot be measured is refused."""

from __future__ import annotations

import pyarrow.parquet as pq
import pytest
from labelled_sets import material, measured, write_crosswalks, write_csv, write_truth
from made_files import Line, MadeRun, Pair

from evaluation.evaluate import evaluate, read_material
from evaluation.figures import Pairs, People, Shares
from evaluation.truth import read_labelled
from linkage.errors import RunError

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
    found = measured(tmp_path, LINES, TRUTH, [Pair(0, 1, 0.95), Pair(2, 3, 0.75), Pair(0, 4, 0.25)])
    figures = found.figures
    assert (figures.clients, found.unseen) == (6, 1)
    assert figures.pairs == Pairs(true=4, found=2, right=1)
    assert figures.shares == Shares(1 / 2, 1 / 4)
    assert figures.shares.f1 == pytest.approx(1 / 3)
    assert figures.within == Pairs(true=1, found=0, right=0)
    assert figures.across == Pairs(true=3, found=2, right=1)
    assert figures.bcubed.precision == pytest.approx((1 + 1 + 0.5 + 0.5 + 1 + 1) / 6)
    assert figures.bcubed.recall == pytest.approx((2 / 3 + 2 / 3 + 1 + 1 / 2 + 1 / 3 + 1 / 2) / 6)
    assert figures.people == People(true=3, found=4)
    assert figures.people.error_percent == pytest.approx(100 / 3)
    assert (found.low, found.high) == (2, 5)
    assert found.is_inside_range
    assert found.care == Pairs(true=3, found=2, right=1)
    assert found.calibration_error == pytest.approx((0.05 + 0.75 + 0.75) / 3)


def test_a_client_that_was_not_encoded_is_a_missed_pair_and_a_person_of_its_own(tmp_path):
    seen = {("clinic", "1"): "ada", ("ymca", "1"): "ada"}
    whole = measured(tmp_path / "whole", LINES[:2], seen)
    lacking = measured(tmp_path / "lacking", LINES[:2], seen | {("clinic", "9"): "ada", ("ymca", "9"): "ben"})
    assert (whole.unseen, whole.low, whole.high) == (0, 1, 1)
    assert (whole.figures.shares.recall, whole.figures.people) == (1.0, People(1, 1))
    assert (lacking.unseen, lacking.low, lacking.high) == (2, 3, 3)
    assert (lacking.figures.shares.recall, lacking.figures.people) == (1 / 3, People(true=2, found=3))


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
    found = measured(tmp_path, lines, {("clinic", str(n)): person for n, person in enumerate(truth)})
    shares = found.figures.shares
    assert (shares.precision, shares.recall, shares.f1) == figures


def test_a_range_holds_its_estimate_even_where_groupings_are_not_nested(tmp_path):
    lines = [Line("clinic", str(n), person=n, loose=n // 2, strict=n // 4) for n in range(8)]
    found = measured(tmp_path, lines, {("clinic", str(n)): str(n) for n in range(8)})
    assert (found.low, found.figures.people.found, found.high) == (2, 8, 8)


def test_people_who_are_no_client_of_the_truth_are_not_measured(tmp_path):
    """The truth may know fewer clients than the run; what it does not know is neither right nor wrong."""
    found = measured(tmp_path, LINES, {("clinic", "1"): "ada", ("ymca", "1"): "ada"})
    assert (found.figures.clients, found.figures.pairs, found.figures.people) == (2, Pairs(1, 1, 1), People(1, 1))
    assert (found.low, found.high) == (1, 1)


def test_a_scored_pair_with_a_client_that_the_truth_does_not_know_is_left_out(tmp_path):
    known = {("clinic", "1"): "ada", ("ymca", "1"): "ada"}
    scored = material(tmp_path, LINES, known, [Pair(0, 1, 0.95), Pair(2, 3, 0.75), Pair(0, 4, 0.25)]).scored
    assert scored.probability.tolist() == [0.95]


def test_a_care_match_needs_two_agencies_a_sure_pair_and_one_person(tmp_path):
    """Pairs of one agency, less likely than not, or put to two people for counts or for care are no care matches."""
    clients = [("clinic", "1"), ("ymca", "1"), ("clinic", "2"), ("ymca", "2"), ("ymca", "3")]
    people = (0, 0, 0, 3, 0)
    lines = [
        Line(*client, person, care=4 if client[1] == "3" else -1)
        for client, person in zip(clients, people, strict=True)
    ]
    truth = dict.fromkeys(clients, "ada")
    pairs = [Pair(0, 1, 0.5), Pair(0, 2, 0.99), Pair(1, 2, 0.4999), Pair(0, 3, 0.99), Pair(0, 4, 0.99)]
    assert measured(tmp_path, lines, truth, pairs).care == Pairs(true=6, found=1, right=1)


def test_a_run_that_does_not_tell_missing_codes_is_measured_without(tmp_path):
    write_crosswalks(tmp_path, LINES)
    run = MadeRun(LINES).write(tmp_path / "run")
    records = pq.read_table(run / "records.parquet")
    pq.write_table(records.drop_columns("missing"), run / "records.parquet")
    truth = write_truth(tmp_path / "truth.csv", TRUTH)
    assert read_material(run, crosswalks=tmp_path, truth=truth).missing == {}


def test_every_client_of_the_truth_is_labelled_once(encoded_anytown, anytown_run, demo_truth):
    labelled = read_labelled(anytown_run, encoded_anytown, demo_truth)
    assert labelled.truth.keys() == labelled.found.keys()
    assert "domestic_violence" not in {agency for agency, _ in labelled.truth}


def test_a_truth_of_another_town_is_refused(tmp_path):
    with pytest.raises(RunError, match=r"truth\.csv: it knows no client of the run's agencies"):
        measured(tmp_path, LINES, {("elsewhere", "1"): "ada"})


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
