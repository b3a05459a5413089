"""What clkhash 0.18.3 does with a schema that its author may not expect.

Bit-identical codes mean doing the same; being honest means saying so. Each trap names the place in the schema
and what clkhash does, and nothing here changes a code.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass

from msgspec import UNSET

from hashing.clkhash_formats import DateFormat, StringFormat
from hashing.clkhash_schema import BlakeHash, ClkConfig, ClkhashSchema, Hkdf, NumericComparison, Recipe

BLAKE_POSITIONS = 1 << 16  # clkhash draws sixteen-bit words
_YEAR, _MONTH, _DAY = frozenset("YyGcx"), frozenset("mbBjUWVcx"), frozenset("djUWVcx")
_TIME = frozenset("HIMSfpXczZ")


@dataclass(frozen=True, slots=True)
class Trap:
    """A place in a schema, as a JSON path, and what clkhash does there."""

    path: str
    what: str

    def __str__(self) -> str:
        return f"{self.path}: {self.what}"


def traps(schema: ClkhashSchema) -> tuple[Trap, ...]:
    """Everything in a schema that clkhash ignores, drops or reads otherwise than it is written, in file order."""
    found = [*_in_config(schema.config), *_in_kdf(schema.config.kdf)]
    for place, feature in enumerate(schema.features):
        path = f"$.features[{place}]"
        if feature.recipe:
            found += _in_recipe(feature.recipe, schema.config, path)
        elif feature.hashing is not UNSET:
            found.append(Trap(path, "clkhash ignores the feature, so its 'format' and 'hashing' do nothing"))
    if not any(feature.recipe for feature in schema.features):
        found.append(Trap("$.features", "every feature is ignored: clkhash sets no bit, and all codes are alike"))
    return tuple(found)


def _in_config(config: ClkConfig) -> Iterator[Trap]:
    if config.xor_folds not in (UNSET, config.folds):
        yield Trap(
            "$.clkConfig.xorFolds",
            f"clkhash ignores this key (it looks for 'xor_folds') and folds {config.folds} times, not "
            f"{config.xor_folds}; so does Headcount",
        )
    if config.folds:
        yield Trap(
            "$.clkConfig.xor_folds", f"clkhash obeys this key (folds: {config.folds}), which it documents nowhere"
        )
    for key, value in (("k", config.k), ("hash", config.hash_of_version_1)):
        if value is not UNSET:
            yield Trap(
                f"$.clkConfig.{key}", "clkhash ignores this key of version 1; each feature's 'hashing' says what holds"
            )


def _in_kdf(kdf: Hkdf) -> Iterator[Trap]:
    for key, text in (("salt", kdf.salt), ("info", kdf.info)):
        if not _is_strict_base64(text):
            yield Trap(
                f"$.clkConfig.kdf.{key}",
                "clkhash drops every character that is not standard base64 (such as '-' and '_') and uses the rest",
            )


def _is_strict_base64(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


def _in_recipe(recipe: Recipe, config: ClkConfig, path: str) -> Iterator[Trap]:
    if isinstance(recipe.format, DateFormat):
        yield from (Trap(f"{path}.format.format", what) for what in _in_date(recipe.format))
    if isinstance(recipe.hashing.comparison, NumericComparison):
        yield from _in_numeric(recipe, recipe.hashing.comparison, path)
    missing = recipe.hashing.missing_value
    if missing is not UNSET and missing.replace_with is UNSET:
        yield Trap(
            f"{path}.hashing.missingValue",
            "without 'replaceWith' clkhash hashes the sentinel like a value: records that both lack it look alike",
        )
    if isinstance(recipe.hashing.method, BlakeHash) and config.filter_bits > BLAKE_POSITIONS:
        yield Trap(
            f"{path}.hashing.hash", f"clkhash draws sixteen-bit positions: no bit after {BLAKE_POSITIONS} is set"
        )


def _in_date(dates: DateFormat) -> Iterator[str]:
    letters = dates.letters
    parts = (("year", _YEAR, "1900"), ("month", _MONTH, "January"), ("day", _DAY, "the first"))
    for name, directives, fallback in parts:
        if not letters & directives:
            yield f"no {name} is read: clkhash hashes {fallback} for everybody"
    if "y" in letters:
        yield "clkhash reads two-digit years 00 to 68 as 2000 to 2068, and 69 to 99 as 1969 to 1999"
    if letters & _TIME:
        yield "clkhash reads the time of day and drops it"


def _in_numeric(recipe: Recipe, numeric: NumericComparison, path: str) -> Iterator[Trap]:
    comparison = f"{path}.hashing.comparison"
    if numeric.interval != numeric.threshold_distance * numeric.scale:
        yield Trap(
            f"{comparison}.thresholdDistance",
            f"clkhash rounds it to {numeric.fractional_precision} decimals (half to even)",
        )
    if isinstance(recipe.format, StringFormat) and not numeric.fractional_precision:
        yield Trap(comparison, "without 'fractional_precision' clkhash cuts the decimals of a value off")
    tokens, bits = 2 * numeric.resolution + 1, recipe.hashing.strategy.bits_per_feature
    if bits is not UNSET and bits < tokens:
        yield Trap(
            f"{path}.hashing.strategy.bitsPerFeature",
            f"a value has {tokens} tokens: clkhash leaves the last {tokens - bits} out",
        )
