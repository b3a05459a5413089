"""The figures of a group are those of its own clients; a column that would name somebody makes no groups."""

from __future__ import annotations

from datetime import date

import pytest
from labelled_sets import material, write_csv
from made_files import Line

from evaluation.figures import Pairs, People
from evaluation.subgroups import MOST_GROUPS, Breakdown, Subgroup, age_band, break_down
from evaluation.values import read_values
from linkage.errors import RunError

TODAY = date(2026, 11, 27)
LINES = (
    Line("clinic", "1", person=0, missing=2),
    Line("ymca", "1", person=0, missing=10),
    Line("clinic", "2", person=2, missing=2),
    Line("ymca", "2", person=2, missing=2),
)
TRUTH = {
    ("clinic", "1"): "ada",
    ("ymca", "1"): "ada",
    ("clinic", "2"): "ben",
    ("ymca", "2"): "cyd",
    ("clinic", "3"): "cyd",  # was not encoded
}
SHIFT = {("clinic", "1"): "day", ("ymca", "1"): "night", ("clinic", "2"): "day", ("ymca", "2"): "night"}


def groups(found: tuple[Breakdown, ...], column: str) -> dict[str, Subgroup]:
    (breakdown,) = (one for one in found if one.column == column)
    return {group.name: group for group in breakdown.groups}


def test_a_group_has_the_pairs_that_touch_it_and_the_people_in_it(tmp_path):
    found = break_down(material(tmp_path, LINES, TRUTH, shift=SHIFT), None, by=["shift"], today=TODAY)
    by_shift = groups(found, "shift")
    assert by_shift["day"] == Subgroup("day", 2, Pairs(true=1, found=2, right=1), People(true=2, found=2))
    assert by_shift["night"] == Subgroup("night", 2, Pairs(true=2, found=2, right=1), People(true=2, found=2))
    assert by_shift["not known"] == Subgroup("not known", 1, Pairs(true=1, found=0, right=0), People(1, 1))


def test_agencies_and_missing_codes_are_told_without_being_asked(tmp_path):
    found = break_down(material(tmp_path, LINES, TRUTH), None, today=TODAY)
    assert [breakdown.column for breakdown in found] == ["agency", "missing"]
    assert list(groups(found, "agency")) == ["clinic", "ymca"]
    assert {name: group.records for name, group in groups(found, "missing").items()} == {
        "2": 3,
        "10": 1,
        "not encoded": 1,
    }
    assert list(groups(found, "missing")) == ["2", "10", "not encoded"]


def test_ages_come_from_the_values_and_origins_from_the_truth(tmp_path):
    made = material(tmp_path, LINES, TRUTH, origin=dict.fromkeys(TRUTH, "slavic"))
    born = {"1": "2010-05-01", "2": "19841127", "3": ""}
    rows = [(agency, client, born[client]) for agency, client in TRUTH]
    values = read_values(write_csv(tmp_path / "values.csv", ("agency", "client_id", "dob"), rows), made.keys)
    found = break_down(made, values, today=TODAY)
    assert [breakdown.column for breakdown in found] == ["agency", "missing", "age_band", "origin"]
    assert {name: group.records for name, group in groups(found, "age_band").items()} == {
        "0-17": 2,
        "35-44": 2,
        "not known": 1,
    }
    assert list(groups(found, "origin")) == ["slavic"]


def test_the_age_that_the_truth_knows_goes_before_the_one_that_was_written(tmp_path):
    made = material(tmp_path, LINES, TRUTH, age_band=dict.fromkeys(TRUTH, "18-24"))
    rows = [(*key, "1950-01-01") for key in TRUTH]
    values = read_values(write_csv(tmp_path / "values.csv", ("agency", "client_id", "dob"), rows), made.keys)
    assert list(groups(break_down(made, values, today=TODAY), "age_band")) == ["18-24"]


@pytest.mark.parametrize(
    ("born", "band"),
    [
        ("2008-11-28", "0-17"),
        ("2008-11-26", "18-24"),
        ("1984-03-27", "35-44"),
        ("1961-11-26", "65 or more"),
        ("1802-01-01", "65 or more"),
        ("1984", "not known"),
        ("", "not known"),
    ],
)
def test_an_age_falls_into_its_band(born, band):
    assert age_band(born, TODAY) == band


@pytest.mark.parametrize("name", ["Last Name", "first", "dob", "SSN", "phone", "MRN", "address", "household_id"])
def test_a_column_that_identifies_people_makes_no_groups(tmp_path, name):
    made = material(tmp_path, LINES, TRUTH, **{name: dict.fromkeys(TRUTH, "a")})
    with pytest.raises(RunError, match=f"the column '{name}' identifies people and makes no groups"):
        break_down(made, None, by=[name], today=TODAY)


@pytest.mark.parametrize("name", ["person_id", "client_id"])
def test_the_columns_that_join_the_files_make_no_groups(tmp_path, name):
    with pytest.raises(RunError, match=f"have a column '{name}'"):
        break_down(material(tmp_path, LINES, TRUTH), None, by=[name], today=TODAY)


@pytest.mark.parametrize("name", ["shelter", "program", "name data quality", "language"])
def test_a_column_of_something_else_makes_groups(tmp_path, name):
    made = material(tmp_path, LINES, TRUTH, **{name: dict.fromkeys(TRUTH, "a")})
    assert list(groups(break_down(made, None, by=[name], today=TODAY), name)) == ["a"]


def test_a_column_of_many_values_makes_no_groups(tmp_path):
    lines = [Line("clinic", str(n), n) for n in range(MOST_GROUPS + 1)]
    truth = {("clinic", str(n)): str(n) for n in range(MOST_GROUPS + 1)}
    made = material(tmp_path, lines, truth, motto={key: f"motto {key[1]}" for key in truth})
    with pytest.raises(RunError, match="the column 'motto' has 31 different values"):
        break_down(made, None, by=["motto"], today=TODAY)


def test_a_usual_column_of_many_values_is_passed_over(tmp_path):
    lines = [Line("clinic", str(n), n) for n in range(MOST_GROUPS + 1)]
    truth = {("clinic", str(n)): str(n) for n in range(MOST_GROUPS + 1)}
    made = material(tmp_path, lines, truth, origin={key: f"valley {key[1]}" for key in truth})
    assert [one.column for one in break_down(made, None, today=TODAY)] == ["agency", "missing"]


def test_a_column_that_there_is_not_is_refused(tmp_path):
    with pytest.raises(RunError, match="neither the truth nor the values have a column 'shoe'"):
        break_down(material(tmp_path, LINES, TRUTH), None, by=["shoe"], today=TODAY)
