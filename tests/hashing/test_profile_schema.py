"""The published JSON Schema and the reader of profiles agree, but for what a schema cannot say."""

import json
from copy import deepcopy
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from profile_schema import profile_schema

from hashing import blocking_keys, bloom, hardened, normalise
from hashing.errors import ProfileError
from hashing.profile import BUILT_IN, parse_profile
from hashing.tokens import GROUPS

FORMATS = Path(__file__).resolve().parents[2] / "docs/formats"
SCHEMA = json.loads((FORMATS / "profile.schema.json").read_text("utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA)
COMMON = {"name": "name_birth", "bits": 1024, "groups": ["root", "last", "birth"], "needs": ["root", "last", "birth"]}
PROFILE = {
    "format": "headcount-profile/1",
    "name": "made-up",
    "description": "",
    "normalisation": normalise.VERSION,
    "blocking": blocking_keys.VERSION,
    "loose_blocking": False,
}
BLOOM = PROFILE | {"encoder": bloom.ENCODER, "codes": [COMMON | {"hashes": 10}]}
SAUL = PROFILE | {"encoder": hardened.ENCODER, "codes": [COMMON | {"planes": 5}]}


def changed(profile: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    """A profile with another value at a place such as ``codes.0.bits``; ... takes the key away."""
    made = deepcopy(profile)
    *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    place: Any = made
    for part in way:
        place = place[part]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return made


def is_read(profile: object) -> bool:
    try:
        parse_profile(json.dumps(profile).encode(), source="made-up.json")
    except ProfileError:
        return False
    return True


ODD = [None, True, 0, -1, 1, 1.5, "", "x", [], {}, ["root"], "1", 10**30]
PLACES = [
    "format", "name", "description", "encoder", "normalisation", "blocking", "loose_blocking", "codes", "codes.0",
    "codes.0.name", "codes.0.bits", "codes.0.groups", "codes.0.groups.0", "codes.0.needs", "codes.0.needs.0",
]  # fmt: skip
NAMES = ["a", "A", "a b", "a\n", "a-1", "-a", "1a", "a_1", "é", "a" * 32, "a" * 33]
CHANGES = [
    *((path, value) for path in [*PLACES, "codes.0.hashes", "codes.0.planes"] for value in ODD),
    *((path, ...) for path in PLACES if not path.endswith("0")),
    *((path, name) for path in ("name", "codes.0.name") for name in NAMES),
    *(("codes.0.bits", bits) for bits in (64, 256, 512, 1000, 1024, 2048, 4096, 8192, 16384, "1024", 1024.5)),
    *(("codes.0.hashes", hashes) for hashes in (0, 1, 32, 33)),
    *(("codes.0.planes", planes) for planes in (3, 4, 8, 9)),
    *(("codes.0.groups.0", group) for group in (*GROUPS, "shoe", "Root")),
    *(("codes.0.colour", value) for value in ("red", None)),
    ("colour", "red"),
    ("loose_blocking", False),
    ("loose_blocking", True),
    ("encoder", bloom.ENCODER),
    ("encoder", hardened.ENCODER),
    ("encoder", "saul/0"),
    ("format", "headcount-profile/2"),
    ("normalisation", normalise.VERSION + 1),
    ("blocking", blocking_keys.VERSION + 1),
    ("codes", [BLOOM["codes"][0] | {"name": f"c{number}"} for number in range(32)]),
    ("codes", [BLOOM["codes"][0] | {"name": f"c{number}"} for number in range(33)]),
    ("codes", [SAUL["codes"][0] | {"name": f"c{number}"} for number in range(32)]),
    ("codes", [SAUL["codes"][0] | {"name": f"c{number}"} for number in range(33)]),
]
BEYOND = [  # what only the reader says: docs/formats/profile.md, "What the schema cannot say"
    (BLOOM, "codes", [BLOOM["codes"][0]] * 2, "a code is named twice"),
    (SAUL, "codes", [SAUL["codes"][0]] * 2, "a code is named twice"),
    (SAUL, "codes.0.needs", ["root", "last"], "covers fewer than 3 identifiers"),
    (SAUL, "codes.0.groups", ["root", "last"], "covers fewer than 3 identifiers"),
    (SAUL, "codes.0.groups.0", "zip", "covers fewer than 3 identifiers"),
    (BLOOM, "normalisation", float(normalise.VERSION), "Expected `int`, got `float`"),
    (SAUL, "codes.0.planes", 5.0, "Expected `int`, got `float`"),
]


def is_beyond_a_schema(profile: dict[str, Any]) -> bool:
    """Whether a profile that the schema takes breaks a rule between values, counted apart from the reader."""
    names = [code["name"] for code in profile["codes"]]
    same = [{"first", "root"}, {"last", "surnames"}, {"ssn", "ssn4"}, {"birth"}, {"phone"}, {"address"}, {"zip"}]

    def covers_too_few(code: dict[str, Any]) -> bool:
        groups, needs = set(code["groups"]), set(code["needs"])
        enough = 2 if "ssn" in groups & needs else 3
        return sum(bool(kind & groups and kind & needs) for kind in same) < enough

    return len(set(names)) < len(names) or (
        profile["encoder"] == hardened.ENCODER and any(map(covers_too_few, profile["codes"]))
    )


def test_the_published_schema_is_the_one_that_the_types_give():
    """Where it fails, 'make vectors' writes it anew."""
    published = (FORMATS / "profile.schema.json").read_text("utf-8")
    assert published == json.dumps(profile_schema(), indent=1) + "\n"


def test_the_schema_is_one():
    Draft202012Validator.check_schema(SCHEMA)
    assert "\\Z" not in json.dumps(SCHEMA)


@pytest.mark.parametrize("name", BUILT_IN)
def test_the_built_in_profiles_and_the_example_fit_the_schema(name):
    VALIDATOR.validate(json.loads(files("hashing").joinpath(f"profiles/{name}.json").read_text("utf-8")))
    example = (FORMATS / "profile.md").read_text("utf-8").split("```json\n")[1].split("```")[0]
    VALIDATOR.validate(json.loads(example))


@pytest.mark.parametrize("profile", [BLOOM, SAUL], ids=["bloom", "saul"])
@pytest.mark.parametrize(("path", "value"), CHANGES)
def test_schema_and_reader_agree(profile, path, value):
    made = changed(profile, path, value)
    fits = VALIDATOR.is_valid(made)
    assert is_read(made) == (fits and not is_beyond_a_schema(made))


@pytest.mark.parametrize("other", [None, [], "profile", 7, [BLOOM]])
def test_what_is_no_object_is_refused_by_both(other):
    assert not VALIDATOR.is_valid(other)
    assert not is_read(other)


def test_both_take_some_profiles_and_refuse_some():
    made = [changed(profile, path, value) for profile in (BLOOM, SAUL) for path, value in CHANGES]
    assert {VALIDATOR.is_valid(profile) for profile in made} == {True, False}


@pytest.mark.parametrize(("profile", "path", "value", "what"), BEYOND)
def test_what_a_schema_cannot_say_the_reader_does(profile, path, value, what):
    made = changed(profile, path, value)
    assert VALIDATOR.is_valid(made)
    with pytest.raises(ProfileError, match=what):
        parse_profile(json.dumps(made).encode(), source="made-up.json")


@pytest.mark.parametrize(("path", "where"), [("colour", ""), ("codes.0.colour", r" - at `\$\.codes\[0\]`")])
def test_an_unknown_key_is_named_with_its_place(path, where):
    with pytest.raises(
        ProfileError, match=rf"^made-up\.json: Object contains unknown field `colour`{where}$"
    ) as refused:
        parse_profile(json.dumps(changed(BLOOM, path, "red")).encode(), source="made-up.json")
    assert refused.value.hint == "See docs/formats/profile.md."
