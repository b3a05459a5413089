"""Tokens: each identifier through one lens, with what only the plaintext knows put in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_clients import CLIENTS

from hashing.addresses import Address
from hashing.clients import Client
from hashing.dates import BirthDate
from hashing.tokens import GROUPS, MAX_ROOTS, first_names, last_names, phonetic, qgrams, roots


def client(**known: object) -> Client:
    return Client("1", 2, **known)


def tokens(group: str, **known: object) -> list[str]:
    return GROUPS[group](client(**known))


@pytest.mark.parametrize(
    ("group", "known", "expected"),
    [
        ("first", {"first": ("ana",)}, "n:_a n:an n:na n:a_"),
        ("first", {"first": ("mary", "ann")}, "n:_m n:ma n:ar n:ry n:ya n:an n:nn n:n_"),
        ("root", {"first": ("bob",)}, "r:bert r:bob r:bobby r:robert"),
        ("root", {"first": ("zoe",), "other_firsts": (("lupe",),)}, "r:guadalupe r:lupe r:zoe"),
        ("middle", {"middle": ("quinn", "r")}, "m:q"),
        ("last", {"last": ("li",)}, "n:_l n:li n:i_"),
        ("last", {"last": ("li", "li")}, "n:_l n:li n:i_"),
        ("surnames", {"last": ("garcia", "lopez")}, "l:garcialopez l:garcia l:lopez"),
        ("surnames", {"last": ("de", "cruz")}, "l:decruz l:cruz"),
        ("surnames", {"last": ("made",), "former_lasts": (("fict",),)}, "l:made l:fict"),
        ("suffix", {"suffix": "jr"}, "x:jr"),
        ("birth", {"birth": BirthDate(1984)}, "d:y1984 d:c84 d:t198"),
        (
            "birth",
            {"birth": BirthDate(1984, 3, 27)},
            "d:y1984 d:c84 d:t198 d:p08 d:p14 d:p20 d:p33 d:m3 d:p42 d:p57 d:e27 d:u3-27 d:w19840327",
        ),
        (
            "ssn",
            {"ssn": "512345678"},
            "s:p05 s:p11 s:p22 s:p33 s:g51 s:g12 s:g23 s:p44 s:p55 s:p66 s:g34 s:g45 s:g56 s:p77 s:p88 s:g67 s:g78",
        ),
        ("ssn4", {"ssn4": "5678"}, "f:w5678 f:p05 f:p16 f:p27 f:p38"),
        ("phone", {"phones": ("3605550101",)}, "p:w3605550101 p:g55 p:g50 p:g01 p:g10"),
        ("address", {"address": Address("12", "elm", "4")}, "a:h12 a:b12 elm a:_e a:el a:lm a:m_"),
        ("unit", {"address": Address("12", "elm", "4b")}, "u:4b"),
        ("zip", {"address": Address(zip="98382")}, "z:98382 z:983 z:p09 z:p18 z:p23 z:p38 z:p42"),
    ],
)
def test_each_group_gives_known_tokens(group, known, expected):
    found = tokens(group, **known)
    assert " ".join(found) == expected


@pytest.mark.parametrize("group", GROUPS)
def test_a_missing_value_gives_no_token(group):
    assert tokens(group) == []


def test_an_address_without_a_house_number_gives_no_token():
    assert tokens("address", address=Address(street="imaginary")) == []


@given(one=CLIENTS)
def test_every_token_carries_its_groups_tag_so_that_groups_cannot_meet(one):
    tags = {group: {token.split(":")[0] for token in make(one)} for group, make in GROUPS.items()}
    assert all(len(found) <= 1 for found in tags.values())
    seen = [next(iter(found)) for group, found in tags.items() if found and group != "last"]  # first and last may meet
    assert len(set(seen)) == len(seen)


@given(one=CLIENTS)
def test_tokens_depend_on_nothing_but_the_client(one):
    again = Client(**{name: getattr(one, name) for name in Client.__slots__})
    assert all(make(one) == make(again) for make in GROUPS.values())


def test_a_nickname_stands_beside_the_names_that_it_may_stand_for():
    assert set(roots("bill")) >= {"bill", "william"}
    assert roots("zoe") == ("zoe",)


@pytest.mark.parametrize("name", ["bill", "liz", "pepe", "lupe", "al", "jo", "chris"])
def test_a_name_of_too_many_roots_stands_for_itself_alone(name):
    assert roots(name)[0] == name
    assert len(roots(name)) <= MAX_ROOTS + 1


def test_swapped_first_and_last_names_share_their_bigrams():
    straight, swapped = client(first=("ana",), last=("made",)), client(first=("made",), last=("ana",))
    both = [set(GROUPS["first"](one) + GROUPS["last"](one)) for one in (straight, swapped)]
    assert both[0] == both[1]


def test_twins_share_all_but_their_names():
    twins = [client(first=(name,), last=("made",), birth=BirthDate(2015, 5, 6)) for name in ("ana", "eva")]
    assert GROUPS["birth"](twins[0]) == GROUPS["birth"](twins[1])
    assert GROUPS["surnames"](twins[0]) == GROUPS["surnames"](twins[1])
    assert GROUPS["root"](twins[0]) != GROUPS["root"](twins[1])
    assert GROUPS["first"](twins[0]) != GROUPS["first"](twins[1])


def test_a_swapped_day_and_month_share_a_token():
    shared = set(tokens("birth", birth=BirthDate(1984, 3, 7))) & set(tokens("birth", birth=BirthDate(1984, 7, 3)))
    assert "d:u3-7" in shared


@pytest.mark.parametrize(("one", "other"), [("smith", "smyth"), ("catherine", "katherine"), ("jon", "john")])
def test_names_that_sound_alike_are_one_sound(one, other):
    assert phonetic(one) == phonetic(other)


@given(name=st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=12))
def test_every_name_sounds_like_something(name):
    assert phonetic(name)
    assert " " not in phonetic(name)


@given(text=st.text("abc", min_size=1, max_size=12), q=st.integers(1, 3))
def test_q_grams_are_distinct_and_as_many_as_the_text_is_long(text, q):
    grams = qgrams(text, q)
    assert len(set(grams)) == len(grams) == len(text) + q - 1


@given(one=CLIENTS)
def test_forms_of_a_name_are_distinct_and_none_is_empty(one):
    for forms in (first_names(one), last_names(one)):
        assert len(set(forms)) == len(forms)
        assert all(forms)
