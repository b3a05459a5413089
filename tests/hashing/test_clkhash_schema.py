"""Linkage schemas are read strictly: what clkhash refuses is refused, and so is every key that is not known."""

import json
import re

import pytest

from hashing.clkhash_schema import BlakeHash, parse_clkhash_schema, read_clkhash_schema
from hashing.errors import ClkhashSchemaError
from tests.hashing.clkhash_schemas import PLAIN, REMOVED, changed, parsed

FORMAT, HASHING = "features.1.format", "features.1.hashing"
NUMERIC = {"type": "numeric", "thresholdDistance": 5, "resolution": 2}


def test_what_is_left_out_has_the_defaults_of_clkhash():
    schema = parsed(PLAIN)
    kdf, recipe = schema.config.kdf, schema.features[1].recipe
    assert (kdf.algorithm, kdf.key_size, kdf.salt, kdf.info) == ("SHA256", 64, "", "")
    assert (schema.config.folds, schema.config.filter_bits) == (0, 256)
    assert recipe is not None
    assert recipe.encoding == "utf-8"
    assert recipe.hashing.method == BlakeHash()


def test_a_schema_cannot_be_changed_once_read():
    with pytest.raises(AttributeError, match="immutable"):
        parsed(PLAIN).features[1].identifier = "other"


@pytest.mark.parametrize("version", [1, 2])
def test_older_versions_are_refused_with_the_way_to_convert_them(version):
    with pytest.raises(
        ClkhashSchemaError, match=f"a linkage schema of version {version}, Headcount reads version 3"
    ) as refusal:
        parsed(changed(("version", version)))
    assert "anonlink convert-schema" in refusal.value.hint


@pytest.mark.parametrize("other", [[], 3, {}, {"version": 4}, {"version": "3"}])
def test_other_json_is_not_a_schema(other):
    with pytest.raises(ClkhashSchemaError, match=r"schema\.json: this is not a clkhash linkage schema of version 3"):
        parsed(other)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe{}", b"id,name\n"])
def test_a_file_that_is_not_json_is_refused(content):
    with pytest.raises(ClkhashSchemaError, match=r"a\.json: this is not JSON"):
        parse_clkhash_schema(content, source="a.json")


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(ClkhashSchemaError, match=r"gone\.json: the schema cannot be read"):
        read_clkhash_schema(tmp_path / "gone.json")


def test_a_schema_is_read_from_its_file(tmp_path):
    (tmp_path / "schema.json").write_text(json.dumps(PLAIN))
    assert read_clkhash_schema(tmp_path / "schema.json") == parsed(PLAIN)


@pytest.mark.parametrize(
    ("part", "path"),
    [
        ("xorfolds", "xorfolds"),
        ("clkConfig.XorFolds", "clkConfig"),
        ("clkConfig.kdf.keysize", "clkConfig.kdf"),
        ("features.0.ignore", "features[0]"),
        ("features.1.weight", "features[1]"),
        (f"{FORMAT}.casing", "features[1].format"),
        (f"{HASHING}.ngram", "features[1].hashing"),
        (f"{HASHING}.comparison.k", "features[1].hashing.comparison"),
        (f"{HASHING}.strategy.k", "features[1].hashing.strategy"),
    ],
)
def test_an_unknown_key_is_an_error_wherever_it_stands(part, path):
    key = part.split(".")[-1]
    place = "" if key == path else f" - at `$.{path}`"
    sentence = re.escape(f"schema.json: Object contains unknown field `{key}`{place}")
    with pytest.raises(ClkhashSchemaError, match=f"^{sentence}$") as refusal:
        parsed(changed((part, 1)))
    assert "in silence" in refusal.value.hint


