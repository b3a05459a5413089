"""The measure of normalising sees values that all differ, and begins each round with empty caches."""

from random import Random

from bench.normalising import cases, microseconds
from hashing.normalise import zip_code


def test_every_value_is_new():
    for what, read, values in cases(Random(1)):
        assert len(set(values)) > 5000, what
        assert read(values[0]), what


def test_a_round_begins_with_empty_caches():
    zip_code("98382")
    assert microseconds(lambda text: zip_code(text), ["98362"]) > 0
    assert zip_code.cache_info().currsize == 1
