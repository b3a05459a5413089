"""The formats of values in a clkhash linkage schema: what a cell must be, and how it is written before hashing."""

from __future__ import annotations

import re
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType, field

_DIRECTIVE = re.compile(r"%(.?)", re.DOTALL)
_KNOWN_DIRECTIVES = frozenset("aAwdbBmyYHIpMSfzZjUWcxXGuV%")


class SchemaPart(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """What every part of a schema has in common: it cannot change, and unknown keys are errors."""


class StringFormat(SchemaPart, frozen=True, tag_field="type", tag="string"):
    """Text, either of a *pattern* or of a case and length. It is only checked: clkhash changes no letter."""

    encoding: Literal["ascii", "utf-8", "utf-16", "utf-32"] = "utf-8"
    case: Literal["upper", "lower", "mixed"] | UnsetType = UNSET
    min_length: Annotated[int, Meta(ge=0)] | UnsetType = UNSET
    max_length: Annotated[int, Meta(ge=1)] | UnsetType = UNSET
    pattern: str | UnsetType = UNSET
    description: str = ""

    def __post_init__(self) -> None:
        if self.pattern is UNSET:
            return
        if not (self.case is self.min_length is self.max_length is UNSET):
            raise ValueError("a format with 'pattern' has no 'case', 'minLength' or 'maxLength'")
        try:
            re.compile(self.pattern)
        except re.error as error:
            raise ValueError(f"'pattern' is not a regular expression: {error}") from error


class IntegerFormat(SchemaPart, frozen=True, tag_field="type", tag="integer"):
    """A whole number; hashed without plus sign, spaces and leading zeros."""

    minimum: int | UnsetType = UNSET
    maximum: int | UnsetType = UNSET
    description: str = ""


class DateFormat(SchemaPart, frozen=True, tag_field="type", tag="date"):
    """A date in the directives of ``strptime``; hashed as year, month and day without separators."""

    directives: str = field(name="format")
    description: str = ""

    def __post_init__(self) -> None:
        if unknown := self.letters - _KNOWN_DIRECTIVES:
            raise ValueError(f"'format' has an unknown directive: {', '.join(f'%{letter}' for letter in unknown)}")

    @property
    def letters(self) -> frozenset[str]:
        """The directives' letters, such as ``{"Y", "m", "d"}``."""
        return frozenset(_DIRECTIVE.findall(self.directives))


class EnumFormat(SchemaPart, frozen=True, tag_field="type", tag="enum"):
    """One of a list of values."""

    values: tuple[str, ...]
    description: str = ""


Format = StringFormat | IntegerFormat | DateFormat | EnumFormat
