"""Blocking keys: what two records of one person share although something was typed differently."""

from dataclasses import replace

import pytest
from hypothesis import given
from made_clients import CLIENTS

from hashing.addresses import Address
from hashing.batch import MOST_PHONES
from hashing.blocking_keys import FULL, LOOSE, MOST_KEYS, NEAR_UNIQUE, PARTS, blocking_keys
from hashing.clients import Client
from hashing.dates import BirthDate

KWAME = Client(
    "1",
    2,
    first=("kwame",),
    middle=("quinn",),
    last=("made",),
    birth=BirthDate(1984, 3, 27),
    ssn="512345678",
    ssn4="5678",
    phones=("3605550101",),
    address=Address("12", "imaginary", "4", "98382"),
)
BARE = Client("2", 3, first=("kwame",), last=("made",), birth=BirthDate(1984, 3, 27))


def shared(one: Client, other: Client, *, loose: bool = False) -> set[str]:
    return set(blocking_keys(one, loose=loose)) & set(blocking_keys(other, loose=loose))


def test_a_client_gives_known_keys_in_a_known_order():
    assert blocking_keys(BARE, loose=False) == [
        "bl|1984-3-27|MT",
        "bf|1984-3-27|KWM",
        "bi|1984-3-27|km",
        "nd|KWM+MT|3-27",
        "nm|KWM+MT|1984-3",
        "ne|KWM+MT|1984-27",
        "ny|KWM+MT|1984",
    ]
    assert blocking_keys(BARE, loose=True)[7:] == ["l|KWM+MT", "lb|1984-3-27"]


@pytest.mark.parametrize(
    "slip",
    [
        {"first": ("kwaame",)},
        {"last": ("maid",)},
        {"first": ("made",), "last": ("kwame",)},  # swapped
        {"birth": BirthDate(1984, 3, 28)},
        {"birth": BirthDate(1984, 4, 27)},
        {"birth": BirthDate(1948, 3, 27)},
        {"birth": BirthDate(1984)},
        {"birth": None},
        {"first": ("bo",)},
        {"last": ("married",)},
        {"last": ("made", "married")},
        {"last": ("married",), "former_lasts": (("made",),)},
        {"first": ("nickname",), "other_firsts": (("kwame",),)},
        {"ssn": "", "ssn4": "5678", "birth": None, "phones": ()},
        {"ssn": "512345679", "ssn4": "5679"},
        {"phones": ("3605559999",), "address": Address()},
        {"first": (), "last": ()},
    ],
)
def test_one_slip_leaves_a_key_in_common(slip):
    assert shared(KWAME, replace(KWAME, **slip))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"birth": BirthDate(1984, 3, 7)}, {"birth": BirthDate(1984, 7, 3)}),
        ({"first": ("bill",)}, {"first": ("william",)}),
        ({"last": ("garcia", "lopez")}, {"last": ("garcia",)}),
        ({"last": ("garcia", "lopez")}, {"last": ("lopez",)}),
        ({"last": ("garcia", "lopez")}, {"last": ("garcialopez",)}),
        ({"first": ("mary", "ann")}, {"first": ("mary",)}),
    ],
)
def test_two_ways_to_write_one_person_share_a_key_even_without_numbers(one, other):
    assert shared(replace(BARE, **one), replace(BARE, **other))


def test_strangers_share_no_near_unique_key():
    stranger = Client("9", 9, first=("bo",), last=("fict",), birth=BirthDate(1971, 2, 3), address=Address(zip="98382"))
    assert not shared(KWAME, stranger)


def test_people_who_share_only_a_name_meet_in_loose_keys_alone():
    namesake = Client("9", 9, first=("kwame",), last=("made",), birth=BirthDate(1950, 12, 1))
    assert shared(BARE, namesake) == set()
    assert shared(BARE, namesake, loose=True) == {"l|KWM+MT"}


@pytest.mark.parametrize(
    "known",
    [
        {},
        {"first": ("kwame",)},
        {"last": ("made",)},
        {"birth": BirthDate(1984, 3, 27)},
        {"address": Address(zip="98382")},
        {"ssn4": "5678"},
        {"first": ("kwame",), "last": ("made",)},
    ],
)
def test_too_little_gives_no_key(known):
    assert blocking_keys(Client("1", 2, **known), loose=False) == []


@given(one=CLIENTS)
def test_keys_are_distinct_stable_and_never_too_many(one):
    for loose in (False, True):
        keys = blocking_keys(one, loose=loose)
        assert keys == blocking_keys(one, loose=loose)
        assert len(set(keys)) == len(keys) <= MOST_KEYS


IDENTIFIERS = {"birth": "birth", "zip": "ZIP", "ssn": "SSN", "ssn4": "SSN", "initial": "middle name"}
IDENTIFIERS |= dict.fromkeys((FULL, "root", "last", "initials"), "name")
IDENTIFIERS |= dict.fromkeys(("month and day", "year and month", "year and day", "year"), "birth")
IDENTIFIERS |= dict.fromkeys(("number", "street", "unit"), "address")
IDENTIFIERS |= {f"phone{nth}": "telephone" for nth in range(MOST_PHONES)}


@pytest.mark.parametrize("key", NEAR_UNIQUE, ids=lambda key: " ".join((key.tag, *key.parts)))
def test_every_near_unique_key_joins_two_identifiers_but_the_ssn(key):
    assert len({IDENTIFIERS[part] for part in key.parts}) == (1 if key.tag == "s" else 2)


def test_a_key_never_joins_two_values_of_one_role_which_could_cancel_each_other():
    for key in NEAR_UNIQUE + LOOSE:
        roles = ["name" if part == FULL else PARTS[part].role for part in key.parts]
        assert len(set(roles)) == len(roles)
        assert "kind" not in roles


@given(one=CLIENTS)
def test_every_key_has_a_value_for_each_of_its_parts(one):
    shapes = {(key.tag, len(key.parts)) for key in NEAR_UNIQUE + LOOSE}
    for key in blocking_keys(one, loose=True):
        tag, *values = key.split("|")
        assert all(values)
        assert (tag, len(values)) in shapes


@given(one=CLIENTS)
def test_loose_keys_only_add(one):
    near_unique, all_keys = blocking_keys(one, loose=False), blocking_keys(one, loose=True)
    assert all_keys[: len(near_unique)] == near_unique


def test_a_client_of_many_names_gives_the_most_keys_and_no_more():
    many = tuple((f"{a}{b}zo",) for a in "bcdfg" for b in "aeiou")
    others = tuple((f"{a}{b}mer",) for a in "bcdfg" for b in "aeiou")
    rich = replace(KWAME, other_firsts=many, former_lasts=others, phones=tuple(f"36055501{n:02}" for n in range(9)))
    whole = blocking_keys(rich, loose=True)
    assert len(whole) == MOST_KEYS
    assert blocking_keys(rich, loose=True, most=64) == whole[:64]


def test_a_key_that_comes_twice_is_told_once_and_counts_twice():
    twice = replace(BARE, last=("kwame",), phones=("3605550101",))  # its root and its surname sound alike
    keys = blocking_keys(twice, loose=False)
    place = keys.index("wp|3605550101|KWM")
    assert keys.count("wp|3605550101|KWM") == 1
    assert blocking_keys(twice, loose=False, most=place + 1) == blocking_keys(twice, loose=False, most=place + 2)
