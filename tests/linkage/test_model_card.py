"""A model card says exactly what it is, or is refused; nothing in it can reach the SQL."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import msgspec
import pytest
from made_files import BITS, CODES, PROFILE_DIGEST, card, write_card

import hashing
from linkage.errors import ModelError
from linkage.model import settings
from linkage.model_card import Comparison, ModelCard, check_fits, load_model, parse_model

SHIPPED = sorted(file.name.removesuffix(".json") for file in files("linkage").joinpath("models").iterdir())


def parse(change: Callable[[dict[str, Any]], object]) -> ModelCard:
    plain = json.loads(msgspec.json.encode(card()))
    change(plain)
    return parse_model(json.dumps(plain).encode(), source="card.json")


def test_a_card_survives_being_written_and_read(tmp_path):
    assert load_model("made-up", write_card(tmp_path / "card.json", card())) == card()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c.update(format="headcount-model/2"), "Invalid enum value 'headcount-model/2'"),
        (lambda c: c.update(threshold=0.5), "unknown field `threshold`"),
        (lambda c: c.pop("prior"), "missing required field `prior`"),
        (lambda c: c.update(prior="-1"), r"Expected `float`, got `str` - at `\$.prior`"),
        (lambda c: c.update(prior=-65), r"Expected `float` >= -64.* - at `\$.prior`"),
        (lambda c: c.update(comparisons=[]), "Expected `array` of length >= 1"),
        (lambda c: c["comparisons"][0].update(weight=1), "unknown field `weight`"),
        (lambda c: c["comparisons"][0].update(cuts=[]), "Expected `array` of length >= 1"),
        (lambda c: c["comparisons"][0].update(cuts=[0.5, 1.2]), "Expected `float` <= 1"),
        (lambda c: c["comparisons"][0].update(cuts=[0.9, 0.5]), "the levels of birth do not fit"),
        (lambda c: c["comparisons"][0].update(cuts=[0.5, 0.5]), "the levels of birth do not fit"),
        (lambda c: c["comparisons"][0].update(weights=[-1, 1]), "the levels of birth do not fit"),
        (lambda c: c["comparisons"][0].update(weights=[-1, 0, 1, 2]), "the levels of birth do not fit"),
        (lambda c: c["comparisons"][0].update(weights=[-1, 0, 2000]), "Expected `float` <= 64"),
        (lambda c: c["comparisons"][0].update(missing=-2000), "Expected `float` >= -64"),
        (lambda c: c["comparisons"][1].update(code="birth"), "a code is compared twice"),
        (lambda c: c["thresholds"].update(counts=0), "Expected `float` > 0"),
        (lambda c: c["thresholds"].update(strict=1), "Expected `float` < 1"),
        (lambda c: c["thresholds"].update(loose=0.6), "the thresholds are out of order"),
        (lambda c: c["thresholds"].update(strict=0.4), "the thresholds are out of order"),
        (lambda c: c["thresholds"].update(sure=0.99), "unknown field `sure`"),
    ],
)
def test_a_malformed_card_is_refused(change, message):
    with pytest.raises(ModelError, match=f"card.json: .*{message}"):
        parse(change)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'"bloom"', b"\xff\xfe"])
def test_what_is_no_card_is_refused(content):
    with pytest.raises(ModelError, match=r"card\.json: "):
        parse_model(content, source="card.json")


@pytest.mark.parametrize(
    "code",
    ["", "Name", "1name", "na-me", "na me", "n" * 33, "name\n", 'name" OR 1=1 --', 'name_l" IS NULL THEN 1', "nämé"],
)
def test_a_code_name_that_could_be_sql_is_refused(code):
    with pytest.raises(ModelError, match="Expected `str` matching regex"):
        parse(lambda plain: plain["comparisons"][0].update(code=code))


@pytest.mark.parametrize("code", ["n", "name", "name_ssn4", "select", "n" * 32])
def test_a_plain_code_name_stands_in_the_sql_only_in_quotes(code):
    levels = settings(card([Comparison(code, (0.5,), (-1.0, 1.0))])).create_settings_dict("duckdb")["comparisons"][0]
    for level in levels["comparison_levels"]:
        bare = level["sql_condition"].replace(f'"{code}_l"', "").replace(f'"{code}_r"', "")
        bare = bare.replace(f'"{code}_ones_l"', "").replace(f'"{code}_ones_r"', "")
        assert bare.split() in (
            ["IS", "NULL", "OR", "IS", "NULL"],
            ["2.0", "*", "bit_count(", "&", ")", "/", "(", "+", ")", "<", "0.5"],
            ["ELSE"],
        )


def test_a_card_for_another_profile_is_refused():
    with pytest.raises(ModelError, match="made for another profile than the encoded files'"):
        check_fits(card(), profile_digest="99" * 32, codes=dict.fromkeys(CODES, BITS))


def test_a_card_for_a_code_that_the_files_lack_is_refused():
    with pytest.raises(ModelError, match="made for another profile than the encoded files'"):
        check_fits(card(), profile_digest=PROFILE_DIGEST, codes={"name": BITS})


def test_a_card_may_leave_a_code_out():
    check_fits(card(), profile_digest=PROFILE_DIGEST, codes=dict.fromkeys((*CODES, "phone"), BITS))


def test_a_profile_without_a_model_is_refused(tmp_path):
    with pytest.raises(ModelError, match="there is no model for the profile homemade"):
        load_model("homemade")
    with pytest.raises(ModelError, match="there is no model for the profile bloom"):
        load_model("bloom", tmp_path / "missing.json")


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_card_fits_its_profile(name):
    profile = hashing.load_profile(name)
    check_fits(load_model(name), profile_digest=profile.digest, codes={code.name: code.bits for code in profile.codes})


def test_the_digest_is_of_every_part_of_the_card():
    digests = {
        card().digest,
        card(prior=-1.5).digest,
        card(unlinked=-2.5).digest,
        card(card().comparisons[:1]).digest,
        card(trained_on="something").digest,
        card(figures={"f1": 1.0}).digest,
    }
    assert len(digests) == 6
    assert card().digest == card().digest
