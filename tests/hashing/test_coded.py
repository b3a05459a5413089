"""Columns of distinct values do what a list of cells would do, and call a function once a value."""

import pickle

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hashing.coded import Coded, Vocabulary, joined

CELLS = st.lists(st.sampled_from(["", "a", "b", "c", "aa", "ł"]), max_size=12)


def doubled(text: str) -> str:
    return text * 2


def is_long(text: str) -> bool:
    return len(text) > 1


@given(cells=CELLS)
def test_a_column_gives_its_cells_back(cells):
    column = Coded.of(cells)
    assert column.cells() == cells
    assert len(column) == len(cells)
    assert len(column.vocabulary) == len(set(cells))


@given(cells=CELLS, data=st.data())
def test_rows_are_taken_as_from_a_list(cells, data):
    rows = data.draw(st.lists(st.integers(0, len(cells) - 1), max_size=8)) if cells else []
    assert Coded.of(cells).take(np.array(rows, dtype=np.intp)).cells() == [cells[row] for row in rows]


@given(cells=CELLS)
def test_a_function_of_a_column_is_that_of_each_cell(cells):
    column = Coded.of(cells)
    assert column.map(doubled).cells() == [doubled(cell) for cell in cells]
    assert column.map(len).map(bool).cells() == [bool(cell) for cell in cells]
    assert column.holds(is_long).tolist() == [is_long(cell) for cell in cells]


@given(cells=CELLS)
def test_a_function_is_called_once_a_distinct_value_however_often_it_is_asked_for(cells):
    called: list[str] = []

    def noted(text: str) -> str:
        called.append(text)
        return text

    column = Coded.of(cells + cells)
    for _ in range(2):
        column.map(noted)
        column.take(np.arange(len(cells))).map(noted)
    assert sorted(called) == sorted(set(cells))


@given(first=CELLS, more=CELLS)
def test_a_vocabulary_that_grows_keeps_its_places_and_makes_only_what_is_new(first, more):
    called: list[str] = []

    def noted(text: str) -> str:
        called.append(text)
        return doubled(text)

    vocabulary: Vocabulary[str] = Vocabulary()
    before = Coded(vocabulary, vocabulary.numbered(first))
    made = before.map(noted)
    after = Coded(vocabulary, vocabulary.numbered(more))
    assert before.cells() == first
    assert made.cells() == [doubled(cell) for cell in first]
    assert after.map(noted).cells() == [doubled(cell) for cell in more]
    assert sorted(called) == sorted(set(first + more))


@given(cells=CELLS, data=st.data())
def test_where_keeps_some_rows_and_replaces_the_others(cells, data):
    kept = data.draw(st.lists(st.booleans(), min_size=len(cells), max_size=len(cells)))
    column = Coded.of(cells)
    found = column.where(np.array(kept, dtype=np.bool_), "none")
    assert found.cells() == [cell if keep else "none" for cell, keep in zip(cells, kept, strict=True)]
    assert column.cells() == cells


@given(parts=st.lists(CELLS, min_size=1, max_size=4), shared=st.booleans())
def test_columns_are_joined_below_one_another_whatever_their_vocabularies(parts, shared):
    vocabulary: Vocabulary[str] = Vocabulary()
    columns = [Coded(vocabulary, vocabulary.numbered(cells)) if shared else Coded.of(cells) for cells in parts]
    assert joined(columns).cells() == [cell for cells in parts for cell in cells]


@given(rows=st.integers(0, 5))
def test_a_constant_column_holds_one_value(rows):
    assert Coded.constant("x", rows).cells() == ["x"] * rows


@given(cells=CELLS)
def test_another_process_gets_the_values_in_their_places(cells):
    vocabulary = Coded.of(cells).vocabulary
    again = pickle.loads(pickle.dumps(vocabulary))
    assert again.values == vocabulary.values
    assert again.numbered(cells).tolist() == vocabulary.numbered(cells).tolist()


def test_neither_a_column_nor_a_vocabulary_shows_its_values():
    column = Coded.of(["kwame"])
    assert "kwame" not in repr(column) + repr(column.vocabulary) + str(column.vocabulary)
