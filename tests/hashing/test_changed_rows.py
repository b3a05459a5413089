"""Changed rows behave as a list of them would, and nothing is copied or changed beneath them."""

from hypothesis import given
from hypothesis import strategies as st

from hashing.importers.changed_rows import ChangedRows, without_rows

grids = st.lists(st.lists(st.text(max_size=3), max_size=3), max_size=6)


@given(rows=grids, place=st.integers(-8, 8), cut=st.slices(6))
def test_they_are_read_as_a_list_is(rows, place, cut):
    changed = ChangedRows(rows, lambda at, row: [f"{at}", *row])
    plain = [[f"{at}", *row] for at, row in enumerate(rows)]
    assert list(changed) == plain
    assert len(changed) == len(plain)
    assert changed[cut] == plain[cut]
    assert _or_none(changed, place) == _or_none(plain, place)


def _or_none(rows, place):
    try:
        return rows[place]
    except IndexError:
        return None


@given(rows=grids, out=st.frozensets(st.integers(0, 7)))
def test_rows_that_are_left_out_are_empty_and_the_others_keep_their_place(rows, out):
    before = [list(row) for row in rows]
    assert list(without_rows(rows, out)) == [[] if at in out else row for at, row in enumerate(rows)]
    assert rows == before


def test_no_cell_shows_when_they_are_printed():
    assert repr(ChangedRows([["Ana"]], lambda _, row: row)) == "<1 rows>"
