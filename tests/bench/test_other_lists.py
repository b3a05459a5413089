"""Other lists are reproducible, and as unlike a town's as they are said to be."""

from __future__ import annotations

from collections import Counter
from statistics import mean

import pytest

from bench.other_lists import ListSpec, make_lists
from bench.schema import Town

CROWD = ListSpec(seed=71, kind="crowd", people=60, records=9)


def times(town: Town) -> list[int]:
    return list(Counter(record.person_id for record in town.records).values())


def test_the_same_spec_gives_the_same_lists():
    assert make_lists(CROWD) == make_lists(CROWD)


def test_another_seed_gives_other_people():
    assert make_lists(CROWD).people != make_lists(ListSpec(seed=72, kind="crowd", people=60, records=9)).people


def test_of_a_crowd_everybody_has_many_records_without_numbers():
    town = make_lists(CROWD)
    assert 6 < mean(times(town)) < 13
    assert not any(record.ssn for record in town.records)
    assert any(not record.dob for record in town.records)


def test_people_of_copies_live_apart_unless_families_are_asked_for():
    apart = make_lists(ListSpec(seed=73, people=80))
    together = make_lists(ListSpec(seed=73, people=80, families=True))
    assert len({person.household_id for person in apart.people}) == len(apart.people) == 80
    assert len({person.household_id for person in together.people}) < len(together.people) == 80


def test_two_lists_hold_somebody_once_each_at_most():
    town = make_lists(ListSpec(seed=74, people=80, lists=2, records=1.5))
    assert [agency.name for agency in town.agencies] == ["list_a", "list_b"]
    assert max(Counter((record.agency, record.person_id) for record in town.records).values()) == 1
    assert 1 < mean(times(town)) < 2


@pytest.mark.parametrize("records", [1.0, 1.3, 4.0])
def test_one_list_holds_people_as_often_as_asked_for(records):
    town = make_lists(ListSpec(seed=75, people=300, records=records))
    assert mean(times(town)) == pytest.approx(records, rel=0.15)
