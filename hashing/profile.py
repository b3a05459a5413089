"""A profile: everything that two agencies must agree on so that their codes can be compared.

Its digest goes into every key, so agencies with different profiles get incomparable codes and different key
check values, and the service refuses the upload.
"""

from __future__ import annotations

import hashlib
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from hashing import blocking_keys, normalise
from hashing.errors import ProfileError
from hashing.tokens import GROUPS

BUILT_IN = ("bloom",)


class Code(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One code: the token groups that it covers, and those without which it is null, never shorter."""

    name: Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]{0,31}\Z")]
    bits: Literal[256, 512, 1024, 2048, 4096, 8192]
    hashes: Annotated[int, msgspec.Meta(ge=1, le=32)]
    groups: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    needs: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A named list of codes and the versions of all that feeds them."""

    format: Literal["headcount-profile/1"]
    name: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,31}\Z")]
    description: str
    encoder: Literal["bloom/1"]
    normalisation: int
    blocking: int
    loose_blocking: bool
    codes: Annotated[tuple[Code, ...], msgspec.Meta(min_length=1, max_length=32)]

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON, as 64 hex digits."""
        return hashlib.sha256(msgspec.json.encode(self, order="sorted")).hexdigest()


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
        ProfileError: malformed, or of other versions than this Headcount's.
    """
    try:
        profile = msgspec.json.decode(content, type=Profile)
    except msgspec.MsgspecError as error:
        raise ProfileError(f"{source}: {error}", hint="See docs/formats/profile.md.") from error
    _check_versions(profile, source)
    names = [code.name for code in profile.codes]
    unknown = {group for code in profile.codes for group in (*code.groups, *code.needs)} - GROUPS.keys()
    if unknown or len(set(names)) != len(names):
        problem = f"unknown token groups: {', '.join(sorted(unknown))}" if unknown else "a code is named twice"
        raise ProfileError(f"{source}: {problem}", hint=f"Groups: {', '.join(GROUPS)}.")
    return profile


def _check_versions(profile: Profile, source: str) -> None:
    ours = (normalise.VERSION, blocking_keys.VERSION)
    if (profile.normalisation, profile.blocking) != ours:
        raise ProfileError(
            f"{source}: the profile asks for normalisation {profile.normalisation} and blocking {profile.blocking}; "
            f"this Headcount has {ours[0]} and {ours[1]}",
            hint="All agencies must use the same version of Headcount: update it.",
        )
