"""What Headcount makes of five people is what the documents alone give, for both encoders, and what was published."""

import ast
import json
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import documented_codes
import pytest
from documented_codes import Terms, bloom_positions
from format_vectors import made_vectors, vector_files

from hashing.blocking_keys import blocking_keys
from hashing.canaries import CANARIES
from hashing.profile import BUILT_IN, load_profile
from hashing.tokens import GROUPS

FOLDER = Path(__file__).resolve().parents[2] / "docs/formats/vectors"
PUBLISHED = sorted(path.name for path in FOLDER.glob("*.json") if not path.name.startswith("shares-"))
both_encoders = pytest.mark.parametrize("profile", BUILT_IN)


@cache
def vectors(profile: str) -> dict[str, Any]:
    return made_vectors(load_profile(profile))


def terms_of(made: dict[str, Any]) -> Terms:
    profile = json.loads(files("hashing").joinpath(f"profiles/{made['profile']}.json").read_text("utf-8"))
    return Terms(bytes.fromhex(made["secret"]), made["epoch"], made["agency"], profile, made["profile_digest"])


@pytest.mark.parametrize("name", PUBLISHED)
def test_this_headcount_gives_the_published_vectors(name):
    """Where it fails: either something was changed that must not be, or it was meant, and 'make vectors' is due."""
    assert dict(vector_files())[name] == (FOLDER / name).read_text("utf-8")


def test_one_command_makes_the_vectors_of_every_built_in_profile():
    encoders = [load_profile(name).encoder for name in BUILT_IN]
    assert [name for name, _ in vector_files()] == [f"{encoder.replace('/', '-')}.json" for encoder in encoders]
    assert PUBLISHED


def test_the_documented_codes_owe_nothing_to_the_code():
    tree = ast.parse(Path(documented_codes.__file__).read_text("utf-8"))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert not {name for name in imported if name and name.split(".")[0] == "hashing"}


@both_encoders
def test_the_keys_and_the_check_value_follow_by_the_documents(profile):
    made = vectors(profile)
    terms = terms_of(made)
    assert {label: terms.key_labelled(label).hex() for label in made["keys"]} == made["keys"]
    assert terms.check_value() == made["key_check_value"]


@both_encoders
def test_the_canaries_follow_by_the_documents(profile):
    loose = load_profile(profile).loose_blocking
    people = [
        ({group: make(canary) for group, make in GROUPS.items()}, blocking_keys(canary, loose=loose))
        for canary in CANARIES
    ]
    assert terms_of(vectors(profile)).canaries(people) == vectors(profile)["canaries"]


def test_positions_follow_by_the_documents():
    made = vectors("bloom")
    codes = {code["name"]: code for code in terms_of(made).profile["codes"]}
    for given in made["positions"]:
        key = terms_of(made).key_labelled(f"code|{given['code']}")
        assert bloom_positions(given["token"], codes[given["code"]], key) == given["positions"]


@both_encoders
@pytest.mark.parametrize("place", range(5))
def test_codes_blocks_and_pseudonyms_follow_from_the_tokens_by_the_documents(profile, place):
    made = vectors(profile)
    terms, client = terms_of(made), made["clients"][place]
    assert client["codes"] == {code["name"]: terms.code(code, client["tokens"]) for code in terms.profile["codes"]}
    assert client["row"] == terms.pseudonym("row", client["normalised"]["client_id"])
    assert client["blocks"] == terms.blocks(client["blocking_keys"], client["row"])
    household = client["normalised"]["household"]
    assert client["household"] == (terms.pseudonym("household", household) if household else None)


@both_encoders
def test_the_vectors_show_codes_that_are_whole_and_codes_that_are_null(profile):
    made = vectors(profile)
    for code in load_profile(profile).codes:
        assert {client["codes"][code.name] is None for client in made["clients"]} == {True, False}
