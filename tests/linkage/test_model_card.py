"""A model card says exactly what it is, or is refused; nothing in it can reach the SQL."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import msgspec
import pytest
from made_files import BITS, CODES, card, feature, header, write_card

import hashing
from linkage.errors import ModelError
from linkage.model import settings
from linkage.model_card import (
    Alternative,
    Comparison,
    Crowding,
    ModelCard,
    Survey,
    Thresholds,
    When,
    check_fits,
    load_model,
    parse_model,
)

SHIPPED = sorted(file.name.removesuffix(".json") for file in files("linkage").joinpath("models").iterdir())


def parse(change: Callable[[dict[str, Any]], object]) -> ModelCard:
    plain = json.loads(msgspec.json.encode(card()))
    change(plain)
    return parse_model(json.dumps(plain).encode(), source="card.json")


def test_a_card_survives_being_written_and_read(tmp_path):
    assert load_model("made-up", write_card(tmp_path / "card.json", card())) == card()


WHEN = When(lists=2, records=1000, pairs=100, firm=0.5, pairs_each=1.5)


def alternative(name: str = "copies", when: When = WHEN, **changes: Any) -> Alternative:
    """Other weights than the made-up card's."""
    usual: dict[str, Any] = {"prior": 3.0, "comparisons": card().comparisons[:1], "thresholds": OTHER_LIMITS}
    return Alternative(name=name, when=when, trained_on="nothing", figures={}, **usual | changes)


OTHER_LIMITS = Thresholds(counts=0.3, care=0.6, strict=0.9, loose=0.1)


def crossed(weights: int) -> dict[str, Any]:
    return {"of": ["birth", "name"], "weights": [0] * weights}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c.update(format="headcount-model/1"), "Invalid enum value 'headcount-model/1'"),
        (lambda c: c.update(threshold=0.5), "unknown field `threshold`"),
        (lambda c: c.pop("prior"), "missing required field `prior`"),
        (lambda c: c.update(prior="-1"), r"Expected `float`, got `str` - at `\$.prior`"),
        (lambda c: c.update(prior=-65), r"Expected `float` >= -64.* - at `\$.prior`"),
        (lambda c: c.update(features=[]), r"Expected `array` of length >= 1 - at `\$.features`"),
        (lambda c: c.update(comparisons=[]), r"Expected `array` of length >= 1 - at `\$.comparisons`"),
        (lambda c: c["features"][0].update(weight=1), "unknown field `weight`"),
        (lambda c: c["features"][0].update(kind="likeness"), "Invalid enum value 'likeness'"),
        (lambda c: c["features"][0].update(cuts=[]), "Expected `array` of length >= 1"),
        (lambda c: c["features"][0].update(cuts=[n / 25 for n in range(25)]), "Expected `array` of length <= 24"),
        (lambda c: c["features"][0].update(cuts=[-0.1, 0.5]), "Expected `float` >= 0"),
        (lambda c: c["features"][0].update(cuts=[0.5, 2e6]), "Expected `float` <= 1000000"),
        (lambda c: c["features"][0].update(cuts=[0.9, 0.5]), "the cuts of birth do not rise"),
        (lambda c: c["features"][0].update(cuts=[0.5, 0.5]), "the cuts of birth do not rise"),
        (lambda c: c["features"][0].update(code=""), "the feature birth names no code, or one too many"),
        (lambda c: c["features"][0].update(kind="rarity"), "the feature birth names no code, or one too many"),
        (lambda c: c["features"][1].update(name="birth"), "two features have one name"),
        (lambda c: c.update(features=many_features(14)), "its features have too many levels together"),
        (lambda c: c["comparisons"][0].update(weight=1), "unknown field `weight`"),
        (lambda c: c["comparisons"][0].update(of=[]), "Expected `array` of length >= 1"),
        (lambda c: c["comparisons"][0].update(of=["birth", "name", "birth"]), "Expected `array` of length <= 2"),
        (lambda c: c["comparisons"][0].update(of=["phone"]), "phone is over no such features"),
        (lambda c: c["comparisons"][0].update(of=["name", "phone"]), "name_by_phone is over no such features"),
        (lambda c: c["comparisons"][0].update(of=["name", "name"]), "name_by_name is over no such features"),
        (lambda c: c["comparisons"][0].update(weights=[0, -1, 1]), "the weights of birth do not fit its levels"),
        (lambda c: c["comparisons"][0].update(weights=[0, -1, 0, 1, 2]), "the weights of birth do not fit its levels"),
        (lambda c: c["comparisons"][0].update(weights=[0, -1, 0, 2000]), "Expected `float` <= 64"),
        (lambda c: c["comparisons"][0].update(weights=[-2000, -1, 0, 1]), "Expected `float` >= -64"),
        (lambda c: c["comparisons"].append(crossed(15)), "the weights of birth_by_name do not fit its levels"),
        (lambda c: c["comparisons"].append(crossed(17)), "the weights of birth_by_name do not fit its levels"),
        (lambda c: c.update(large_crossing()), "the weights of f0_by_f1 do not fit its levels"),
        (lambda c: c["comparisons"][1].update(of=["birth"]), "a feature is compared twice"),
        (lambda c: c.update(namesakes()), "a feature is compared twice"),
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