@pytest.mark.parametrize(
    ("place", "value", "sentence"),
    [
        ("clkConfig.l", 0, "`int` >= 1"),
        ("clkConfig.l", 1 << 23, "the filter has 8388608 bits; Headcount makes up to 4194304"),
        ("clkConfig.l", 100, "feature 'name': blakeHash needs a filter of a power of two bits, not 100"),
        ("clkConfig.xor_folds", -1, "`int` >= 0"),
        ("clkConfig.kdf", {}, "missing required field `type`"),
        ("clkConfig.kdf.type", "legacy", "Invalid enum value 'legacy'"),
        ("clkConfig.kdf.hash", "MD5", "Invalid enum value 'MD5'"),
        ("clkConfig.kdf.salt", "a", "'salt' and 'info' are base64"),
        ("clkConfig.kdf.info", "é", "'salt' and 'info' are base64"),
        ("clkConfig.kdf.keySize", 65, "feature 'name': blakeHash takes keys of up to 64 bytes"),
        ("clkConfig.kdf.keySize", 2041, "the features need 8164 bytes of keys, HKDF gives at most 8160"),
        ("features", [], "`array` of length >= 1"),
        (FORMAT, REMOVED, "a feature has 'format' and 'hashing', both or neither"),
        (FORMAT, {"type": "float"}, "Invalid value 'float'"),
        (FORMAT, {"type": "string", "encoding": "latin-1"}, "Invalid enum value 'latin-1'"),
        (FORMAT, {"type": "string", "pattern": "("}, "'pattern' is not a regular expression"),
        (FORMAT, {"type": "string", "pattern": "a", "case": "lower"}, "a format with 'pattern' has no 'case'"),
        (FORMAT, {"type": "date"}, "missing required field `format`"),
        (FORMAT, {"type": "date", "format": "%Y-%Q"}, "'format' has an unknown directive: %Q"),
        (FORMAT, {"type": "enum"}, "missing required field `values`"),
        (f"{HASHING}.comparison", {"type": "ngram", "n": 0}, "`int` >= 1"),
        (f"{HASHING}.comparison", {"type": "jaro"}, "Invalid value 'jaro'"),
        (f"{HASHING}.comparison", NUMERIC | {"thresholdDistance": 0}, "`int` >= 1"),
        (f"{HASHING}.comparison", NUMERIC | {"thresholdDistance": 0.5}, "'thresholdDistance' is rounded to 0"),
        (f"{HASHING}.comparison", NUMERIC | {"resolution": 0}, "`int` >= 1"),
        (f"{HASHING}.strategy", {}, "a strategy has either 'bitsPerToken' or 'bitsPerFeature'"),
        (f"{HASHING}.strategy", {"bitsPerToken": 1, "bitsPerFeature": 1}, "a strategy has either"),
        (f"{HASHING}.strategy", {"bitsPerToken": 0}, "`int` >= 1"),
        (f"{HASHING}.hash", {"type": "blakeHash", "prevent_singularity": True}, "unknown field `prevent_singularity`"),
        (f"{HASHING}.missingValue", {"replaceWith": ""}, "missing required field `sentinel`"),
        (f"{HASHING}.missingValue", {"sentinel": None}, "Expected `str`, got `null`"),
    ],
)
def test_a_setting_that_clkhash_refuses_or_fails_on_is_refused(place, value, sentence):
    with pytest.raises(ClkhashSchemaError, match=rf"^schema\.json: .*{re.escape(sentence)}"):
        parsed(changed((place, value)))


def test_a_feature_without_settings_must_say_that_it_is_ignored():
    with pytest.raises(ClkhashSchemaError, match="without 'format' and 'hashing' must say 'ignored': true"):
        parsed(changed(("features.0.ignored", False)))


def test_a_filter_of_one_bit_would_never_end():
    endless = {"type": "doubleHash", "prevent_singularity": True}
    with pytest.raises(ClkhashSchemaError, match="prevent_singularity never ends with a filter of one bit"):
        parsed(changed(("clkConfig.l", 1), (f"{HASHING}.hash", endless)))
