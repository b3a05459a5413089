"""A person keeps one pseudonym from run to run; merges, splits and departures are told, and no name is used again."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_files import card, header, row, write_card, write_file

from linkage.errors import RunError
from linkage.history import NONE, Earlier, Named, name_people
from linkage.run import Wishes, link

ROWS = "abcdefgh"


def named(groups: Mapping[str, int], earlier: Earlier = NONE) -> Named:
    """Name the groups of some of the rows."""
    rows = sorted(groups)
    smallest = [min(place for place, other in enumerate(rows) if groups[other] == groups[one]) for one in rows]
    return name_people(np.array(smallest), pa.array(["ymca"] * len(rows)), pa.array(rows), earlier)


def after(groups: Mapping[str, int], found: Named) -> Earlier:
    people = zip(sorted(groups), found.people.to_pylist(), strict=True)
    return Earlier({("ymca", name): person for name, person in people}, list(found.changes))


def names(groups: Mapping[str, int], found: Named) -> dict[str, str]:
    return dict(zip(sorted(groups), found.people.to_pylist(), strict=True))


def run_of(*steps: Mapping[str, int]) -> tuple[list[dict[str, str]], Sequence[tuple[str, str, str]]]:
    """The names of each step's rows, and the history at the end."""
    told, earlier = [], NONE
    for groups in steps:
        found = named(groups, earlier)
        told.append(names(groups, found))
        earlier = after(groups, found)
    return told, earlier.changes


def test_names_are_sixteen_letters_and_digits_and_depend_on_the_rows_alone():
    found = named({"a": 0, "b": 1, "c": 0})
    again = named({"b": 7, "c": 3, "a": 3})
    assert found.people.to_pylist() == again.people.to_pylist()
    assert all(re.fullmatch(r"[a-z2-7]{16}", name) for name in found.people.to_pylist())
    assert found.people[0] == found.people[2] != found.people[1]
    assert not found.changes


def test_a_new_row_before_all_others_does_not_rename_a_person():
    (first, then), changes = run_of({"b": 0, "c": 0}, {"a": 0, "b": 0, "c": 0})
    assert set(then.values()) == {first["b"]}
    assert not changes


def test_of_two_that_become_one_the_larger_keeps_its_name():
    (first, then), changes = run_of({"a": 0, "b": 1, "c": 1}, {"a": 0, "b": 0, "c": 0})
    assert set(then.values()) == {first["b"]}
    assert changes == [("merged", first["a"], first["b"])]


def test_of_one_that_becomes_two_the_larger_part_keeps_the_name_and_the_other_gets_a_new_one():
    (first, then), changes = run_of({"a": 0, "b": 0, "c": 0}, {"a": 0, "b": 1, "c": 1})
    assert then["b"] == then["c"] == first["a"]
    assert then["a"] != first["a"]
    assert changes == [("split", first["a"], then["a"])]


def test_a_name_that_was_given_up_is_never_given_again():
    """a was merged into b and c and comes back alone: it is told apart from who it was, since nobody can know."""
    (first, _, last), changes = run_of({"a": 0, "b": 1, "c": 1}, {"a": 0, "b": 0, "c": 0}, {"a": 0, "b": 1, "c": 1})
    assert last["b"] == first["b"]
    assert last["a"] not in first.values()
    assert changes == [("merged", first["a"], first["b"]), ("split", first["b"], last["a"])]


def test_a_person_whose_rows_are_gone_is_told():
    (first, then), changes = run_of({"a": 0, "b": 1}, {"b": 1})
    assert then == {"b": first["b"]}
    assert changes == [("gone", first["a"], "")]


groupings = st.dictionaries(st.sampled_from(ROWS), st.integers(0, 3), min_size=1)


@settings(deadline=None)
@given(st.lists(groupings, min_size=1, max_size=5))
def test_laws_of_names(steps):
    """Groups and names go together; a name held by whoever held most of its rows; retired names stay retired."""
    told, changes = run_of(*steps)
    retired: set[str] = set()
    for number, (groups, found) in enumerate(zip(steps, told, strict=True)):
        assert (
            len(set(found.values()))
            == len(set(groups.values()))
            == len(set(zip(groups.values(), map(found.get, groups), strict=True)))
        )
        assert not retired & set(found.values())
        if number:
            before = told[number - 1]
            retired |= set(before.values()) - set(found.values())
            unchanged = [
                g
                for g in set(groups.values())
                if _rows(groups, g) in [_rows(steps[number - 1], o) for o in set(steps[number - 1].values())]
            ]
            for group in unchanged:
                one = min(_rows(groups, group))
                assert found[one] == before[one]
    assert {earlier for kind, earlier, _ in changes if kind != "split"} == retired


def _rows(groups: Mapping[str, int], group: int) -> frozenset[str]:
    return frozenset(name for name, own in groups.items() if own == group)


def test_a_later_run_keeps_the_names_of_an_earlier_one(tmp_path):
    model = write_card(tmp_path / "card.json", card())
    may = [write_file(tmp_path / "may", header("ymca"), [row("y1", 1), row("y2", 2)])]
    june = [*may, write_file(tmp_path / "june", header("clinic"), [row("c1", 1), row("c3", 3)])]
    link(may, tmp_path / "first", model=model)
    link(june, tmp_path / "then", model=model, wishes=Wishes(previous=tmp_path / "first"))
    link(june, tmp_path / "alone", model=model)
    first, then, alone = (
        {line["row"]: line["person"] for line in pc.read_csv(tmp_path / run / "people.csv").to_pylist()}
        for run in ("first", "then", "alone")
    )
    assert {row: then[row] for row in first} == first
    assert _parts(then) == _parts(alone)


def _parts(people: Mapping[str, str]) -> set[frozenset[str]]:
    return {frozenset(row for row, own in people.items() if own == person) for person in people.values()}


def test_an_earlier_run_that_is_none_is_refused_before_anything_is_written(tmp_path):
    files = [write_file(tmp_path, header("ymca"), [row("y1", 1)])]
    with pytest.raises(RunError, match="nowhere: this is not the folder of a run"):
        link(
            files,
            tmp_path / "run",
            model=write_card(tmp_path / "card.json", card()),
            wishes=Wishes(previous=tmp_path / "nowhere"),
        )
    assert not (tmp_path / "run").exists()
