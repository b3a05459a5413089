"""No small count leaves, nor can one be worked out from the table that it was withheld from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.disclosure import CMS11, INTERNAL, STARS, Caption, Rule, SafeCount, SafeRow, SafeTable, TrueRow, make_safe

CAPTION = Caption("People by agency", "people", ("a note",))
sizes = st.one_of(st.integers(0, 14), st.integers(0, 400))


def row(label: str, people: int, below: int = 0, above: int = 0) -> TrueRow:
    return TrueRow(label, people, max(0, people - below), people + above)


@st.composite
def rows(draw: st.DrawFn) -> list[TrueRow]:
    spread = st.integers(0, 9)
    found = draw(st.lists(st.tuples(sizes, spread, spread), max_size=5))
    return [row(f"agency {place}", *each) for place, each in enumerate(found)]


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[TrueRow], TrueRow]:
    """Rows, and a total as overlap leaves it: at least the largest row, at most the sum of all."""
    found = draw(rows())
    people = draw(st.integers(max((r.people for r in found), default=0), sum(r.people for r in found)))
    low = draw(st.integers(max((r.low for r in found), default=0), sum(r.low for r in found)))
    return found, TrueRow("everybody", people, min(low, people), people + draw(st.integers(0, 30)))


def safe(found: tuple[Sequence[TrueRow], TrueRow], rule: Rule = CMS11) -> SafeTable:
    return make_safe(*found, caption=CAPTION, rule=rule)


def counts(table: SafeTable) -> Iterator[SafeCount]:
    for each in (*table.rows, table.total):
        yield from (each.people, each.low, each.high)
    yield table.duplicated


@given(tables())
def test_no_count_from_1_to_10_appears_anywhere(found):
    table = safe(found)
    assert [count.value for count in counts(table) if count.value is not None and 0 < count.value < 11] == []
    shown = json.loads(json.dumps(table.to_json()))
    numbers = [each[name] for each in (*shown["rows"], shown["total"]) for name in ("people", "low", "high")]
    assert [n for n in (*numbers, shown["duplicated"]) if n is not None and 0 < n < 11] == []


@given(tables())
def test_a_shown_number_is_the_true_one(found):
    true, total = found
    table = safe(found)
    for each, cell in zip((*true, total), (*table.rows, table.total), strict=True):
        assert cell.label == each.label
        for shown, count in ((cell.people, each.people), (cell.low, each.low), (cell.high, each.high)):
            assert shown.value in (None, count)
    assert table.duplicated.value in (None, sum(each.people for each in true))


@given(tables())
def test_a_withheld_row_withholds_its_range_and_the_duplicated_sum(found):
    table = safe(found)
    hidden = [cell for cell in table.rows if cell.people.value is None]
    assert all(cell.low.value is None and cell.high.value is None for cell in hidden)
    assert not hidden or table.duplicated.value is None
    assert all((cell.low.value is None) == (cell.high.value is None) for cell in (*table.rows, table.total))


@given(tables())
def test_a_row_is_withheld_exactly_when_it_is_small(found):
    for each, cell in zip(found[0], safe(found).rows, strict=True):
        assert (cell.people.value is None) == (1 <= each.people <= 10)


@given(tables())
def test_each_withheld_row_could_still_be_any_number_from_1_to_10(found):
    """All that an outsider knows: a total is at least its largest row and at most the sum of its rows."""
    table = safe(found)
    shown = [cell.people.value for cell in table.rows if cell.people.value is not None]
    others = 10 * (len(table.rows) - len(shown) - 1)
    total = table.total.people.value
    if len(shown) < len(table.rows) and total is not None:
        possible = [n for n in range(1, 11) if max([n, *shown]) <= total <= sum(shown) + others + n]
        assert possible == list(range(1, 11))


@given(tables())
def test_the_range_of_a_total_narrows_no_withheld_row(found):
    """The same by the loose threshold; a row whose range alone is withheld may hold up to ten there."""
    true, _ = found
    table = safe(found)
    hidden = sum(cell.people.value is None for cell in table.rows)
    if hidden and table.total.low.value is not None:
        shown = sum(r.low for r, cell in zip(true, table.rows, strict=True) if cell.people.value is not None)
        assert table.total.low.value <= shown + 10 * (hidden - 1) + 1


@given(tables())
def test_the_internal_rule_shows_everything(found):
    true, total = found
    table = safe(found, INTERNAL)
    shown = [(cell.label, cell.people.value, cell.low.value, cell.high.value) for cell in (*table.rows, table.total)]
    assert shown == [(each.label, each.people, each.low, each.high) for each in (*true, total)]
    assert table.duplicated.value == sum(each.people for each in true)
    assert table.notes == CAPTION.notes


@given(tables())
def test_what_is_withheld_is_said(found):
    table = safe(found)
    hidden = any(cell.people.value is None for cell in table.rows)
    said = [note for note in table.notes if note.startswith(f"{STARS} stands for a count from 1 to 10")]
    assert table.notes[0] == "a note"
    assert len(said) == hidden


@given(st.integers(0, 10**7))
def test_a_safe_count_is_the_count_or_nothing(count):
    found = SafeCount.of(count, CMS11)
    assert found.value == (None if 1 <= count <= 10 else count)
    assert str(found) == (STARS if 1 <= count <= 10 else f"{count:,}")


@pytest.mark.parametrize(
    ("people", "total", "shown"),
    [
        ([100, 5], 105, None),
        ([100, 5], 102, None),
        ([100, 5], 101, 101),
        ([100, 5], 100, 100),
        ([100, 10, 10], 120, None),
        ([100, 4, 7], 111, 111),
        ([100, 4, 8], 112, None),
        ([10, 10], 20, None),
        ([10, 10], 11, 11),
        ([100, 0], 100, 100),
        ([100, 50], 150, 150),
        ([5], 5, None),
    ],
)
def test_a_total_is_withheld_where_it_would_narrow_a_withheld_row(people, total, shown):
    table = safe(([row(f"agency {n}", count) for n, count in enumerate(people)], row("everybody", total)))
    assert table.total.people.value == shown
    assert (table.total == SafeRow("everybody", *[SafeCount(None)] * 3)) == (shown is None)


def test_a_row_whose_range_would_tell_a_small_count_shows_no_range():
    table = safe(([row("ymca", 12, below=3, above=9), row("clinic", 50)], row("everybody", 55)))
    assert table.rows[0] == SafeRow("ymca", SafeCount(12), SafeCount(None), SafeCount(None))
    assert table.duplicated.value == 62


def test_an_empty_table_shows_zero():
    table = safe(([], row("everybody", 0)))
    assert (table.total.people.value, table.duplicated.value) == (0, 0)
