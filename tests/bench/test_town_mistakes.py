"""Mistakes stay believable: one slip at a time, and dates that exist."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.dice import Dice
from bench.families import FamilyName, plain
from bench.heritage import Heritage
from bench.mistakes import (
    day_and_month_swapped,
    january_first,
    transposed_digits,
    typo,
    wrong_day_or_month,
    wrong_digit,
    wrong_year,
)

dice = st.builds(Dice, st.integers(0, 2**32))
words = st.text("abcdefghijklmnopqrstuvwxyz", min_size=3, max_size=14).map(str.title)
digits = st.text("0123456789", min_size=4, max_size=10)
births = st.dates(date(1925, 1, 1), date(2023, 12, 31))


def _edits(one: str, other: str) -> int:
    """Levenshtein distance, the slow and obvious way."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        row, last = [i], row
        for j, b in enumerate(other, 1):
            row.append(min(last[j] + 1, row[-1] + 1, last[j - 1] + (a != b)))
    return row[-1]


@given(words, dice)
def test_a_typo_is_one_small_slip(word, dice):
    wrong = typo(word, dice)
    assert _edits(word.lower(), wrong.lower()) <= 3
    assert len(wrong) > 1


def test_most_typos_are_of_one_or_two_letters_and_of_many_kinds():
    dice = Dice(1)
    wrong = [typo("Hernandez", dice) for _ in range(500)]
    assert "Hernandez" not in wrong
    assert sum(_edits("Hernandez", w) <= 2 for w in wrong) == 500
    assert len(set(wrong)) > 80
    assert {"Hernandes", "Hernnadez", "Herrnandez"} <= set(wrong)


@pytest.mark.parametrize(("word", "cased"), [("SMITH", str.upper), ("Smith", str.capitalize), ("smith", str.lower)])
def test_a_typo_keeps_the_capitals(word, cased):
    wrong = [typo(word, Dice(key)) for key in range(60)]
    assert wrong == [cased(w) for w in wrong]


def test_a_typo_keeps_the_capitals_of_each_part():
    assert all(typo("De La Cruz", Dice(key)).split()[-1][:1].isupper() for key in range(60))


@pytest.mark.parametrize("word", ["", "X"])
def test_a_single_letter_is_not_misspelled(word):
    assert typo(word, Dice(3)) == word


@given(digits, dice)
def test_one_digit_goes_wrong(number, dice):
    wrong = wrong_digit(number, dice)
    assert sum(a != b for a, b in zip(number, wrong, strict=True)) == 1


@given(digits, dice)
def test_neighbouring_digits_change_places(number, dice):
    wrong = transposed_digits(number, dice)
    assert sorted(wrong) == sorted(number)
    assert (wrong == number) == (len(set(number)) == 1)


@given(births, dice)
def test_wrong_birth_dates_are_dates_of_living_people(born, dice):
    for change in (january_first, day_and_month_swapped, wrong_day_or_month, wrong_year):
        assert 1900 <= change(born, dice).year <= 2024


@given(births, dice)
def test_an_unknown_day_becomes_new_year(born, dice):
    wrong = january_first(born, dice)
    assert (wrong.month, wrong.day) == (1, 1)
    assert abs(wrong.year - born.year) <= 1


@given(births, dice)
def test_a_wrong_year_keeps_the_day(born, dice):
    wrong = wrong_year(born, dice)
    assert (wrong.month, wrong.day) == (born.month, born.day)


def test_the_usual_years_are_off_by_one_or_ten():
    born, dice = date(1961, 4, 7), Dice(2)
    assert {wrong_year(born, dice).year for _ in range(200)} == {1960, 1962, 1951, 1971, 1916}


def test_day_and_month_change_places():
    wrong = {day_and_month_swapped(date(1984, 3, 12), Dice(key)) for key in range(40)}
    assert wrong == {date(1984, 12, 3), date(1984, 3, 21)}


@pytest.mark.parametrize(
    ("surname", "sex", "expected"),
    [
        ("Ivanov", "F", "Ivanova"), ("Ivanov", "M", "Ivanov"), ("Kowalski", "F", "Kowalska"),
        ("Zhukovsky", "F", "Zhukovskaya"), ("Shevchenko", "F", "Shevchenko"), ("Nikitin", "F", "Nikitina"),
    ],
)  # fmt: skip
def test_daughters_take_the_feminine_ending(surname, sex, expected):
    assert FamilyName(Heritage.SLAVIC, surname, "", "", gendered=True, accented=False).of_child(sex) == expected


def test_children_of_two_surnames_bear_the_fathers_before_the_mothers():
    family = FamilyName(Heritage.HISPANIC, "García", "López", " ", gendered=False, accented=False)
    assert family.spelled(family.of_child("F")) == "Garcia Lopez"


def test_accents_can_be_left_out():
    assert plain("Peña Núñez Małgorzata") == "Pena Nunez Małgorzata"
