"""Cells that hold one plain word, or a plain street, are read a quick way that must say what the full way says."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hashing import addresses, dates, name_facets
from hashing.name_words import NOT_A_NAME, SURNAMES_WITH_PARTICLES

quiet = settings(deadline=None, max_examples=400)
TELLING = [
    *("apt", "unit", "lot", "no", "room", "box", "po", "boxwood", "homeless", "homeless9th", "del", "general", "same"),
    *(
        "unknown",
        "none",
        "car",
        "transient",
        "n",
        "st",
        "saint",
        "street",
        "ave",
        "north",
        "a",
        "b",
        "e",
        "1st",
        "22nd",
    ),
    *(
        "Main",
        "MAIN",
        "royal",
        "Forest",
        "9",
        "12",
        "98362",
        "wa",
        "anywhere",
        "1234th",
        "123rd",
        "nowhere",
        "the",
        "on",
    ),
]
WORDS = st.sampled_from(TELLING) | st.text(st.sampled_from("abnostxzAB019'.,#-ñ"), max_size=6)
NAMES = (
    st.sampled_from(
        ["Kim", "LEE", "nguyen", "Doe", "doe", "Junior", "sr", "van", "McDonald", "DELACRUZ", "Min-jun", "jr "]
    )
    | st.sampled_from(sorted([*NOT_A_NAME, *SURNAMES_WITH_PARTICLES]))
    | st.text(st.sampled_from("abcKLM '\"()&.-,ñé김2"), max_size=9)
)


@quiet
@given(words=st.lists(WORDS, max_size=5), mark=st.sampled_from([" ", "  ", ", "]))
def test_a_street_is_read_as_the_full_rules_read_it(words, mark):
    text = mark.join(words)
    assert addresses.behind_number.__wrapped__(text) == addresses._behind_number_in_full(text)


@pytest.mark.parametrize("first", TELLING)
def test_every_three_telling_words_are_read_as_the_full_rules_read_them(first):
    for words in product([first], TELLING, ["", *TELLING]):
        text = " ".join(filter(None, words))
        assert addresses.behind_number.__wrapped__(text) == addresses._behind_number_in_full(text)


def test_a_plain_street_is_plain():
    """Or the quick way would never be taken, and these tests would say nothing."""
    assert addresses.behind_number("NW Royal Forest Drive").street == "royal forest"
    assert addresses._PLAIN_STREET.fullmatch("nw 22nd st")
    assert not addresses._MAY_SAY_MORE.search("nw royal forest drive")


@quiet
@given(cell=NAMES)
def test_a_name_in_one_word_is_read_as_the_full_rules_read_it(cell):
    assert name_facets._first_cell(cell) == name_facets._first_cell_in_full(cell)
    assert name_facets._last_cell(cell) == name_facets._last_cell_in_full(cell)


@quiet
@given(text=st.text(st.sampled_from("0129-/ "), min_size=8, max_size=10) | st.dates().map(date.isoformat))
def test_a_day_written_year_first_is_no_pair_of_numbers_that_may_be_exchanged(text):
    bare = dates._bare(text)
    found = dates._NUMERIC.fullmatch(text) or dates._NUMERIC.fullmatch(bare) or dates._COMPACT_YEAR_LAST.fullmatch(bare)
    quick = dates._numbers.__wrapped__(text)
    assert (quick and quick.groups()) == (found and found.groups())
