"""What is withheld, what is rounded, and what a release says of itself."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.cells import CellKey, Constraint, TrueCell, TrueRelease, TrueTable, covered_by, sums_to
from linkage.disclosure import CMS11, INTERNAL, Released, Rule, SafeCount, percentage, release
from linkage.errors import CannotRelease, LedgerError, RuleError
from linkage.rollup import release_rolled_up, share_of_stars

PEOPLE = CellKey.of("people")
MANY = ("clinic", "food_bank", "ymca")


def cell(key: CellKey, count: int, agencies: int = 2) -> TrueCell:
    return TrueCell(key, count, count, count, agencies)


def table(name: str, dimension: str, counts: dict[str, int], total: int, agencies: int = 2) -> TrueTable:
    cells = tuple((cell(PEOPLE.and_also(**{dimension: label}), count, agencies),) for label, count in counts.items())
    return TrueTable(name, name, "people", tuple(counts), ("",), cells, cell(PEOPLE, total))


def keys(made: TrueTable) -> list[CellKey]:
    return [each.key for (each,) in made.cells if each is not None]


def bands(counts: dict[str, int], agencies: int = 2) -> TrueRelease:
    made = table("band", "age_band", counts, sum(counts.values()), agencies)
    return TrueRelease("2026-Q1", (made,), (sums_to(PEOPLE, keys(made)),))


def areas(counts: dict[str, int], total: int, agencies: int = 2) -> TrueRelease:
    made = table("area", "area", counts, total, agencies)
    return TrueRelease("2026-Q1", (made,), tuple(covered_by(PEOPLE, keys(made))))


def shown(made: Released, name: str) -> dict[str, int | None]:
    safe = made.table(name)
    return {row.label: row.people.value for row in (*safe.rows, safe.total)}


# -- rules -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("threshold", "base"), [(11, 1), (11, 2), (11, 3), (11, 7), (13, 5), (5, 9)])
def test_a_shown_number_of_a_rule_stands_for_base_many_shown_counts(threshold, base):
    rule = Rule("made up", threshold, base)
    for count in range(threshold, threshold + 3 * base):
        least, most = rule.stands_for(rule.rounded(count))
        assert (most - least + 1, least >= threshold, least <= count <= most) == (base, True, True)


@pytest.mark.parametrize(("threshold", "base"), [(11, 5), (11, 10), (10, 3), (13, 7)])
def test_a_threshold_beside_a_rounding_edge_is_refused(threshold, base):
    with pytest.raises(RuleError, match=f"threshold {threshold} is not on a rounding edge of base {base}"):
        Rule("made up", threshold, base)


@pytest.mark.parametrize("numbers", [(0, 1, 1), (11, 0, 1), (11, 1, 0)])
def test_a_rule_of_nothing_is_refused(numbers):
    with pytest.raises(RuleError, match="is below 1"):
        Rule("made up", *numbers)


@given(st.integers(0, 10**7))
def test_a_count_of_no_table_is_rounded_or_withheld(count):
    value = SafeCount.of(count, CMS11).value
    assert (value is None) == (1 <= count <= 10)
    assert value is None or (value % 3 == 0 and abs(value - count) <= 1)


# -- one table ---------------------------------------------------------------------------------------------------


def test_a_small_part_takes_the_cheapest_other_part_with_it():
    made = release(bands({"0-17": 5, "18-24": 40, "25-64": 400, "65+": 90}), CMS11, agencies=MANY)
    assert shown(made, "band") == {"0-17": None, "18-24": None, "25-64": 399, "65+": 90, "everybody": 534}


def test_a_total_that_the_small_cells_would_have_to_fill_is_withheld():
    """100 and two withheld, 120 together: told that both are small, each is exactly ten."""
    made = release(areas({"food": 100, "health": 10, "shelter": 10}, 120), CMS11, agencies=MANY)
    found = shown(made, "area")
    assert found["health"] is found["shelter"] is None
    assert None in (found["food"], found["everybody"])


def test_a_total_that_leaves_the_small_cells_open_is_shown():
    made = release(areas({"food": 100, "health": 10, "shelter": 10}, 101), CMS11, agencies=MANY)
    assert shown(made, "area") == {"food": 99, "health": None, "shelter": None, "everybody": 102}


def test_a_cell_of_a_single_agency_is_withheld_unless_it_is_about_that_agency():
    assert (
        shown(release(areas({"food": 50, "health": 60}, 90, agencies=1), CMS11, agencies=MANY), "area")["food"] is None
    )
    mine = table("agency", "agency", {"clinic": 50, "ymca": 60}, 90, agencies=1)
    made = release(TrueRelease("2026-Q1", (mine,), tuple(covered_by(PEOPLE, keys(mine)))), CMS11, agencies=MANY)
    assert shown(made, "agency") == {"clinic": 51, "ymca": 60, "everybody": 90}


def test_in_a_release_of_one_agency_everything_is_about_that_agency():
    made = release(areas({"food": 50, "health": 60}, 90, agencies=1), CMS11, agencies=["clinic"])
    assert shown(made, "area") == {"food": 51, "health": 60, "everybody": 90}


def by_band_and_area(counts: dict[tuple[str, str], int]) -> TrueRelease:
    rows, columns = ("old", "young"), ("food", "health")
    of = {pair: cell(PEOPLE.and_also(age_band=pair[0], area=pair[1]), counts[pair]) for pair in product(rows, columns)}
    groups = {row: cell(PEOPLE.and_also(age_band=row), sum(counts[row, column] for column in columns)) for row in rows}
    two = TrueTable(
        "two-way", "", "people", rows, columns, tuple(tuple(of[row, column] for column in columns) for row in rows),
        cell(PEOPLE, sum(counts.values())),
    )  # fmt: skip
    one = TrueTable("band", "", "people", rows, ("",), tuple((groups[row],) for row in rows), two.total)
    bound = [sums_to(groups[row].key, [of[row, column].key for column in columns]) for row in rows]
    return TrueRelease("2026", (one, two), (sums_to(PEOPLE, [each.key for each in groups.values()]), *bound))


def test_a_zero_is_shown_where_it_tells_nothing_of_a_group():
    made = release(areas({"food": 100, "health": 0}, 100), CMS11, agencies=MANY)
    assert shown(made, "area") == {"food": 99, "health": 0, "everybody": 99}


def test_a_zero_that_tells_where_a_whole_group_is_found_is_withheld():
    counts = {("old", "food"): 50, ("old", "health"): 0, ("young", "food"): 30, ("young", "health"): 40}
    made = release(by_band_and_area(counts), CMS11, agencies=MANY).table("two-way")
    assert made.rows[0].cells[1].people.value is None
    assert made.columns == ("food", "health")
    assert made.duplicated.value is None
    assert made.to_json()["rows"][1]["cells"][1]["people"] in (39, None)


def test_a_cell_that_cannot_be_stays_none():
    both = cell(PEOPLE.and_also(both="a&b"), 30)
    one = TrueTable("pairs", "", "people", ("a", "b"), ("a", "b"), ((None, both), (both, None)), cell(PEOPLE, 90))
    made = release(TrueRelease("2026", (one,), ()), CMS11, agencies=MANY).table("pairs")
    assert [[each and each.people.value for each in row.cells] for row in made.rows] == [[None, 30], [30, None]]
    assert made.to_json()["rows"][0] == {"label": "a", "cells": [None, {"people": 30, "low": 30, "high": 30}]}
    assert made.rows[0].people.value is None


def test_ranges_do_not_open_what_the_count_closes():
    """The low ends 90 and 100 would tell that the withheld area has seven to ten people, loosely counted."""
    true = areas({"food": 100, "health": 8}, 100)
    (small,) = true.tables[0].cells[1]
    wide = TrueTable(
        "area", "", "people", ("food", "health"), ("",),
        ((TrueCell(PEOPLE.and_also(area="food"), 100, 90, 100, 2),), (TrueCell(small.key, 10, 10, 10, 2),)),
        TrueCell(PEOPLE, 100, 100, 130, 2),
    )  # fmt: skip
    made = release(TrueRelease("2026-Q1", (wide,), true.constraints), CMS11, agencies=MANY).table("area")
    assert made.rows[0].people.value == made.total.people.value == 99
    assert None in (made.rows[0].low.value, made.total.low.value)


def test_ranges_that_fit_no_people_are_left_out():
    empty = TrueTable("area", "", "people", (), ("",), (), TrueCell(PEOPLE, 0, 0, 1, 0))
    made = release(TrueRelease("2026", (empty,), tuple(covered_by(PEOPLE, []))), CMS11, agencies=MANY)
    assert (made.tables[0].total.people.value, made.tables[0].total.high.value) == (0, None)


def test_tables_that_contradict_their_constraints_are_refused():
    true = bands({"0-17": 50, "18+": 60})
    wrong = TrueRelease(true.period, true.tables, (Constraint(((keys(true.tables[0])[0], 1),), equal=True),))
    with pytest.raises(CannotRelease, match="the counts contradict what binds them"):
        release(wrong, CMS11, agencies=MANY)


def test_tables_that_count_one_set_twice_differently_are_refused():
    tables = (*bands({"0-17": 50, "18+": 60}).tables, *areas({"food": 50}, 70).tables)
    with pytest.raises(CannotRelease, match="table area counts a set otherwise than another"):
        release(TrueRelease("2026", tables, ()), CMS11, agencies=MANY)


def test_the_internal_rule_shows_everything():
    made = release(bands({"0-17": 5, "18+": 60}), INTERNAL, agencies=MANY)
    assert shown(made, "band") == {"0-17": 5, "18+": 60, "everybody": 65}
    assert made.table("band").notes == ()


def test_the_order_of_tables_and_constraints_changes_no_number():
    true = by_band_and_area({("old", "food"): 5, ("old", "health"): 70, ("young", "food"): 30, ("young", "health"): 40})
    turned = TrueRelease(true.period, true.tables[::-1], true.constraints[::-1])
    assert release(true, CMS11, agencies=MANY).published == release(turned, CMS11, agencies=MANY).published


# -- what is made of released numbers ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "whole", "said"), [(33, 99, 33), (None, 99, None), (33, None, None), (0, 99, 0), (0, 0, None)]
)
def test_a_percentage_is_of_released_numbers_alone(part, whole, said):
    assert percentage(SafeCount(part), SafeCount(whole)).value == said


def test_the_duplicated_sum_is_the_sum_of_the_shown_numbers():
    assert release(areas({"food": 100, "health": 50}, 120), CMS11, agencies=MANY).table("area").duplicated.value == 150
    made = release(areas({"food": 100, "health": 5}, 100), CMS11, agencies=MANY).table("area")
    assert made.duplicated.value is None
    assert made.notes[0].startswith("*** stands for a count from 1 to 10, or for one that would give such a count away")


def test_a_table_that_is_not_there_is_refused():
    with pytest.raises(CannotRelease, match="the release has no table month"):
        release(areas({"food": 100}, 100), CMS11, agencies=MANY).table("month")


def test_a_table_of_stars_gives_way_to_a_coarser_one():
    fine = areas({"food": 5, "health": 6, "shelter": 100}, 105)
    coarse = areas({"any": 105}, 105)
    assert share_of_stars(release(fine, CMS11, agencies=MANY).table("area")) >= 2 / 3
    assert [row.label for row in release_rolled_up([fine, coarse], CMS11, agencies=MANY).table("area").rows] == ["any"]
    good = areas({"food": 50, "health": 60, "shelter": 100}, 150)
    assert len(release_rolled_up([good, coarse], CMS11, agencies=MANY).table("area").rows) == 3
    with pytest.raises(CannotRelease, match="nothing to release"):
        release_rolled_up([], CMS11)


# -- kept --------------------------------------------------------------------------------------------------------


def test_a_release_comes_back_from_its_json_as_it_was():
    made = release(areas({"food": 100, "health": 5}, 100), CMS11, agencies=MANY)
    assert Released.from_json(made.to_json()) == made


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda text: text[:-1], "cannot be read"),
        (lambda text: text.replace(b"headcount-release/1", b"headcount-release/9"), "of another version"),
        (lambda text: text + b" ", "has been altered"),
        (lambda text: text.replace(b'"revision":1', b'"revision":1,"more":2'), "has been altered"),
        (lambda text: text.replace(b'"base":3', b'"base":5'), "cannot be read|rounding edge"),
    ],
)
def test_a_release_that_was_altered_is_refused(change, match):
    text = release(areas({"food": 100, "health": 5}, 100), CMS11, agencies=MANY).to_json()
    with pytest.raises((LedgerError, RuleError), match=match):
        Released.from_json(change(text))
