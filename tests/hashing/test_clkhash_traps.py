"""Wherever clkhash ignores, drops or changes a setting in silence, a warning names the place and what it does."""

import re

import pytest

from hashing.clkhash_traps import traps
from tests.hashing.clkhash_schemas import PLAIN, changed, parsed

FORMAT, HASHING = "features.1.format", "features.1.hashing"
NUMERIC = {"type": "numeric", "thresholdDistance": 5, "resolution": 2, "fractional_precision": 1}


def warnings(*changes):
    return [str(trap) for trap in traps(parsed(changed(*changes)))]


def dates(directives):
    return FORMAT, {"type": "date", "format": directives}


def test_a_plain_schema_has_no_trap():
    assert traps(parsed(PLAIN)) == ()


@pytest.mark.parametrize(
    ("change", "path", "sentence"),
    [
        (("clkConfig.xorFolds", 1), "$.clkConfig.xorFolds", "clkhash ignores this key .* folds 0 times, not 1"),
        (("clkConfig.xor_folds", 2), "$.clkConfig.xor_folds", "obeys this key .folds: 2., which it documents nowhere"),
        (("clkConfig.k", 20), "$.clkConfig.k", "ignores this key of version 1"),
        (("clkConfig.hash", {"type": "doubleHash"}), "$.clkConfig.hash", "ignores this key of version 1"),
        (
            ("clkConfig.kdf.salt", "c2Fs-dA_=="),
            "$.clkConfig.kdf.salt",
            "drops every character that is not standard base64",
        ),
        (
            ("clkConfig.kdf.info", "c2Fs dA=="),
            "$.clkConfig.kdf.info",
            "drops every character that is not standard base64",
        ),
        (("clkConfig.l", 1 << 17), "$.features[1].hashing.hash", "no bit after 65536 is set"),
        (
            (f"{HASHING}.missingValue", {"sentinel": "NA"}),
            "$.features[1].hashing.missingValue",
            "hashes the sentinel like",
        ),
        (dates("%d/%m"), "$.features[1].format.format", "no year is read: clkhash hashes 1900 for everybody"),
        (dates("%Y %d"), "$.features[1].format.format", "no month is read: clkhash hashes January for everybody"),
        (dates("%Y-%m"), "$.features[1].format.format", "no day is read: clkhash hashes the first for everybody"),
        (dates("%d.%m.%y"), "$.features[1].format.format", "two-digit years 00 to 68 as 2000 to 2068"),
        (dates("%Y%m%d %H:%M"), "$.features[1].format.format", "reads the time of day and drops it"),
        (
            (f"{HASHING}.comparison", NUMERIC | {"thresholdDistance": 0.25}),
            "$.features[1].hashing.comparison.thresholdDistance",
            "rounds it to 1 decimals",
        ),
        (
            (f"{HASHING}.comparison", NUMERIC | {"fractional_precision": 0}),
            "$.features[1].hashing.comparison",
            "cuts the decimals of a value off",
        ),
    ],
)
def test_a_setting_that_clkhash_does_not_heed_is_named_with_its_place(change, path, sentence):
    (trap,) = traps(parsed(changed(change)))
    assert trap.path == path
    assert re.search(sentence, trap.what)


def test_tokens_that_get_no_bit_are_counted():
    few = {"bitsPerFeature": 3}
    (warning,) = warnings((f"{HASHING}.comparison", NUMERIC), (f"{HASHING}.strategy", few))
    assert warning == (
        "$.features[1].hashing.strategy.bitsPerFeature: a value has 5 tokens: clkhash leaves the last 2 out"
    )


def test_settings_of_an_ignored_feature_do_nothing_and_without_features_no_bit_is_set():
    ignored, nothing = warnings(("features.1.ignored", True))
    assert ignored.startswith("$.features[1]: clkhash ignores the feature")
    assert nothing.startswith("$.features: every feature is ignored")


@pytest.mark.parametrize("folds", [0, 1])
def test_the_documented_key_of_folding_is_no_trap_where_both_keys_agree(folds):
    agreeing = warnings(("clkConfig.xorFolds", folds), ("clkConfig.xor_folds", folds))
    assert not [warning for warning in agreeing if "xorFolds" in warning]


@pytest.mark.parametrize("directives", ["%Y-%m-%d", "%j %Y", "%d %b %Y", "%x"])
def test_whole_dates_are_no_trap(directives):
    assert warnings(dates(directives)) == []
