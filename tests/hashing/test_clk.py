"""The encoder's rules, each shown by itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashing.clk import double_positions, encode_clks, insertions
from hashing.clk_keys import ClkSecret, KeyPair
from hashing.clkhash_schema import Strategy
from hashing.errors import InputFileError
from tests.hashing.clkhash_schemas import PLAIN, SECRET, bits, changed, clk, named, parsed

names = st.text(st.characters(codec="utf-8"), max_size=12)
HASHING = "features.1.hashing"


@given(feature_bits=st.integers(1, 500), tokens=st.integers(1, 60))
def test_a_features_bits_are_all_spread_and_evenly(feature_bits, tokens):
    spread = insertions(Strategy(bits_per_feature=feature_bits), tokens)
    assert sum(spread) == feature_bits
    assert len(spread) == tokens
    assert max(spread) - min(spread) <= 1
    assert spread == sorted(spread, reverse=True)


@given(token_bits=st.integers(1, 500), tokens=st.integers(0, 60))
def test_every_token_has_the_same_bits_however_many_there_are(token_bits, tokens):
    assert insertions(Strategy(bits_per_token=token_bits), tokens) == [token_bits] * tokens


def test_no_token_needs_no_bits():
    assert insertions(Strategy(bits_per_feature=7), 0) == []


@given(first=names, second=names)
def test_the_filter_of_two_features_is_the_union_of_theirs(first, second):
    both = {**PLAIN, "features": [PLAIN["features"][1], {**PLAIN["features"][1], "identifier": "other"}]}
    together, alone, other = clk(both, first, second), clk(both, first, ""), clk(both, "", second)
    assert bits(together) == bits(alone) | bits(other)


@given(name=names, folds=st.integers(1, 4))
def test_folding_is_the_exclusive_or_of_the_halves(name, folds):
    long = named(name, ("clkConfig.l", 256 << folds))
    for _ in range(folds):
        half = len(long) // 2
        long = bytes(left ^ right for left, right in zip(long[:half], long[half:], strict=True))
    assert named(name, ("clkConfig.xor_folds", folds)) == long


@given(name=names, folds=st.integers(0, 9))
def test_the_documented_key_of_folding_changes_nothing(name, folds):
    assert named(name, ("clkConfig.xorFolds", folds)) == named(name)


@given(rows=st.lists(st.tuples(names, names), max_size=6))
def test_a_rows_clk_does_not_depend_on_the_other_rows(rows):
    together = list(encode_clks(rows, schema=parsed(PLAIN), secret=SECRET))
    assert together == [clk(PLAIN, *row) for row in rows]


@given(step=st.text(max_size=5), length=st.integers(2, 8))
def test_with_prevent_singularity_a_token_never_falls_on_one_bit(step, length):
    keys = KeyPair(b"first", b"second")
    places = double_positions(step.encode(), keys, length, 2, singular=False)
    assert places[0] != places[1]


def test_without_prevent_singularity_a_token_may_fall_on_one_bit():
    keys = KeyPair(b"first", b"second")
    drawn = [double_positions(str(n).encode(), keys, 4, 9, singular=True) for n in range(40)]
    assert any(len(set(places)) == 1 for places in drawn)


def test_an_ignored_feature_sets_no_bit_yet_keeps_its_keys():
    without = {**PLAIN, "features": PLAIN["features"][1:]}
    assert clk(PLAIN, "anything", "Ana") == clk(PLAIN, "", "Ana")
    assert clk(PLAIN, "", "Ana") != clk(without, "Ana")


def test_an_empty_value_sets_no_bit():
    assert named("") == bytes(32)


def test_a_sentinel_without_replacement_is_hashed_like_a_value():
    assert named("NA", (f"{HASHING}.missingValue", {"sentinel": "NA"})) == named("NA") != bytes(32)


def test_a_sentinel_is_replaced_and_neither_checked_nor_formatted():
    missing = (f"{HASHING}.missingValue", {"sentinel": "none", "replaceWith": "007"})
    integer = ("features.1.format", {"type": "integer"})
    assert named("none", missing, integer) == named("007") != named("7")


@pytest.mark.parametrize("value", ["7", "+7", " 7 ", "007", "٧"])
def test_all_ways_to_write_a_whole_number_are_one(value):
    assert named(value, ("features.1.format", {"type": "integer"})) == named("7")


@pytest.mark.parametrize(
    ("directives", "value", "hashed"),
    [
        ("%Y-%m-%d", "1984-03-27", "19840327"),
        ("%d.%m.%y", "1.2.68", "20680201"),
        ("%d.%m.%y", "1.2.69", "19690201"),
        ("%m/%d", "03/27", "19000327"),
        ("%Y-%m-%d", "0987-03-27", "9870327"),
    ],
)
def test_dates_are_hashed_without_separators(directives, value, hashed):
    assert named(value, ("features.1.format", {"type": "date", "format": directives})) == named(hashed)


def test_letters_are_neither_trimmed_nor_folded():
    assert len({named("Ana"), named("ana"), named(" Ana"), named("Aná")}) == 4


def test_a_length_that_is_no_multiple_of_eight_is_filled_up_with_zeros():
    code = named("Ana", ("clkConfig.l", 77), (f"{HASHING}.hash", {"type": "doubleHash"}))
    assert len(code) == 10
    assert max(bits(code)) < 77


def test_another_secret_salt_or_info_gives_other_codes():
    salted, informed = ("clkConfig.kdf.salt", "c2FsdA=="), ("clkConfig.kdf.info", "c2FsdA==")
    other = clk(PLAIN, "1", "Ana", secret=ClkSecret(b"another"))
    assert len({named("Ana"), named("Ana", salted), named("Ana", informed), other}) == 4


@pytest.mark.parametrize(
    ("form", "value", "sentence"),
    [
        ({"type": "integer"}, "seven", "is not a whole number"),
        ({"type": "integer", "minimum": 8}, "7", "is a number outside of the format's range"),
        ({"type": "integer", "maximum": 6}, "7", "is a number outside of the format's range"),
        ({"type": "date", "format": "%Y-%m-%d"}, "2001-02-30", "is not a date of the form %Y-%m-%d"),
        ({"type": "enum", "values": ["M", "F"]}, "Xq", "is none of the format's values"),
        ({"type": "string", "case": "lower"}, "Ana", "is not in lower case"),
        ({"type": "string", "case": "upper"}, "Ana", "is not in upper case"),
        ({"type": "string", "minLength": 4}, "Ana", "is shorter or longer than the format allows"),
        ({"type": "string", "maxLength": 2}, "Ana", "is shorter or longer than the format allows"),
        ({"type": "string", "pattern": "[a-z]+"}, "anA", "does not match the format's pattern"),
        ({"type": "string", "encoding": "ascii"}, "Aná", "has letters that ascii lacks"),
    ],
)
def test_a_value_of_another_format_is_refused_by_row_and_column_and_not_told(form, value, sentence):
    with pytest.raises(InputFileError, match=rf"^the list: row 2, column 'name': the value {sentence}$") as refusal:
        named(value, ("features.1.format", form))
    assert value not in f"{refusal.value.what} {refusal.value.hint}"


@pytest.mark.parametrize("value", ["seven", "nan", "inf", "1e400", "1,5"])
def test_only_numbers_are_compared_as_numbers(value):
    numeric = {"type": "numeric", "thresholdDistance": 5, "resolution": 2, "fractional_precision": 1}
    with pytest.raises(InputFileError, match="column 'name': the value is not a number"):
        named(value, (f"{HASHING}.comparison", numeric))


@pytest.mark.parametrize("row", [[], ["1"], ["1", "Ana", ""]])
def test_a_row_of_another_width_is_refused(row):
    with pytest.raises(InputFileError, match=rf"row 3 has {len(row)} cells, the schema 2 features"):
        list(encode_clks([["1", "Ana"], row], schema=parsed(changed()), secret=SECRET))
