"""A profile is parsed strictly, and its digest stands for every part of it."""

import hashlib
import json
from importlib.resources import files

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hashing import blocking_keys, normalise
from hashing.errors import ProfileError
from hashing.profile import BUILT_IN, load_profile, parse_profile
from hashing.tokens import GROUPS

CODE = {"name": "name", "bits": 512, "hashes": 5, "groups": ["first", "last"], "needs": ["last"]}
PROFILE = {
    "format": "headcount-profile/1",
    "name": "made-up",
    "description": "for tests",
    "encoder": "bloom/1",
    "normalisation": normalise.VERSION,
    "blocking": blocking_keys.VERSION,
    "loose_blocking": False,
    "codes": [CODE],
}


def parse(**changes: object):
    kept = {key: value for key, value in (PROFILE | changes).items() if value is not ...}
    return parse_profile(json.dumps(kept).encode(), source="made-up.json")


def parse_code(**changes: object):
    return parse(codes=[{key: value for key, value in (CODE | changes).items() if value is not ...}])


def test_the_digest_of_the_built_in_profile_is_a_known_answer():
    assert load_profile("bloom").digest == "ac47b8b635a529e83f2578280b40387348defc7a60a30ce5ea1059f96669b995"


def test_the_digest_of_a_small_profile_is_a_known_answer():
    assert parse().digest == "2aa949aaab2b065252fcbcedb38f87c232b03021d50feea3b3c4c7e946c77239"


def test_the_digest_is_sha_256_over_the_canonical_json():
    canonical = json.dumps(PROFILE, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert parse().digest == hashlib.sha256(canonical).hexdigest()


@given(indent=st.sampled_from([None, 1, 4]), backwards=st.booleans())
def test_the_way_a_profile_is_typed_does_not_change_its_digest(indent, backwards):
    keys = sorted(PROFILE, reverse=backwards)
    typed = json.dumps({key: PROFILE[key] for key in keys}, indent=indent)
    assert parse_profile(typed.encode(), source="typed").digest == parse().digest


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "another"},
        {"description": "another"},
        {"loose_blocking": True},
        {"codes": [CODE | {"bits": 1024}]},
        {"codes": [CODE | {"hashes": 6}]},
        {"codes": [CODE | {"groups": ["last", "first"]}]},
        {"codes": [CODE | {"needs": ["first"]}]},
        {"codes": [CODE | {"name": "other"}]},
        {"codes": [CODE, CODE | {"name": "other"}]},
    ],
)
def test_any_change_changes_the_digest(changes):
    assert parse(**changes).digest != parse().digest


@pytest.mark.parametrize("key", PROFILE)
def test_every_key_is_needed(key):
    with pytest.raises(ProfileError, match=rf"^made-up\.json: Object missing required field `{key}`"):
        parse(**{key: ...})


@pytest.mark.parametrize("key", CODE)
def test_every_key_of_a_code_is_needed(key):
    with pytest.raises(ProfileError, match=rf"Object missing required field `{key}`"):
        parse_code(**{key: ...})


@pytest.mark.parametrize("read", [lambda: parse(colour="red"), lambda: parse_code(colour="red")])
def test_an_unknown_key_is_refused_not_ignored(read):
    with pytest.raises(ProfileError, match="Object contains unknown field `colour`"):
        read()


@pytest.mark.parametrize(
    ("typed", "twice"),
    [
        (json.dumps(PROFILE).replace('"blocking": ', '"blocking": 9, "blocking": '), "blocking"),
        (json.dumps(PROFILE).replace('"bits": 512', '"bits": 256, "bits": 512'), "bits"),
    ],
)
def test_a_key_that_comes_twice_is_refused_not_overruled(typed, twice):
    with pytest.raises(ProfileError, match=rf"^made-up\.json: the key {twice} comes twice$"):
        parse_profile(typed.encode(), source="made-up.json")


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"format": "headcount-profile/2"}, "Invalid enum value 'headcount-profile/2'"),
        ({"encoder": "hardened/1"}, "Invalid value 'hardened/1'"),
        ({"name": "Bloom"}, "Expected `str` matching regex"),
        ({"name": "bloom\n"}, "Expected `str` matching regex"),
        ({"codes": []}, "Expected `array` of length >= 1"),
        ({"codes": [CODE] * 33}, "Expected `array` of length"),
        ({"codes": [CODE, CODE]}, "a code is named twice"),
        ({"loose_blocking": "yes"}, "Expected `bool`"),
        ({"normalisation": "1"}, "Expected `int`"),
    ],
)
def test_a_malformed_profile_is_refused(changes, what):
    with pytest.raises(ProfileError, match=what):
        parse(**changes)


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"bits": 1000}, "Invalid enum value 1000"),
        ({"bits": 16384}, "Invalid enum value 16384"),
        ({"hashes": 0}, "Expected `int` >= 1"),
        ({"hashes": 33}, "Expected `int` <= 32"),
        ({"groups": []}, "length >= 1"),
        ({"needs": []}, "length >= 1"),
        ({"name": "two words"}, "Expected `str` matching regex"),
        ({"name": "code\n"}, "Expected `str` matching regex"),
        ({"groups": ["first", "shoe"]}, "unknown token groups: shoe"),
        ({"needs": ["shoe", "hat"]}, "unknown token groups: hat, shoe"),
    ],
)
def test_a_malformed_code_is_refused(changes, what):
    with pytest.raises(ProfileError, match=what):
        parse_code(**changes)


@pytest.mark.parametrize(("key", "version"), [("normalisation", 2), ("normalisation", 0), ("blocking", 2)])
def test_a_profile_of_other_versions_is_refused(key, version):
    with pytest.raises(ProfileError, match="the profile asks for normalisation") as refusal:
        parse(**{key: version})
    assert "update it" in refusal.value.hint


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"profile"])
def test_what_is_no_profile_is_refused(content):
    with pytest.raises(ProfileError, match=r"^made-up\.json: ") as refusal:
        parse_profile(content, source="made-up.json")
    assert "docs/formats/profile.md" in refusal.value.hint


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_built_in_profile_is_whole(name):
    profile = load_profile(name)
    assert profile.name == name
    assert all(set(code.needs) <= set(code.groups) <= GROUPS.keys() for code in profile.codes)
    assert files("hashing").joinpath(f"profiles/{name}.json").is_file()


def test_a_profile_of_ones_own_is_read_from_its_file(tmp_path):
    path = tmp_path / "ours.json"
    path.write_bytes(json.dumps(PROFILE).encode())
    assert load_profile(str(path)) == parse()


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("hardend", "^there is no profile called hardend$"),
        ("", "^there is no profile called $"),
        ("/nowhere/gone.json", r"^gone\.json: the profile cannot be read$"),
    ],
)
def test_an_unknown_profile_is_refused(name, what):
    with pytest.raises(ProfileError, match=what):
        load_profile(name)


def test_a_profile_written_and_read_again_is_the_same():
    profile = load_profile("bloom")
    assert parse_profile(msgspec.json.encode(profile), source="again") == profile