def many_features(count: int, cuts: int = 24) -> list[dict[str, Any]]:
    return [{"name": f"f{n}", "kind": "lacking", "cuts": list(range(cuts))} for n in range(count)]


def large_crossing() -> dict[str, Any]:
    """Twenty levels by twenty-one, one row more than a comparison may have."""
    features = many_features(1, cuts=18) + many_features(2, cuts=19)[1:]
    return {"features": features, "comparisons": [{"of": ["f0", "f1"], "weights": [0] * 420}]}


def namesakes() -> dict[str, Any]:
    """A crossing, and a feature that is called as the crossing is."""
    features = [{"name": name, "kind": "lacking", "cuts": [1]} for name in ("a", "b", "a_by_b")]
    ofs = {"a_by_b": 3, "a b": 9}
    return {
        "features": features,
        "comparisons": [{"of": of.split(), "weights": [0] * cells} for of, cells in ofs.items()],
    }


@pytest.mark.parametrize(("second", "cells"), [(0, 16), (1, 12)])
def test_a_crossing_has_a_weight_for_every_two_levels(second, cells):
    def cross(plain: dict[str, Any]) -> None:
        plain["features"][1]["cuts"] = [0.5, 0.9][second:]
        plain["comparisons"] = [crossed(cells)]

    assert parse(cross).comparisons[0].name == "birth_by_name"


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'"bloom"', b"\xff\xfe"])
def test_what_is_no_card_is_refused(content):
    with pytest.raises(ModelError, match=r"card\.json: "):
        parse_model(content, source="card.json")


@pytest.mark.parametrize(
    "name",
    ["", "Name", "1name", "na-me", "na me", "n" * 33, "name\n", 'name" OR 1=1 --', 'name_l" IS NULL THEN 1', "nämé"],
)
def test_a_name_that_could_be_sql_is_refused(name):
    with pytest.raises(ModelError, match="Expected `str` matching regex"):
        parse(lambda plain: plain["features"][0].update(name=name))
    with pytest.raises(ModelError, match="Expected `str` matching regex"):
        parse(lambda plain: plain["comparisons"][0].update(of=[name]))


@pytest.mark.parametrize("name", ["n", "name", "name_ssn4", "select", "n" * 32])
def test_a_plain_name_stands_in_the_sql_only_in_quotes(name):
    made = card([feature(name, (0.5,))], [Comparison((name,), (0.0, -1.0, 1.0))])
    (comparison,) = settings(made).create_settings_dict("duckdb")["comparisons"]
    conditions = [level["sql_condition"] for level in comparison["comparison_levels"]]
    assert conditions == [f'"cell_{name}_l" = 0', f'"cell_{name}_l" = 1', "ELSE"]


def test_a_card_for_another_profile_is_refused():
    with pytest.raises(ModelError, match="made for another profile than the encoded files'"):
        check_fits(card(), header=header(profile_digest="99" * 32))


def test_a_card_for_a_code_that_the_files_lack_is_refused():
    with pytest.raises(ModelError, match="made for another profile than the encoded files'"):
        check_fits(card(), header=header(codes={"name": BITS}))


def test_a_card_may_leave_a_code_out():
    check_fits(card(), header=header(codes=dict.fromkeys((*CODES, "phone"), BITS)))


def test_a_profile_without_a_model_is_refused(tmp_path):
    with pytest.raises(ModelError, match="there is no model for the profile homemade"):
        load_model("homemade")
    with pytest.raises(ModelError, match="there is no model for the profile bloom"):
        load_model("bloom", tmp_path / "missing.json")


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_card_fits_its_profile(name):
    profile = hashing.load_profile(name)
    codes = {code.name: code.bits for code in profile.codes}
    check_fits(load_model(name), header=header(profile_digest=profile.digest, codes=codes))


