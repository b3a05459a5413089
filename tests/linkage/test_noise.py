"""Counts with noise: how far it goes, what it costs, and that nobody can spend what is not there."""

from __future__ import annotations

import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage import budget as budgets
from linkage.budget import Budget, Question, ask, left, read_spending
from linkage.cells import CellKey, TrueCell, TrueTable
from linkage.disclosure import SafeTable
from linkage.errors import CannotRelease, LedgerError
from linkage.noise import from_opendp, half_width, noisy, sensitivity

PEOPLE = CellKey.of("people")
TODAY = date(2026, 11, 27)
A_YEAR = Budget(1.0)


def table(counts: Sequence[int] = (40, 3, 0), columns: tuple[str, ...] = ("",)) -> TrueTable:
    labels = tuple(f"agency {place}" for place in range(len(counts)))
    cells = tuple(
        (TrueCell(PEOPLE.and_also(agency=label), n, n, n, 1),) for label, n in zip(labels, counts, strict=True)
    )
    return TrueTable("by-agency", "By agency", "people", labels, columns, cells, TrueCell(PEOPLE, 41, 41, 41, 2))


def question(epsilon: float = 0.25, **other: str) -> Question:
    return Question(other.get("table", "by-agency"), other.get("period", "2026"), ("a", "b"), "digest", epsilon)


def shifted(by: int):
    """Noise that is known beforehand."""
    return lambda counts, scale: [count + by for count in counts]


def asked(folder: Path, epsilon: float = 0.25, *, noise=from_opendp, today: date = TODAY, **other: str) -> SafeTable:
    return ask(table(), question(epsilon, **other), folder, budget=A_YEAR, today=today, noise=noise, disjoint=False)


def test_noise_is_added_to_every_number_and_none_is_shown_below_zero(tmp_path):
    told = asked(tmp_path, noise=shifted(-5))
    assert [row.people.value for row in (*told.rows, told.total)] == [35, 0, 0, 36]
    assert told.duplicated.value is None
    assert told.rule.name == "noise"


def test_the_scale_is_what_one_person_can_change_over_epsilon():
    seen: list[float] = []

    def listen(counts: Sequence[int], scale: float) -> list[int]:
        seen.append(scale)
        return list(counts)

    noisy(table(), 0.5, listen)
    noisy(table(), 0.5, listen, disjoint=True)
    assert seen == [4 / 0.5, 2 / 0.5]


@given(st.sets(st.integers(0, 4)), st.integers(1, 4))
def test_one_person_changes_the_numbers_by_the_sensitivity_at_most(served_by, rows):
    before, after = [0] * rows, [0] * rows
    for agency in served_by:
        if agency < rows:
            after[agency] += 1
    change = sum(abs(one - other) for one, other in zip(before, after, strict=True)) + 1
    assert change <= sensitivity(table([0] * rows), disjoint=False)


@pytest.mark.parametrize("scale", [0.2, 1.0, 3.7, 8.0, 40.0])
def test_the_range_holds_ninety_five_of_a_hundred_and_no_narrower_one_does(scale):
    q = math.exp(-1 / scale)

    def inside(width: int) -> float:
        return sum((1 - q) / (1 + q) * q ** abs(k) for k in range(-width, width + 1))

    width = half_width(scale)
    assert inside(width) >= 0.95
    assert width == 0 or inside(width - 1) < 0.95


def test_opendp_adds_discrete_laplace_noise():
    scale, draws = 8.0, 20_000
    noised = from_opendp([100] * draws, scale)
    q = math.exp(-1 / scale)
    wanted = 2 * q / (1 - q * q)  # the mean of |X|
    found = sum(abs(each - 100) for each in noised) / draws
    assert abs(found / wanted - 1) < 0.1  # thirteen standard errors
    assert abs(sum(noised) / draws - 100) < 1


def test_the_same_question_has_the_same_answer_and_costs_nothing(tmp_path):
    first = asked(tmp_path)
    assert asked(tmp_path) == first
    assert len(read_spending(tmp_path)) == 1
    assert asked(tmp_path, period="2025").title == "By agency"
    assert left(read_spending(tmp_path), A_YEAR, 2026) == pytest.approx(0.5)


def test_what_is_not_left_cannot_be_spent_and_a_new_year_has_its_own_budget(tmp_path):
    for period in ("2023", "2024", "2025", "2026"):
        asked(tmp_path, period=period)
    with pytest.raises(CannotRelease, match="more than is left of 1 for 2026: 0"):
        asked(tmp_path, period="2022")
    asked(tmp_path, period="2022", today=date(2027, 1, 1))


def test_it_is_spent_before_the_noise_is_drawn(tmp_path):
    def crash(counts: Sequence[int], scale: float) -> list[int]:
        assert left(read_spending(tmp_path), A_YEAR, 2026) == pytest.approx(0.75)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        asked(tmp_path, noise=crash)
    assert left(read_spending(tmp_path), A_YEAR, 2026) == pytest.approx(0.75)


def test_askers_at_once_never_spend_more_than_there_is(tmp_path):
    def one(number: int) -> bool:
        while True:
            try:
                asked(tmp_path, 0.3, noise=shifted(0), period=str(number))
            except CannotRelease:
                return False
            except LedgerError:
                continue  # another asker was first
            return True

    with ThreadPoolExecutor(8) as askers:
        answered = list(askers.map(one, range(12)))
    assert sum(answered) == 3
    assert left(read_spending(tmp_path), A_YEAR, 2026) == pytest.approx(0.1)


def test_a_budget_cannot_be_raised(tmp_path):
    asked(tmp_path)
    with pytest.raises(LedgerError, match="its budget is 1 a year, and not 5"):
        budgets.fix_budget(tmp_path, Budget(5.0))


@pytest.mark.parametrize("epsilon", [0, -1, 10.5, math.nan, math.inf])
def test_what_is_no_amount_is_refused_and_costs_nothing(tmp_path, epsilon):
    with pytest.raises(CannotRelease, match="not above 0 and at most 10"):
        asked(tmp_path, epsilon)
    assert read_spending(tmp_path) == []


def test_a_table_with_columns_is_refused():
    with pytest.raises(CannotRelease, match="has columns"):
        noisy(table(columns=("a",)), 0.5, shifted(0))


@pytest.mark.parametrize("name", ["000000.spent.json", "000000.answer.json", "budget.json"])
def test_an_altered_entry_is_refused(tmp_path, name):
    asked(tmp_path)
    (tmp_path / name).chmod(0o600)
    (tmp_path / name).write_bytes(b"{}")
    with pytest.raises(LedgerError, match=name):
        asked(tmp_path)


def test_a_spending_taken_out_is_missed(tmp_path):
    asked(tmp_path)
    asked(tmp_path, period="2025")
    (tmp_path / "000000.spent.json").unlink()
    with pytest.raises(LedgerError, match="missing"):
        read_spending(tmp_path)
