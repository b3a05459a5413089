"""Fingerprints are eight words that can be read over the telephone, and only the same eight are taken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashing.errors import JoinRefused
from hashing.words import check_words, fingerprint, spell

WORDS = fingerprint("test", b"content")


@pytest.mark.parametrize(
    ("address", "words"),  # examples of the proposal, arXiv:0901.4016
    [
        ((127, 0, 0, 1), "lusab babad"),
        ((63, 84, 220, 193), "gutih tugad"),
        ((140, 98, 193, 141), "mudof sakat"),
        ((255, 255, 255, 255), "zuzuz zuzuz"),
    ],
)
def test_words_are_proquints(address, words):
    assert spell(bytes(address)) == words


@given(st.binary(min_size=16, max_size=16), st.binary(min_size=16, max_size=16))
def test_only_equal_bytes_have_equal_words(one, other):
    assert (spell(one) == spell(other)) == (one == other)


def test_every_word_is_different():
    assert len({spell(number.to_bytes(2, "big")) for number in range(65536)}) == 65536


def test_a_fingerprint_is_eight_words_of_its_purpose():
    assert WORDS == "mokuj majam gifam pukuz povuh lofoz bavub sirap"
    assert fingerprint("other", b"content") != WORDS


@pytest.mark.parametrize("join", [" ", "-", ", ", "\n", " - "])
def test_words_are_taken_however_they_are_written(join):
    check_words(join.join(WORDS.split()), WORDS, whose="the request")
    check_words(join.join(WORDS.upper().split()), WORDS, whose="the request")


@pytest.mark.parametrize(
    ("spoken", "sentence"),
    [
        ("", "0 words were given for the request; there are 8"),
        ("yes", "1 word was given"),
        (WORDS.rsplit(" ", 1)[0], "7 words were given"),
        (WORDS + " babab", "9 words were given"),
        ("zuzuz " + WORDS.split(" ", 1)[1], "the words are not those of the request: word 1 differs"),
        (" ".join(reversed(WORDS.split())), "words 1, 2, 3, 4, 5, 6, 7 and 8 differ"),
    ],
)
def test_other_words_are_refused(spoken, sentence):
    with pytest.raises(JoinRefused, match=sentence):
        check_words(spoken, WORDS, whose="the request")


@given(st.integers(0, 7), st.integers(0, 65535))
def test_one_other_word_is_enough_to_refuse_and_the_right_one_is_not_told(place, number):
    said, right = WORDS.split(), WORDS.split()[place]
    said[place] = spell(number.to_bytes(2, "big"))
    if said[place] != right:
        with pytest.raises(JoinRefused, match=f"word {place + 1} differs") as refused:
            check_words(" ".join(said), WORDS, whose="the request")
        assert right not in refused.value.what + refused.value.hint
