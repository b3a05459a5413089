"""No small count leaves, nor can one be worked out from the release that it was withheld from."""

from __future__ import annotations

import json
from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.agency_table import BY_AGENCY, TrueRow, by_agency, release_of_report
from linkage.cells import TrueRelease
from linkage.disclosure import CMS11, INTERNAL, Rule, SafeCount, SafeTable, release

sizes = st.one_of(st.integers(0, 14), st.integers(0, 400))
few = settings(max_examples=30)
Found = tuple[list[TrueRow], TrueRow]


@st.composite
def tables(draw: st.DrawFn) -> Found:
    """Rows, and a total as overlap leaves it: at least the largest row, at most the sum of all."""
    spread = st.integers(0, 9)
    found = [
        TrueRow(f"agency {place}", people, max(0, people - below), people + above)
        for place, (people, below, above) in enumerate(draw(st.lists(st.tuples(sizes, spread, spread), max_size=5)))
    ]
    people = draw(st.integers(max((r.people for r in found), default=0), sum(r.people for r in found)))
    low = draw(st.integers(max((r.low for r in found), default=0), sum(r.low for r in found)))
    return found, TrueRow("everybody", people, min(low, people), people + draw(st.integers(0, 30)), len(found))


def safe(found: Found, rule: Rule = CMS11) -> SafeTable:
    return release_of_report(*found, rule).table(BY_AGENCY)


def counts(table: SafeTable) -> Iterator[SafeCount]:
    for each in (*table.rows, table.total):
        yield from (each.people, each.low, each.high)
    yield table.duplicated


@few
@given(tables())
def test_no_count_from_1_to_10_appears_anywhere(found):
    table = safe(found)
    assert [count.value for count in counts(table) if count.value is not None and 0 < count.value < 11] == []
    shown = json.loads(json.dumps(table.to_json()))
    numbers = [each[name] for each in (*shown["rows"], shown["total"]) for name in ("people", "low", "high")]
    assert [n for n in (*numbers, shown["duplicated"]) if n is not None and 0 < n < 11] == []


@few
@given(tables())
def test_a_shown_number_is_the_true_one_rounded(found):
    true, total = found
    table = safe(found)
    for each, cell in zip((*true, total), (*table.rows, table.total), strict=True):
        assert cell.label == each.label
        for shown, count in ((cell.people, each.people), (cell.low, each.low), (cell.high, each.high)):
            assert shown.value in (None, CMS11.rounded(count))


@few
@given(tables())
def test_a_withheld_row_withholds_its_range_and_the_duplicated_sum(found):
    table = safe(found)
    hidden = [cell for cell in table.rows if cell.people.value is None]
    assert all(cell.low.value is None and cell.high.value is None for cell in hidden)
    assert not hidden or table.duplicated.value is None
    assert all((cell.low.value is None) == (cell.high.value is None) for cell in (*table.rows, table.total))


@few
@given(tables())
def test_a_small_row_is_withheld_and_what_is_withheld_is_said(found):
    table = safe(found)
    for each, cell in zip(found[0], table.rows, strict=True):
        assert cell.people.value is None or not 1 <= each.people <= 10
    hidden = any(cell.people.value is None for cell in (*table.rows, table.total))
    assert sum(note.startswith("*** stands for a count from 1 to 10") for note in table.notes) == hidden


@few
@given(tables())
def test_each_small_row_could_still_be_any_number_from_1_to_10(found):
    """Even told which rows are small, and that a total is at least its largest row and at most the sum of its rows."""
    table = safe(found)
    told = {row.label: (1, 10) for row in found[0] if 1 <= row.people <= 10}
    bounds = {}
    for row in table.rows:
        value = row.people.value
        shown = (0, 10_000) if value is None else CMS11.stands_for(value)
        bounds[row.label] = told.get(row.label, shown)
    if table.total.people.value is not None:
        least, most = CMS11.stands_for(table.total.people.value)
        for label in told:
            rest = [each for name, each in bounds.items() if name != label]
            assert max([0, *(low for low, _ in rest)]) <= most
            assert sum(high for _, high in rest) + 1 >= least, "it need not be more than 1"
            assert most >= 10, "it may be 10"


@few
@given(tables())
def test_the_internal_rule_shows_everything(found):
    true, total = found
    table = safe(found, INTERNAL)
    shown = [(cell.label, cell.people.value, cell.low.value, cell.high.value) for cell in (*table.rows, table.total)]
    assert shown == [(each.label, each.people, each.low, each.high) for each in (*true, total)]
    assert table.duplicated.value == sum(each.people for each in true)
    assert table.notes == ()


@few
@given(tables())
def test_the_notes_of_the_caller_come_first(found):
    table, bound = by_agency(*found, ("a note",))
    made = release(TrueRelease("run", (table,), tuple(bound)), CMS11, agencies=["a", "b"])
    assert made.tables[0].notes[0] == "a note"
