"""Differencing attacks by name: each is refused with the reason, or harmless; and the ledger of releases."""

from __future__ import annotations

import pytest
from test_disclosure import MANY, PEOPLE, areas, bands, keys, shown, table

from linkage.cells import TrueRelease, covered_by
from linkage.disclosure import CMS11, Released, release
from linkage.errors import CannotRelease, LedgerError
from linkage.ledger import keep, read_ledger
from linkage.periods import Lie, Period, quarter_of
from linkage.requests import Asked, answer, check_may_release, find_answer

FIVE = ("clinic", "food_bank", "library", "shelter", "ymca")


def question(**changes: object) -> Asked:
    usual = {"tables": ("area",), "agencies": MANY, "period": "2026-Q1", "purpose": "council-report"}
    return Asked(**usual | changes)


def of_period(true: TrueRelease, period: str) -> TrueRelease:
    return TrueRelease(period, true.tables, true.constraints)


@pytest.fixture
def first() -> Released:
    return release(areas({"food": 100, "health": 50}, 130), CMS11, agencies=MANY)


# -- refused by what is asked ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("attack", "changes", "match"),
    [
        ("drop an agency", {"agencies": MANY[:2]}, "the agencies differ by ymca alone"),
        ("add an agency", {"agencies": (*MANY, "shelter")}, "the agencies differ by shelter alone"),
        (
            "drop an agency and shorten",
            {"agencies": MANY[:2], "period": "2026-01"},
            "the agencies differ by ymca alone",
        ),
        ("move a month", {"period": "2026-02..2026-04"}, "shares months with 2026-Q1"),
        ("one month less", {"period": "2026-01..2026-02"}, "shares months with 2026-Q1"),
        ("one month more", {"period": "2026-01..2026-04"}, "shares months with 2026-Q1"),
        ("half a year", {"period": "2026-01..2026-06"}, "shares months with 2026-Q1"),
    ],
)
def test_a_differencing_attack_is_refused_with_the_reason(first, attack, changes, match):
    with pytest.raises(CannotRelease, match=match):
        check_may_release(question(**changes), [first])


def test_changing_an_age_band_is_refused():
    by_age = release(bands({"0-17": 50, "18+": 60}), CMS11, agencies=MANY)
    with pytest.raises(CannotRelease, match="other age bands than in the release of 2026-Q1"):
        check_may_release(question(period="2026-Q2", bands=("0-18", "19+")), [by_age])
    check_may_release(question(period="2026-Q2", bands=("0-17", "18+")), [by_age])


@pytest.mark.parametrize(
    ("request_", "changes"),
    [
        ("the next quarter", {"period": "2026-Q2"}),
        ("the whole year", {"period": "2026"}),
        ("a month of it", {"period": "2026-02"}),
        ("another table", {"tables": ("band",)}),
        ("two more agencies", {"agencies": FIVE}),
        ("one more agency in another quarter", {"agencies": (*MANY, "shelter"), "period": "2026-Q2"}),
    ],
)
def test_a_question_that_cuts_across_nothing_may_be_asked(first, request_, changes):
    check_may_release(question(**changes), [first])


# -- refused, or made harmless, by the numbers -------------------------------------------------------------------


@pytest.mark.parametrize("total", [130, 131, 133, 140, 141])
def test_agencies_that_add_fewer_than_eleven_people_are_refused(first, total):
    with pytest.raises(CannotRelease, match="the total of area may differ by fewer than 11 people"):
        answer(question(agencies=FIVE), areas({"food": 105, "health": total - 80}, total), CMS11, earlier=[first])


def test_agencies_that_add_many_people_are_counted(first):
    made = answer(question(agencies=FIVE), areas({"food": 205, "health": 150}, 330), CMS11, earlier=[first])
    assert shown(made, "area")["everybody"] == 330


def test_the_same_question_has_the_same_answer_whatever_the_data_is_by_now(first):
    later = areas({"food": 500, "health": 500}, 900)
    for again in (question(), question(purpose="planning"), question(period="2026-01..2026-03", agencies=MANY[::-1])):
        assert answer(again, later, CMS11, earlier=[first]) is first
    assert find_answer(question(tables=("band",)), [first]) is None


@pytest.mark.parametrize("more", [1, 2, 5, 10])
def test_late_data_of_a_few_people_is_held_back(first, more):
    late = areas({"food": 100 + more, "health": 50}, 130 + more)
    with pytest.raises(CannotRelease, match="no number of 2026-Q1 has changed by 11 or more, so there is no revision"):
        answer(question(), late, CMS11, earlier=[first], revise=True)


def test_late_data_of_many_people_is_a_revision_and_what_changed_little_stays_with_a_note(first):
    late = areas({"food": 140, "health": 54}, 175)
    made = answer(question(), late, CMS11, earlier=[first], revise=True)
    assert (made.revision, first.revision) == (2, 1)
    assert shown(made, "area") == {"food": 141, "health": 51, "everybody": 174}
    assert made.table("area").rows[1].low.value is None
    assert any("stays as it was released" in note for note in made.table("area").notes)


def test_a_number_that_fell_below_the_threshold_stays_unless_many_left():
    first = release(areas({"food": 100, "health": 13, "shelter": 60}, 130), CMS11, agencies=MANY)
    made = release(areas({"food": 200, "health": 9, "shelter": 4}, 205), CMS11, agencies=MANY, earlier=[first])
    assert shown(made, "area")["health"] == 12
    assert shown(made, "area")["shelter"] is None


