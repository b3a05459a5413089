"""A value of a client list -> the tokens that clkhash makes of it.

Values are checked against the feature's format and written in one way; nothing is normalised: "ana" and "Ana"
stay different. Refusals tell what a value should be, never what it is, and carry no cause, because Python's own
messages quote the value.
"""

from __future__ import annotations

import re
from datetime import datetime

from msgspec import UNSET

from hashing.clkhash_formats import DateFormat, EnumFormat, Format, IntegerFormat, StringFormat
from hashing.clkhash_schema import MissingValue, NgramComparison, NumericComparison, Recipe
from hashing.errors import InputFileError

_MEND = "Correct it in the file, or the format in the schema; a sentinel for missing values needs 'missingValue'."


def tokens_of(value: str, recipe: Recipe) -> list[str]:
    """The tokens of one value, in order; one that occurs twice is there twice. None for an empty text.

    Raises:
        InputFileError: the value is not of the feature's format, or no number where numbers are compared.
    """
    text = _canonical(value, recipe)
    comparison = recipe.hashing.comparison
    if not text:
        return []
    if isinstance(comparison, NgramComparison):
        return _ngrams(text, comparison)
    if isinstance(comparison, NumericComparison):
        return _neighbourhood(text, comparison)
    return [text]


def _canonical(value: str, recipe: Recipe) -> str:
    missing = recipe.hashing.missing_value
    if missing is not UNSET and value == missing.sentinel:
        text = _substitute(missing)
    else:
        text = _formatted(value, recipe.format)
    try:
        text.encode(recipe.encoding)
    except UnicodeEncodeError:
        raise _unfit(f"has letters that {recipe.encoding} lacks") from None
    return text


def _substitute(missing: MissingValue) -> str:
    """Neither checked nor formatted: clkhash passes a sentinel by."""
    return missing.sentinel if missing.replace_with is UNSET else missing.replace_with


def _formatted(value: str, kind: Format) -> str:
    if isinstance(kind, IntegerFormat):
        return _integer(value, kind)
    if isinstance(kind, DateFormat):
        return _date(value, kind)
    if isinstance(kind, EnumFormat):
        return _member(value, kind)
    return _string(value, kind)


def _string(value: str, kind: StringFormat) -> str:
    if kind.pattern is not UNSET:
        if not re.fullmatch(kind.pattern, value):
            raise _unfit("does not match the format's pattern")
        return value
    shortest = 0 if kind.min_length is UNSET else kind.min_length
    longest = len(value) if kind.max_length is UNSET else kind.max_length
    if not shortest <= len(value) <= longest:
        raise _unfit("is shorter or longer than the format allows")
    if (kind.case == "upper" and value != value.upper()) or (kind.case == "lower" and value != value.lower()):
        raise _unfit(f"is not in {kind.case} case")
    return value


def _integer(value: str, kind: IntegerFormat) -> str:
    try:
        number = int(value)
    except ValueError:
        raise _unfit("is not a whole number") from None
    if (kind.minimum is not UNSET and number < kind.minimum) or (kind.maximum is not UNSET and number > kind.maximum):
        raise _unfit("is a number outside of the format's range")
    return str(number)


def _date(value: str, kind: DateFormat) -> str:
    """Years before 1000 without leading zeros, as ``strftime`` of clkhash writes them on Linux."""
    try:
        read = datetime.strptime(value, kind.directives)  # noqa: DTZ007 -- only the calendar date is used
    except ValueError:
        raise _unfit(f"is not a date of the form {kind.directives}") from None
    return f"{read.year}{read.month:02}{read.day:02}"


def _member(value: str, kind: EnumFormat) -> str:
    if value not in kind.values:
        raise _unfit("is none of the format's values")
    return value


def _ngrams(text: str, comparison: NgramComparison) -> list[str]:
    n = comparison.n
    padded = " " * (n - 1) + text + " " * (n - 1)
    grams = [padded[at : at + n] for at in range(len(padded) - n + 1)]
    return [f"{place} {gram}" for place, gram in enumerate(grams, 1)] if comparison.positional else grams


def _neighbourhood(text: str, comparison: NumericComparison) -> list[str]:
    """The grid points around a number, after Vatsalan and Christen 2016 (doi 10.1016/j.jbi.2015.12.004).

    All is multiplied by 2 * resolution, so that the grid falls on whole numbers.
    """
    try:
        scaled = _scaled(text, comparison) * 2 * comparison.resolution
    except (ValueError, OverflowError):
        raise _unfit("is not a number") from None
    step, residue = comparison.interval, scaled % comparison.interval
    middle = scaled - residue if residue < step / 2 else scaled - residue + step
    reach = range(-comparison.resolution, comparison.resolution + 1)
    return [str(middle + place * step) for place in reach]


def _scaled(text: str, comparison: NumericComparison) -> int:
    """Whole numbers exactly; others as floating point, cut off where no decimals count."""
    try:
        return int(text) * comparison.scale
    except ValueError:
        number = float(text)
    return round(number * comparison.scale) if comparison.fractional_precision else int(number)


def _unfit(why: str) -> InputFileError:
    return InputFileError(f"the value {why}", hint=_MEND)