def test_the_digest_is_of_every_part_of_the_card():
    digests = {
        card().digest,
        card(prior=-1.5).digest,
        card(unlinked=-2.5).digest,
        card(card().features[:1], card().comparisons[:1]).digest,
        card(comparisons=card().comparisons[:1]).digest,
        card([feature("birth", (0.5, 0.8)), feature("name")]).digest,
        card(trained_on="something").digest,
        card(figures={"f1": 1.0}).digest,
        card(alternatives=(alternative(),)).digest,
    }
    assert len(digests) == 9
    assert card().digest == card().digest


@pytest.mark.parametrize(
    ("records", "prior"), [(2, -1.0), (999, -1.0), (1000, -1.0), (2000, -1.5), (8000, -2.5), (10**60, -64.0)]
)
def test_among_more_records_the_prior_is_lower(records, prior):
    assert card(prior=-1.0, crowding=Crowding(1000, 0.5)).among(records).prior == pytest.approx(prior)


def test_a_card_without_crowding_is_the_same_among_any_number():
    assert card().among(10**9) == card()


def test_the_shipped_cards_allow_for_crowds():
    for name in SHIPPED:
        assert load_model(name).among(1_000_000).prior < load_model(name).prior


@pytest.mark.parametrize(
    ("survey", "fits"),
    [
        (Survey(lists=2, records=1000, pairs=1500, firm=750), True),
        (Survey(lists=3, records=1000, pairs=1500, firm=750), False),
        (Survey(lists=2, records=1001, pairs=1600, firm=800), False),
        (Survey(lists=2, records=1000, pairs=1499, firm=750), False),
        (Survey(lists=2, records=1000, pairs=1500, firm=749), False),
        (Survey(lists=1, records=66, pairs=100, firm=50), True),
        (Survey(lists=1, records=66, pairs=99, firm=50), False),
        (Survey(lists=1, records=66, pairs=0, firm=0), False),
    ],
)
def test_an_alternative_is_for_lists_of_its_kind(survey, fits):
    assert card(alternatives=(alternative(),)).suited(survey) == ("copies" if fits else "")


def test_the_first_alternative_that_fits_is_taken():
    both = card(alternatives=(alternative("crowd"), alternative("copies")))
    assert both.suited(Survey(2, 1000, 1500, 750)) == "crowd"


def test_an_alternative_has_weights_and_thresholds_of_its_own():
    both = card(alternatives=(alternative(),))
    used = both.with_weights_of("copies")
    assert (used.prior, used.comparisons, used.thresholds) == (3.0, card().comparisons[:1], OTHER_LIMITS)
    assert (used.features, used.unlinked, used.profile_digest) == (both.features, both.unlinked, both.profile_digest)
    assert both.with_weights_of("") == both


@pytest.mark.parametrize(
    ("alternatives", "message"),
    [
        ((alternative(), alternative()), "two alternatives have one name"),
        ((alternative(comparisons=(Comparison(("phone",), (0.0,)),)),), "json, copies: phone is over no such features"),
        (
            (alternative(comparisons=(Comparison(("birth",), (0.0,)),)),),
            "json, copies: the weights of birth do not fit",
        ),
        ((alternative(thresholds=Thresholds(0.5, 0.9, 0.4, 0.1)),), "json, copies: the thresholds are out of order"),
        ((alternative(name="Copies"),), r"Expected `str` matching regex .* - at `\$.alternatives"),
    ],
)
def test_an_alternative_that_does_not_fit_its_card_is_refused(alternatives, message):
    with pytest.raises(ModelError, match=message):
        parse_model(msgspec.json.encode(card(alternatives=alternatives)), source="card.json")


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.parametrize("lists", [1, 3, 9])
def test_a_shipped_card_has_its_own_weights_for_a_town(name, lists):
    """The firmest of generated towns; three lists or more have them in any case."""
    assert load_model(name).suited(Survey(lists=lists, records=700, pairs=1400, firm=750)) == ""
    assert load_model(name).suited(Survey(lists=3, records=700, pairs=7000, firm=7000)) == ""


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_card_has_weights_for_copies_and_for_crowds(name):
    assert load_model(name).suited(Survey(lists=1, records=1000, pairs=1000, firm=700)) == "copies"
    assert load_model(name).suited(Survey(lists=1, records=1000, pairs=3100, firm=1600)) == "crowd"
