"""A town encoded with the hardened profile links as well as its card says, from codes that show nothing else."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest

from bench.labelled import TRUTH, encode_town
from bench.towns import TownSpec, make_town, write_town
from evaluation.evaluate import evaluate
from hashing.profile import load_profile
from hashing.schema import read_encoded
from linkage.errors import CannotLink, ModelError
from linkage.model_card import load_model
from linkage.run import link

TOWN = TownSpec(seed=5001, people=500, agencies=4)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("town")
    write_town(make_town(TOWN), folder / "lists")
    encode_town(folder / "lists", folder / "codes", "hardened")
    return folder


def encoded_files(town: Path) -> list[Path]:
    return sorted((town / "codes").glob("*.codes.jsonl"))


def test_a_town_is_linked_from_hash_to_evaluate(town, tmp_path):
    run = link(encoded_files(town), tmp_path / "run")
    assert run.report["profile"]["name"] == "hardened"
    found = evaluate(tmp_path / "run", crosswalks=town / "codes", truth=town / "lists" / TRUTH)
    assert found.figures.shares.precision > 0.93
    assert found.figures.shares.f1 > 0.92
    assert abs(found.figures.people.error_percent) < 4


def test_a_file_tells_its_encoder_and_nothing_of_how_complete_a_row_is(town):
    files = [read_encoded(path) for path in encoded_files(town)]
    assert {file.header.encoder for file in files} == {"saul/2"}
    assert {len(row.blocks) for file in files for row in file.rows} == {64}


def test_half_of_the_bits_are_set_in_every_code(town):
    records = [row for path in encoded_files(town) for row in read_encoded(path).rows]
    ones = np.array([np.bitwise_count(code).sum() for code in _codes(records)])
    assert abs(ones.mean() / 1024 - 0.5) < 0.003
    assert ones.min() > 1024 * 0.5 - 6.5 * 16
    assert ones.max() < 1024 * 0.5 + 6.5 * 16


def _codes(records: list) -> list[np.ndarray]:
    import base64

    found = {code for row in records for code in row.codes.values() if code}
    return [np.frombuffer(base64.b64decode(code), dtype=np.uint8) for code in found]


def test_files_of_two_profiles_are_not_linked(town, tmp_path):
    encode_town(town / "lists", tmp_path / "codes", "bloom")
    mixed = [encoded_files(town)[0], sorted((tmp_path / "codes").glob("*.codes.jsonl"))[1]]
    with pytest.raises(CannotLink, match="another profile"):
        link(mixed, tmp_path / "run")


def test_a_model_of_another_profile_is_refused(town, tmp_path):
    bloom = tmp_path / "bloom.json"
    bloom.write_bytes(msgspec.json.encode(load_model("bloom")))
    with pytest.raises(ModelError, match="made for another profile"):
        link(encoded_files(town), tmp_path / "run", model=bloom)


def test_the_shipped_card_is_the_profiles_and_compares_agreement():
    card, profile = load_model("hardened"), load_profile("hardened")
    of_codes = [feature for feature in card.features if feature.code]
    assert card.profile_digest == profile.digest
    assert [feature.code for feature in of_codes] == [code.name for code in profile.codes]
    assert {feature.kind for feature in of_codes} == {"agreement"}
    assert all(0.5 < cut <= 1 for feature in of_codes for cut in feature.cuts)
    assert card.figures["f1"] >= 0.95


def test_the_shipped_card_of_bloom_filters_compares_by_dice():
    assert {feature.kind for feature in load_model("bloom").features if feature.code} == {"dice"}
