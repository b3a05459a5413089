"""clkhash linkage schemas, version 3: read strictly into frozen types.

The types follow the JSON, key by key; those of values are in ``hashing.clkhash_formats``. An unknown key is an
error even where clkhash would pass over it in silence. A key that clkhash is known to ignore is read, so that
``hashing.clkhash_traps`` can say what becomes of it.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType, field

from hashing.clkhash_formats import Format, SchemaPart, StringFormat
from hashing.errors import ClkhashSchemaError

VERSION = 3
MAX_FILTER_BITS = 1 << 22  # far above any schema in use; a mistyped length must not exhaust the memory
BLAKE_KEY_BYTES = 64  # RFC 7693 section 2.1: the longest key of BLAKE2b
_DIGEST_BYTES = {"SHA256": 32, "SHA512": 64}

Count = Annotated[int, Meta(ge=1, le=1_000_000)]


class Hkdf(SchemaPart, frozen=True):
    """How keys come from the secret: HKDF (RFC 5869); *salt* and *info* in base64, *key_size* in bytes."""

    kind: Literal["HKDF"] = field(name="type")
    algorithm: Literal["SHA256", "SHA512"] = field(default="SHA256", name="hash")
    salt: str = ""
    info: str = ""
    key_size: Annotated[int, Meta(ge=1)] = 64

    def __post_init__(self) -> None:
        for text in (self.salt, self.info):
            try:
                base64.b64decode(text)
            except ValueError as error:
                raise ValueError("'salt' and 'info' are base64") from error

    @property
    def most_bytes(self) -> int:
        """The longest output that RFC 5869 section 2.3 allows."""
        return 255 * _DIGEST_BYTES[self.algorithm]


class ClkConfig(SchemaPart, frozen=True):
    """Settings of the whole code. clkhash obeys *folds* and ignores *xor_folds*, *k* and *hash_of_version_1*."""

    length: Annotated[int, Meta(ge=1)] = field(name="l")
    kdf: Hkdf
    folds: Annotated[int, Meta(ge=0, le=16)] = field(default=0, name="xor_folds")
    xor_folds: Annotated[int, Meta(ge=0)] | UnsetType = UNSET
    k: Any = UNSET
    hash_of_version_1: Any = field(default=UNSET, name="hash")

    @property
    def filter_bits(self) -> int:
        """Bits of the filter before folding; *length* is what is left of it afterwards."""
        return self.length << self.folds

    def __post_init__(self) -> None:
        if self.filter_bits > MAX_FILTER_BITS:
            raise ValueError(f"the filter has {self.filter_bits} bits; Headcount makes up to {MAX_FILTER_BITS}")


class NgramComparison(SchemaPart, frozen=True, tag_field="type", tag="ngram"):
    """Runs of *n* letters, with their place where *positional*."""

    n: Count
    positional: bool = False


class ExactComparison(SchemaPart, frozen=True, tag_field="type", tag="exact"):
    """The value as one token."""


class NumericComparison(SchemaPart, frozen=True, tag_field="type", tag="numeric"):
    """A number's neighbourhood: 2 * *resolution* + 1 tokens, none shared beyond *threshold_distance*."""

    threshold_distance: Annotated[int, Meta(gt=0)] | Annotated[float, Meta(gt=0)]
    resolution: Annotated[int, Meta(ge=1, le=100_000)]
    fractional_precision: Annotated[int, Meta(ge=0, le=100)] = field(default=0, name="fractional_precision")

    @property
    def interval(self) -> int:
        """The threshold in units of the last digit that counts."""
        return round(self.threshold_distance * self.scale)

    @property
    def scale(self) -> int:
        """How many units of the last digit that counts make one."""
        return int(10**self.fractional_precision)

    def __post_init__(self) -> None:
        if self.interval == 0:
            raise ValueError("'thresholdDistance' is rounded to 0: raise it, or 'fractional_precision'")


class BlakeHash(SchemaPart, frozen=True, tag_field="type", tag="blakeHash"):
    """Positions are words of keyed BLAKE2b digests."""


class DoubleHash(SchemaPart, frozen=True, tag_field="type", tag="doubleHash"):
    """Positions are a + i*b, with a from HMAC-SHA-1 and b from HMAC-MD5."""

    prevent_singularity: bool = field(default=False, name="prevent_singularity")


class Strategy(SchemaPart, frozen=True):
    """How many positions are drawn: for every token alike, or for the feature in all."""

    bits_per_token: Count | UnsetType = UNSET
    bits_per_feature: Count | UnsetType = UNSET

    def __post_init__(self) -> None:
        if (self.bits_per_token is UNSET) is (self.bits_per_feature is UNSET):
            raise ValueError("a strategy has either 'bitsPerToken' or 'bitsPerFeature'")


class MissingValue(SchemaPart, frozen=True):
    """The *sentinel* that stands for a missing value, and what is hashed in its place."""

    sentinel: str
    replace_with: str | UnsetType = UNSET


