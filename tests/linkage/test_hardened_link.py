"""A town encoded with the hardened profile links as well as its card says, from codes that show nothing else."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pytest

from bench.labelled import TRUTH, encode_town
from bench.towns import TownSpec, make_town, write_town
from evaluation.evaluate import evaluate
from hashing.profile import load_profile
from hashing.schema import read_encoded
from linkage.engine import open_engine
from linkage.errors import CannotLink, ModelError
from linkage.model import score_pairs
from linkage.model_card import Comparison, ModelCard, load_model, parse_model
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
    assert card.profile_digest == profile.digest
    assert [comparison.code for comparison in card.comparisons] == [code.name for code in profile.codes]
    assert {comparison.similarity for comparison in card.comparisons} == {"agreement"}
    assert all(0.5 < cut <= 1 for comparison in card.comparisons for cut in comparison.cuts)
    assert card.figures["f1"] >= 0.95


def test_a_card_that_names_no_similarity_means_dice():
    assert {comparison.similarity for comparison in load_model("bloom").comparisons} == {"dice"}


def test_a_card_with_an_unknown_similarity_is_refused():
    content = msgspec.json.encode(load_model("hardened")).replace(b'"agreement"', b'"likeness"', 1)
    with pytest.raises(ModelError, match="Invalid enum value 'likeness'"):
        parse_model(content, source="card")


@pytest.mark.parametrize(
    ("flipped", "level"), [(0, 3), (1, 2), (102, 2), (103, 1), (409, 1), (410, 0), (512, 0), (1024, 0)]
)
def test_a_pair_falls_into_the_level_of_its_agreement(flipped, level):
    """Cuts at .6, .9 and 1: of 1,024 positions, 615, 922 and 1,024 must agree."""
    one = np.random.default_rng(flipped).integers(0, 256, 128, dtype=np.uint8)
    mask = np.packbits(np.arange(1024) < flipped)
    weights = (1.0, 2.0, 3.0, 4.0)
    scored = _scored([one.tobytes(), (one ^ mask).tobytes()], Comparison("c", (0.6, 0.9, 1.0), weights, 0, "agreement"))
    assert scored["weight_c"].to_pylist() == [pytest.approx(weights[level])]


def _scored(codes: list[bytes], comparison: Comparison) -> pa.Table:
    card = load_model("hardened")
    made: ModelCard = msgspec.structs.replace(card, prior=0.0, comparisons=(comparison,))
    table = pa.table({"unique_id": pa.array([0, 1]), "c": pa.array(codes, pa.binary())})
    pairs = pa.table({"join_key_l": pa.array([0]), "join_key_r": pa.array([1])})
    with open_engine() as connection:
        return score_pairs(connection, table, pairs, made)
