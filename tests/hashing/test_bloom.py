"""The vectorised encoder sets exactly the bits that a slow and obvious one sets."""

import numpy as np
import pytest
from documented_codes import bloom_code
from hypothesis import given, settings
from hypothesis import strategies as st

from hashing import bloom
from hashing.bloom import TokenFilters
from hashing.texts import Texts

KEY = bytes(range(32))
TOKENS = st.text(min_size=1, max_size=6)
ROWS = st.lists(st.lists(TOKENS, max_size=8), min_size=1, max_size=8)
SIZES = st.sampled_from([256, 512, 1024, 2048, 4096, 8192])


def oracle(tokens: list[str], *, key: bytes, bits: int, hashes: int) -> bytes:
    """A Bloom filter as docs/formats tells it, a token and a position at a time."""
    return bloom_code(tokens, {"bits": bits, "hashes": hashes}, key)


def positions(*tokens: str, bits: int, hashes: int) -> np.ndarray:
    return TokenFilters(KEY, bits=bits, hashes=hashes).positions(Texts.of(tokens))


@settings(deadline=None)
@given(rows=ROWS, bits=SIZES, hashes=st.integers(1, 32), key=st.binary(min_size=32, max_size=32))
def test_the_encoder_sets_the_oracles_bits(rows, bits, hashes, key):
    found = bloom.encode(rows, key=key, bits=bits, hashes=hashes)
    assert found.dtype == np.uint8
    assert [row.tobytes() for row in found] == [oracle(row, key=key, bits=bits, hashes=hashes) for row in rows]


@pytest.mark.parametrize(
    ("token", "places"),
    [
        ("n:an", [237, 533, 69, 460, 494, 192]),
        ("d:w19840327", [519, 30, 529, 299, 241, 106]),
        ("", [346, 683, 988, 582, 161, 15]),
        ("ł", [68, 717, 623, 12, 569, 1008]),
    ],
)
def test_positions_are_known_answers(token, places):
    assert positions(token, bits=1024, hashes=6)[0].tolist() == places


def test_a_filter_is_a_known_answer():
    (row,) = bloom.encode([["n:_a", "n:an", "n:na", "n:a_"]], key=KEY, bits=256, hashes=4)
    assert row.tobytes().hex() == "0000240000000800040800002000200000022000008000500008040000040004"


@given(rows=ROWS, order=st.randoms(use_true_random=False))
def test_neither_other_rows_nor_their_order_change_a_rows_bits(rows, order):
    whole = bloom.encode(rows, key=KEY, bits=512, hashes=10)
    shuffled = list(range(len(rows)))
    order.shuffle(shuffled)
    again = bloom.encode([rows[place] for place in shuffled], key=KEY, bits=512, hashes=10)
    alone = [bloom.encode([row], key=KEY, bits=512, hashes=10)[0] for row in rows]
    assert np.array_equal(again, whole[shuffled])
    assert np.array_equal(np.stack(alone), whole)


@given(tokens=st.lists(TOKENS, min_size=1, max_size=8), order=st.randoms(use_true_random=False))
def test_neither_the_order_of_tokens_nor_repeats_change_the_bits(tokens, order):
    shuffled = tokens * 2
    order.shuffle(shuffled)
    one, other = bloom.encode([tokens, shuffled], key=KEY, bits=512, hashes=10)
    assert np.array_equal(one, other)


@given(tokens=st.lists(TOKENS, max_size=8), more=st.lists(TOKENS, max_size=8))
def test_a_union_of_tokens_is_the_or_of_the_filters(tokens, more):
    one, other, both = bloom.encode([tokens, more, tokens + more], key=KEY, bits=512, hashes=10)
    assert np.array_equal(one | other, both)


@given(tokens=st.lists(TOKENS, max_size=5), data=st.data())
def test_a_tokens_bits_are_set_beside_those_of_its_row_and_of_no_other(tokens, data):
    rows = data.draw(st.permutations(range(7)).map(lambda order: order[: len(tokens)]))
    before = np.frombuffer(data.draw(st.binary(min_size=7 * 32, max_size=7 * 32)), dtype=np.uint8).reshape(7, 32)
    after = before.copy()
    TokenFilters(KEY, bits=256, hashes=5).set_bits(after, np.array(rows, dtype=np.intp), Texts.of(tokens))
    expected = before.copy()
    for row, token in zip(rows, tokens, strict=True):
        expected[row] |= np.frombuffer(oracle([token], key=KEY, bits=256, hashes=5), dtype=np.uint8)
    assert np.array_equal(after, expected)


@pytest.mark.parametrize("rows", [[], [[]], [[], []]])
def test_rows_without_tokens_give_filters_without_a_bit(rows):
    found = bloom.encode(rows, key=KEY, bits=512, hashes=10)
    assert found.shape == (len(rows), 64)
    assert not found.any()


def test_an_empty_row_among_others_stays_empty():
    found = bloom.encode([["a"], [], ["b"]], key=KEY, bits=512, hashes=10)
    assert [bool(row.any()) for row in found] == [True, False, True]


def test_another_key_gives_other_bits():
    filters = {bloom.encode([["n:an"]], key=bytes([k] * 32), bits=1024, hashes=10)[0].tobytes() for k in range(50)}
    assert len(filters) == 50


def test_positions_are_spread_evenly():
    places = positions(*(f"t{n}" for n in range(2_000)), bits=256, hashes=32).ravel()
    counts = np.bincount(places, minlength=256)
    expected = places.size / 256
    assert ((counts - expected) ** 2 / expected).sum() < 360  # chi-squared, 255 degrees: one in 25,000
