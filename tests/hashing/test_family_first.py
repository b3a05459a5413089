"""Korean and Vietnamese names meet however they were typed, and no other name is touched."""

import csv
from importlib.resources import files

import pytest
from client_lists import export, told

from hashing.clients import Client
from hashing.family_first import part_family_first, settled
from hashing.given_names import given_names
from hashing.korean import family_names, given_syllables, part_hangul, usual_given
from hashing.name_words import BEHIND_O, JOINED_PARTICLES, NOT_A_NAME, SURNAMES_ALSO_VIETNAMESE, VIETNAMESE_SURNAMES
from hashing.normalise import name_parts


def settle(first, middle, last):
    return settled(Client("1", 1, first=name_parts(first), middle=name_parts(middle), last=name_parts(last)))


def shown(client):
    return " ".join(client.first), " ".join(client.middle), " ".join(client.last)


@pytest.mark.parametrize(
    ("first", "middle", "last"),
    [
        ("Min Jun", "", "Lee"), ("Min-jun", "", "Lee"), ("Minjun", "", "Lee"), ("Min", "Jun", "Lee"),
        ("MIN JOON", "", "YI"), ("Minjoon", "", "Rhee"), ("민준", "", "이"), ("Lee", "", "Min Jun"),
    ],
)  # fmt: skip
def test_one_korean_name_typed_in_many_ways_is_one_name(first, middle, last):
    assert shown(settle(first, middle, last)) == ("min jun", "", "lee")


@pytest.mark.parametrize(
    ("typed", "usual"),
    [
        ("Gim", "kim"), ("Kim", "kim"), ("Yi", "lee"), ("Rhee", "lee"), ("I", "lee"), ("Bak", "park"), ("Pak", "park"),
        ("Choe", "choi"), ("Jeong", "jung"), ("Chung", "jung"), ("Gang", "kang"), ("Im", "lim"), ("Sin", "shin"),
    ],
)  # fmt: skip
def test_a_korean_family_name_has_one_usual_spelling_and_keeps_the_typed_one(typed, usual):
    found = settle("Min-jun", "", typed)
    assert found.last == (usual,)
    assert found.former_lasts == (() if typed.lower() == usual else ((typed.lower(),),))


def test_a_given_name_respelled_keeps_the_typed_one():
    found = settle("Hyunjoon", "", "Park")
    assert (found.first, found.other_firsts) == (("hyun", "jun"), (("hyunjoon",),))


@pytest.mark.parametrize(
    ("first", "middle", "last"),
    [
        ("Minh", "Van", "Nguyen"), ("Van Minh", "", "Nguyen"), ("Minh", "", "Van Nguyen"), ("Nguyen", "", "Van Minh"),
        ("Minh Văn", "", "Nguyễn"), ("VAN MINH", "", "NGUYEN"),
    ],
)  # fmt: skip
def test_one_vietnamese_name_typed_in_many_ways_is_one_name(first, middle, last):
    assert shown(settle(first, middle, last)) == ("minh", "van", "nguyen")


def test_thi_is_no_name_of_its_own_but_van_may_be():
    assert shown(settle("Thi", "Hoa", "Tran")) == ("hoa", "thi", "tran")
    assert shown(settle("Van", "Minh", "Tran")) == ("van", "minh", "tran")
    assert settle("Van", "Minh", "Tran").other_firsts == (("minh",),)
    assert shown(settle("Van", "", "Tran")) == ("van", "", "tran")


@pytest.mark.parametrize(
    ("first", "middle", "last"),
    [
        ("Susan", "", "Lee"), ("Young", "", "Kim"), ("Juan", "", "Song"), ("Kim", "", "Duran"), ("John", "Min", "Kim"),
        ("David", "Van", "Lee"), ("Ludwig", "", "van der Berg"), ("Van", "", "Morrison"), ("Ana", "Two Moons", "Begay"),
        ("Ho", "", "Chi Madeup"), ("Jin", "A", "Park"), ("Dana", "", "Oh"), ("", "", "Kim"), ("Min Jun", "", ""),
    ],
)  # fmt: skip
def test_names_that_lack_either_half_of_a_custom_stay_as_they_are(first, middle, last):
    client = Client("1", 1, first=name_parts(first), middle=name_parts(middle), last=name_parts(last))
    assert shown(settled(client)) == shown(client)
    assert settled(client).former_lasts == ()


@pytest.mark.parametrize(("one", "other"), [("Ji-hyun", "Ji-hoon"), ("Min-ji", "Min-jun"), ("Su-jin", "Sun-jin")])
def test_twins_are_told_apart(one, other):
    assert settle(one, "", "Kim").first != settle(other, "", "Kim").first


@pytest.mark.parametrize(
    ("words", "parted"),
    [
        (["Le", "Van", "Tran"], ("Le", "Van", "Tran")),  # Tran is surely a family name, Le perhaps
        (["Nguyen", "Van", "Tran"], None),  # either might be
        (["Kim", "Lee"], None),
        (["Min", "Jin", "Ha"], None),
        (["Maria"], None),
        (["김"], None),
    ],
)
def test_what_could_be_read_both_ways_follows_its_column(words, parted):
    assert part_family_first(words) == parted


@pytest.mark.parametrize(
    ("text", "parted"),
    [
        ("김민준", ("김", "민준")),
        ("이준", ("이", "준")),
        ("황보관", ("황보", "관")),
        ("쿠키", None),
        ("Kim", None),
        ("", None),
    ],
)
def test_hangul_is_parted_behind_the_family_name(text, parted):
    assert part_hangul(text) == parted


def test_a_given_name_that_could_be_split_at_two_places_is_left():
    assert usual_given(("suna",)) is None
    assert usual_given(("minjun",)) == ("min", "jun")
    assert usual_given(("min", "a")) is None


def test_the_lists_of_names_are_written_as_names_are_compared():
    latin = [name for name in (*family_names(), *given_syllables()) if name.isascii()]
    for name in (*latin, *BEHIND_O, *VIETNAMESE_SURNAMES, *SURNAMES_ALSO_VIETNAMESE, *given_names()):
        assert name_parts(name) == (name,)
    assert not {*latin, *BEHIND_O, *JOINED_PARTICLES, *VIETNAMESE_SURNAMES} & NOT_A_NAME


def test_no_spelling_stands_for_two_korean_names():
    text = files("hashing").joinpath("data/korean_names.csv").read_text("utf-8")
    for kind in ("family", "given"):
        rows = [row for row in csv.DictReader(text.splitlines()) if row["kind"] == kind]
        typed = [name for row in rows for name in (row["usual"], *row["hangul"].split(), *row["other"].split())]
        assert len(typed) == len(set(typed))


def test_a_list_with_names_in_one_cell_is_read_so(tmp_path):
    text = (
        "ID|Name|DOB\n1|Kim Min Jun|1990-05-06\n2|Minjun Gim|1990-05-06\n3|김민준|1990-05-06\n"
        "4|NGUYEN VAN MINH|1990-05-06\n5|Minh Van Nguyen|1990-05-06\n6|Mary Smith née Jones|1990-05-06"
    )
    found = told(export(tmp_path, c=text).clients, "first", "middle", "last")
    assert found[0] == found[1] == found[2] == ("min jun", "", "kim")
    assert found[3] == found[4] == ("minh", "van", "nguyen")
    assert found[5] == ("mary", "", "smith")
