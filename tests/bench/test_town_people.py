"""The people of a town are of every awkward kind: twins, juniors, roommates, people without a home."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.dice import Dice, Weighted
from bench.population import TODAY, ssn_of_person
from bench.schema import TownSpec
from bench.towns import make_town


@pytest.fixture(scope="module")
def town():
    return make_town(TownSpec(12))


@pytest.fixture(scope="module")
def households(town):
    members = defaultdict(list)
    for person in town.people:
        members[person.household_id].append(person)
    return list(members.values())


def test_households_are_small_and_share_a_home(households):
    sizes = Counter(map(len, households))
    assert 0.35 < sizes[1] / len(households) < 0.65
    assert max(sizes) >= 5
    assert all(len({p.home for p in members}) == 1 for members in households)


def test_some_children_are_twins_with_names_of_their_own(households):
    same_day = [
        (one, other)
        for members in households
        for place, one in enumerate(members)
        for other in members[place + 1 :]
        if one.born == other.born
    ]
    assert 5 <= len(same_day) <= 80
    assert all(one.name.first != other.name.first for one, other in same_day)
    assert sum(one.name.last == other.name.last for one, other in same_day) >= 5
    assert any(one.name.first[0] == other.name.first[0] for one, other in same_day)


def test_siblings_are_born_the_same_day_or_most_of_a_year_apart(households):
    for members in households:
        young = sorted(p.born for p in members if p.born > TODAY - timedelta(days=17 * 365))
        gaps = [(later - earlier).days for earlier, later in pairwise(young)]
        assert all(gap == 0 or gap > 200 for gap in gaps)


def test_some_sons_bear_their_fathers_name(households):
    pairs = [
        [p for p in members if (p.name.first, p.name.last) == name]
        for members in households
        for name, count in Counter((p.name.first, p.name.last) for p in members).items()
        if count == 2
    ]
    assert 20 <= len(pairs) <= 160
    told_apart = [pair for pair in pairs if pair[0].name.suffix != pair[1].name.suffix]
    assert len(told_apart) >= 20
    assert {p.name.suffix for pair in told_apart for p in pair} >= {"Jr", "Sr"}
    assert all(abs(a.born - b.born) > timedelta(days=6000) for a, b in told_apart)


def test_strangers_share_names(town):
    houses = defaultdict(set)
    for person in town.people:
        houses[person.name.first, person.name.last].add(person.household_id)
    assert sum(len(shared) > 1 for shared in houses.values()) >= 10


def test_many_share_a_large_building_and_hundreds_of_records_a_shelter(town):
    buildings = Counter((p.home.number, p.home.street) for p in town.people if p.home.unit)
    assert buildings.most_common(1)[0][1] > 40
    assert 0.15 < buildings.total() / len(town.people) < 0.5
    sheltered = [r for r in town.records if "shelter_address" in r.tags]
    assert len(sheltered) > 100
    assert len({r.address.split()[0] for r in sheltered}) < 25
    assert any(r.address == "TRANSIENT" for r in town.records)


def test_couples_and_children_share_telephones(town):
    phones = Counter(p.phone for p in town.people if p.phone)
    assert 0.2 < sum(n for n in phones.values() if n > 1) / len(town.people) < 0.7


def test_people_marry_go_by_other_names_and_move(town):
    share = {
        "goes_by": sum(bool(p.name.goes_by) for p in town.people),
        "prior_last": sum(bool(p.name.prior_last) for p in town.people),
        "moved": sum(p.former_home != p.home for p in town.people),
        "no ssn": sum(not p.ssn for p in town.people),
    }
    assert all(0.02 < count / len(town.people) < 0.55 for count in share.values())


def test_everyone_is_born_and_nobody_is_ancient(town):
    assert all(date(1925, 1, 1) < p.born < TODAY for p in town.people)


@given(seed=st.integers(0, 10_000), place=st.integers(0, 59_999))
def test_ssns_are_of_numbers_that_are_given_out(seed, place):
    ssn = ssn_of_person(seed, place)
    assert len(ssn) == 9
    assert ssn[:3] not in {"000", "666"}
    assert "000" < ssn[:3] < "900"
    assert ssn[3:5] != "00"
    assert ssn[5:] != "0000"


@given(
    one=st.tuples(st.integers(0, 10_000), st.integers(0, 59_999)),
    other=st.tuples(st.integers(0, 10_000), st.integers(0, 59_999)),
)
def test_no_two_people_of_any_towns_share_an_ssn(one, other):
    assert (ssn_of_person(*one) == ssn_of_person(*other)) == (one == other)


def test_every_tag_of_trouble_occurs(town):
    found = Counter(tag for record in town.records for tag in record.tags)
    assert set(found) >= {
        "addr_missing", "city_typo", "dob_digit", "dob_jan1", "dob_missing", "dob_transposed", "dob_year",
        "first_initial", "middle_as_first", "nickname", "old_address", "old_phone", "phone_digit", "prior_surname",
        "shelter_address", "ssn_digit", "ssn_partial", "ssn_placeholder", "ssn_transposed", "suffix_dropped",
        "surname_first_part", "surname_joined", "surname_sep", "swapped_names", "transient", "typo_address",
        "typo_first", "typo_last", "unit_dropped", "zip_wrong",
    }  # fmt: skip


def test_dice_with_one_key_always_fall_alike():
    assert [Dice(1, 2).below(1000) for _ in range(3)] == [Dice(1, 2).below(1000)] * 3
    assert Dice(1, 2).below(10**9) != Dice(1, 3).below(10**9)


def test_draws_follow_the_weights():
    dice, weighted = Dice(5), Weighted.of("abc", (1, 0, 3))
    found = Counter(dice.draw(weighted) for _ in range(4000))
    assert 850 < found["a"] < 1150
    assert found["b"] == 0
    assert weighted.weights() == [1, 0, 3]


@given(st.lists(st.integers()), st.integers(0, 2**32))
def test_shuffling_keeps_everything(items, key):
    assert sorted(Dice(key).shuffled(items)) == sorted(items)