def test_what_was_withheld_stays_withheld_in_a_revision():
    first = release(areas({"food": 100, "health": 5}, 101), CMS11, agencies=MANY)
    made = answer(question(), areas({"food": 200, "health": 90}, 210), CMS11, earlier=[first], revise=True)
    assert shown(made, "area")["health"] is None


def test_a_month_that_would_follow_from_the_quarter_and_the_other_months_is_withheld():
    """A quarter of 100, of whom January and February hold 60 each released; March alone would be the small rest."""

    def of_months(counts: dict[str, int], total: int) -> TrueRelease:
        made = table("month", "month", counts, total)
        return TrueRelease("2026-Q1", (made,), tuple(covered_by(PEOPLE, keys(made))))

    made = release(of_months({"2026-01": 60, "2026-02": 40, "2026-03": 5}, 105), CMS11, agencies=MANY)
    assert shown(made, "month")["2026-03"] is None
    assert None in (shown(made, "month")[name] for name in ("2026-01", "2026-02", "everybody"))
    january = TrueRelease("2026-01", (table("area", "area", {"food": 60}, 60),), ())
    later = release(january, CMS11, agencies=MANY, earlier=[made])
    assert shown(later, "area")["everybody"] == shown(made, "month")["2026-01"]


def test_a_second_table_does_not_give_away_what_the_first_withholds():
    """The first shows areas; the second would show that the total less one area is the withheld area."""
    by_age = bands({"0-17": 5, "18-64": 60, "65+": 70})
    first = release(by_age, CMS11, agencies=MANY)
    withheld = {name for name, count in shown(first, "band").items() if count is None}
    second = TrueRelease(
        "2026-Q1", (*by_age.tables, *areas({"food": 70, "health": 90}, 135).tables), by_age.constraints
    )
    made = answer(question(tables=("area", "band")), second, CMS11, earlier=[first])
    assert {name for name, count in shown(made, "band").items() if count is None} == withheld


def test_a_number_that_earlier_releases_give_away_already_is_refused():
    """The total was released, and the adults without a word of children; the children are what remains."""
    true = bands({"0-17": 5, "18+": 60})
    adults = table("adults", "age_band", {"18+": 60}, 65)
    first = release(TrueRelease("2026-Q1", (adults,), ()), CMS11, agencies=MANY)
    assert shown(first, "adults") == {"18+": 60, "everybody": 66}
    with pytest.raises(CannotRelease, match="would follow from what was released before"):
        release(true, CMS11, agencies=MANY, earlier=[first])


# -- periods -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "lie"),
    [
        ("2026-Q1", "2026-01..2026-03", Lie.SAME),
        ("2026-02", "2026-Q1", Lie.INSIDE),
        ("2026", "2026-Q1", Lie.AROUND),
        ("2026-Q1", "2026-Q2", Lie.APART),
        ("2026-02..2026-04", "2026-Q1", Lie.ASKEW),
        ("2026-01..2026-02", "2026-Q1", Lie.ASKEW),
        ("2026-01..2026-04", "2026-Q1", Lie.ASKEW),
        ("2026-Q1..2026-Q4", "2026", Lie.SAME),
        ("run", "2026", Lie.APART),
        ("run", "run", Lie.SAME),
        ("2026-13", "2026-13", Lie.SAME),
        ("2026-03..2026-01", "2026", Lie.APART),
    ],
)
def test_how_periods_lie_to_each_other(one, other, lie):
    assert Period.of(one).lies_to(Period.of(other)) is lie
    assert Period.of(str(Period.of(one))) == Period.of(one)


@pytest.mark.parametrize(("month", "quarter"), [("2026-01", "2026-Q1"), ("2026-06", "2026-Q2"), ("2026-12", "2026-Q4")])
def test_the_quarter_of_a_month(month, quarter):
    assert quarter_of(month) == quarter


# -- the ledger --------------------------------------------------------------------------------------------------


def test_the_ledger_keeps_releases_in_their_order(tmp_path, first):
    second = release(bands({"0-17": 50, "18+": 60}), CMS11, agencies=MANY)
    for number, each in enumerate((first, second)):
        keep(tmp_path / "releases", each, after=number)
    assert read_ledger(tmp_path / "releases") == [first, second]
    assert sorted(path.name for path in (tmp_path / "releases").iterdir()) == ["000000.json", "000001.json"]


def test_no_ledger_is_an_empty_one(tmp_path):
    assert read_ledger(tmp_path / "none") == []


def test_of_two_askers_at_once_the_second_is_refused(tmp_path, first):
    keep(tmp_path, first, after=0)
    with pytest.raises(LedgerError, match="another release was kept in the meantime"):
        keep(tmp_path, first, after=0)
    assert len(list(tmp_path.iterdir())) == 1


def test_a_ledger_with_a_release_taken_out_is_refused(tmp_path, first):
    for number in range(2):
        keep(tmp_path, first, after=number)
    (tmp_path / "000000.json").unlink()
    with pytest.raises(LedgerError, match="a kept release is missing"):
        read_ledger(tmp_path)


def test_a_ledger_that_cannot_be_read_or_written_is_refused(tmp_path, first):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(LedgerError, match="inside: cannot be written"):
        keep(tmp_path / "file" / "inside", first, after=0)
    with pytest.raises(LedgerError, match="file: cannot be read"):
        read_ledger(tmp_path / "file")
