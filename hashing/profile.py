"""A profile: everything that two agencies must agree on so that their codes can be compared.

Its digest goes into every key, so agencies with different profiles get incomparable codes and different key
check values, and the service refuses the upload.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import msgspec

from hashing import blocking_keys, bloom, hardened, normalise
from hashing.errors import ProfileError
from hashing.tokens import GROUPS

BUILT_IN = ("bloom", "hardened")
FEWEST_IDENTIFIERS = 3  # of a hardened code; with the whole SSN one fewer will do, since it names a person by itself
_IDENTIFIERS = {
    "first": "given name",
    "root": "given name",
    "last": "surname",
    "surnames": "surname",
    "birth": "birth date",
    "ssn": "SSN",
    "ssn4": "SSN",
    "phone": "telephone",
    "address": "address",
    "zip": "ZIP",
}  # what a token group tells of a person; middle initials, suffixes and units tell too little to count


class _Composite(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a code covers: its token groups, and those without which it is null, never shorter."""

    name: Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]{0,31}\Z")]
    bits: Literal[256, 512, 1024, 2048, 4096, 8192]
    groups: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    needs: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]

    @property
    def identifiers(self) -> frozenset[str]:
        """The identifiers that the code always covers."""
        needed = {_IDENTIFIERS[group] for group in self.needs if group in _IDENTIFIERS}
        return frozenset(needed & {_IDENTIFIERS[group] for group in self.groups if group in _IDENTIFIERS})


class BloomCode(_Composite, frozen=True, forbid_unknown_fields=True):
    """A Bloom filter: each token sets *hashes* bits."""

    hashes: Annotated[int, msgspec.Meta(ge=1, le=bloom.MAX_HASHES)]


class SaulCode(_Composite, frozen=True, forbid_unknown_fields=True):
    """A SAUL code of *planes* SimHash planes: the security knob. With three, known pairs find others (ADR 0010)."""

    planes: Annotated[int, msgspec.Meta(ge=4, le=8)]


Code: TypeAlias = BloomCode | SaulCode


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="encoder"):
    """A named list of codes and the versions of all that feeds them; the encoder's name tells which kind it is."""

    format: Literal["headcount-profile/1"]
    name: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,31}\Z")]
    description: str
    normalisation: int
    blocking: int
    loose_blocking: bool
    codes: tuple[Code, ...]

    @property
    def encoder(self) -> str:
        """The encoder and its version."""
        return str(self.__struct_config__.tag)

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON, as 64 hex digits."""
        return hashlib.sha256(msgspec.json.encode(self, order="sorted")).hexdigest()


class BloomProfile(Profile, frozen=True, forbid_unknown_fields=True, tag=bloom.ENCODER):
    """A profile of Bloom filters."""

    codes: Annotated[tuple[BloomCode, ...], msgspec.Meta(min_length=1, max_length=32)]


class SaulProfile(Profile, frozen=True, forbid_unknown_fields=True, tag=hardened.ENCODER):
    """A profile of SAUL codes; parse_profile holds it to what makes it hardened."""

    codes: Annotated[tuple[SaulCode, ...], msgspec.Meta(min_length=1, max_length=32)]


_PROFILE: msgspec.json.Decoder[BloomProfile | SaulProfile] = msgspec.json.Decoder(BloomProfile | SaulProfile)


def load_profile(name: str) -> Profile:
    """A built-in profile by name, or a custom one from a JSON file.

    Raises:
        ProfileError: no such profile, or one that this version of Headcount cannot encode.
    """
    if name in BUILT_IN:
        return parse_profile(files("hashing").joinpath(f"profiles/{name}.json").read_bytes(), source=name)
    path = Path(name)
    if path.suffix != ".json":
        known = ", ".join(BUILT_IN)
        raise ProfileError(f"there is no profile called {name}", hint=f"Built in: {known}. Or give a .json file.")
    try:
        return parse_profile(path.read_bytes(), source=path.name)
    except OSError as error:
        raise ProfileError(f"{path.name}: the profile cannot be read", hint="Check the name and folder.") from error


def parse_profile(content: bytes, *, source: str) -> Profile:
    """Parse a profile strictly: an unknown key is an error, not a setting that is silently ignored.

    Raises:
        ProfileError: malformed, of other versions than this Headcount's, or hardened in name only.
    """
    try:
        profile = _PROFILE.decode(content)
    except msgspec.MsgspecError as error:
        raise ProfileError(f"{source}: {error}", hint="See docs/formats/profile.md.") from error
    _check_no_key_comes_twice(content, source)
    _check_versions(profile, source)
    names = [code.name for code in profile.codes]
    unknown = {group for code in profile.codes for group in (*code.groups, *code.needs)} - GROUPS.keys()
    if unknown or len(set(names)) != len(names):
        problem = f"unknown token groups: {', '.join(sorted(unknown))}" if unknown else "a code is named twice"
        raise ProfileError(f"{source}: {problem}", hint=f"Groups: {', '.join(GROUPS)}.")
    if isinstance(profile, SaulProfile):
        _check_is_hardened(profile, source)
    return profile


def _check_no_key_comes_twice(content: bytes, source: str) -> None:
    """The decoder takes the last of two, and which of them was meant nobody knows."""

    def check(pairs: list[tuple[str, object]]) -> None:
        for key, times in Counter(key for key, _ in pairs).items():
            if times > 1:
                raise ProfileError(f"{source}: the key {key} comes twice", hint="Leave one of them out.")

    json.loads(content, object_pairs_hook=check)


def _check_versions(profile: Profile, source: str) -> None:
    ours = (normalise.VERSION, blocking_keys.VERSION)
    if (profile.normalisation, profile.blocking) != ours:
        raise ProfileError(
            f"{source}: the profile asks for normalisation {profile.normalisation} and blocking {profile.blocking}; "
            f"this Headcount has {ours[0]} and {ours[1]}",
            hint="All agencies must use the same version of Headcount: update it.",
        )


def _check_is_hardened(profile: SaulProfile, source: str) -> None:
    """Hardened codes are for nothing beside tokens that many share, or where one code is a frequency table."""
    if profile.loose_blocking:
        raise ProfileError(
            f"{source}: a hardened profile may not have loose blocking",
            hint="Set loose_blocking to false: loose tokens show how common a name is.",
        )
    for code in profile.codes:
        whole_ssn = "ssn" in code.needs and "ssn" in code.groups
        if len(code.identifiers) < FEWEST_IDENTIFIERS - whole_ssn:
            raise ProfileError(
                f"{source}: the code {code.name} covers fewer than {FEWEST_IDENTIFIERS} identifiers that it needs",
                hint="Let it cover and need three of: given name, surname, birth date, SSN, telephone, address, ZIP.",
            )