Comparison = NgramComparison | ExactComparison | NumericComparison


class Hashing(SchemaPart, frozen=True):
    """How a feature becomes tokens, and tokens positions."""

    comparison: Comparison
    strategy: Strategy
    method: BlakeHash | DoubleHash = field(default=BlakeHash(), name="hash")
    missing_value: MissingValue | UnsetType = UNSET


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is done to the values of one feature."""

    format: Format
    hashing: Hashing

    @property
    def encoding(self) -> str:
        """The encoding of the tokens: strings may choose one, all else is UTF-8."""
        return self.format.encoding if isinstance(self.format, StringFormat) else "utf-8"


class Feature(SchemaPart, frozen=True):
    """One column of the file, in its order. An ignored one keeps its two keys, and those of the others their place."""

    identifier: str
    ignored: bool = False
    description: str = ""
    value_format: Format | UnsetType = field(default=UNSET, name="format")
    hashing: Hashing | UnsetType = UNSET

    def __post_init__(self) -> None:
        if (self.value_format is UNSET) is not (self.hashing is UNSET):
            raise ValueError("a feature has 'format' and 'hashing', both or neither")
        if not self.ignored and self.hashing is UNSET:
            raise ValueError("a feature without 'format' and 'hashing' must say 'ignored': true")

    @property
    def recipe(self) -> Recipe | None:
        """None where the feature is ignored."""
        if self.ignored or self.value_format is UNSET or self.hashing is UNSET:
            return None
        return Recipe(self.value_format, self.hashing)


class ClkhashSchema(SchemaPart, frozen=True):
    """A whole linkage schema of version 3."""

    version: Literal[3]
    config: ClkConfig = field(name="clkConfig")
    features: Annotated[tuple[Feature, ...], Meta(min_length=1)]

    def __post_init__(self) -> None:
        kdf = self.config.kdf
        if self.key_bytes > kdf.most_bytes:
            raise ValueError(f"the features need {self.key_bytes} bytes of keys, HKDF gives at most {kdf.most_bytes}")
        for feature in self.features:
            if feature.recipe:
                _check_method(feature.recipe.hashing.method, self.config, where=feature.identifier)

    @property
    def key_bytes(self) -> int:
        """Two keys a feature, ignored or not."""
        return 2 * len(self.features) * self.config.kdf.key_size


def _check_method(method: BlakeHash | DoubleHash, config: ClkConfig, *, where: str) -> None:
    bits = config.filter_bits
    if isinstance(method, BlakeHash) and bits & (bits - 1):
        raise ValueError(f"feature '{where}': blakeHash needs a filter of a power of two bits, not {bits}")
    if isinstance(method, BlakeHash) and config.kdf.key_size > BLAKE_KEY_BYTES:
        raise ValueError(f"feature '{where}': blakeHash takes keys of up to {BLAKE_KEY_BYTES} bytes")
    if isinstance(method, DoubleHash) and method.prevent_singularity and bits == 1:
        raise ValueError(f"feature '{where}': prevent_singularity never ends with a filter of one bit")


_MEND = (
    "Correct it, or take the key out where it is not one of version 3: clkhash would ignore some unknown keys in "
    "silence. See docs/how-to/interoperate-with-clkhash.md."
)


def read_clkhash_schema(path: Path) -> ClkhashSchema:
    """Read a linkage schema file.

    Raises:
        ClkhashSchemaError: the file cannot be read, or is not a linkage schema of version 3.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ClkhashSchemaError(
            f"{path.name}: the schema cannot be read", hint="Check the name and folder."
        ) from error
    return parse_clkhash_schema(content, source=path.name)


def parse_clkhash_schema(content: bytes, *, source: str) -> ClkhashSchema:
    """Parse a linkage schema; the place of a mistake is given as a JSON path.

    Raises:
        ClkhashSchemaError: not JSON, not version 3, an unknown key, or a setting that clkhash 0.18.3 refuses too.
    """
    try:
        _check_version(msgspec.json.decode(content), source)
        return msgspec.json.decode(content, type=ClkhashSchema)
    except msgspec.ValidationError as error:
        raise ClkhashSchemaError(f"{source}: {error}", hint=_MEND) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ClkhashSchemaError(f"{source}: this is not JSON", hint="Give the linkage schema's .json file.") from error


def _check_version(parsed: object, source: str) -> None:
    version = parsed.get("version") if isinstance(parsed, dict) else None
    if version in (1, 2):
        raise ClkhashSchemaError(
            f"{source}: this is a linkage schema of version {version}, Headcount reads version {VERSION}",
            hint="Convert it with 'anonlink convert-schema', look at what became of it, and give the result.",
        )
    if version != VERSION:
        raise ClkhashSchemaError(
            f"{source}: this is not a clkhash linkage schema of version {VERSION}",
            hint="Give the schema that the other party encoded with; it begins with its version.",
        )
