"""What is wrong with the fields of a request, in plain words that never repeat what was in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from api.inputs import EMAIL, HEX32, HEX64, KEYID, LINE, MEMBER_ID, PERIOD, PROFILE, ROW

MOST = 10  # complaints in one answer

_NAMES = {"member_id": "the member's identifier"}
_PATTERNS = {
    MEMBER_ID: "has to be 1 to 64 small letters, digits, '-' or '_', and to start with a letter or a digit",
    LINE: "has to be one line of text",
    HEX64: "has to be 64 digits from 0 to 9 and a to f",
    HEX32: "has to be 32 digits from 0 to 9 and a to f",
    PERIOD: "has to be a period such as 2026, 2026-Q1, 2026-01 or 2026-01..2026-06",
    KEYID: "has to be the id of a key: 16 digits from 0 to 9 and a to f",
    ROW: "has to be the code of a row: 16 small letters and digits",
    EMAIL: "has to be an e-mail address",
    PROFILE: "has to be 1 to 32 small letters, digits or '-', and to start with a letter or a digit",
}
# By the types of pydantic's errors; {names} are of their context, which tells of the rule and not of the request.
_WORDS = {
    "missing": "is missing",
    "enum": "has to be one of: {expected}",
    "string_too_short": "is empty or too short",
    "string_too_long": "is longer than {max_length} characters",
    "int_type": "has to be a whole number",
    "int_parsing": "has to be a whole number",
    "greater_than_equal": "has to be {ge} or more",
    "less_than_equal": "has to be {le} or less",
}
_WHOLE = {
    "json_invalid": "the request is not JSON",
    "extra_forbidden": "the request has a field that the service does not know",
}
_OTHERWISE = "is not what it has to be"


def complain(errors: Iterable[Mapping[str, Any]]) -> str:
    """The errors of a ``RequestValidationError`` as one line."""
    found = dict.fromkeys(_complaint(error) for error in errors)
    return "; ".join(list(found)[:MOST])


def _complaint(error: Mapping[str, Any]) -> str:
    kind, rule = str(error["type"]), error.get("ctx", {})
    if kind in _WHOLE:
        return _WHOLE[kind]
    if kind == "string_pattern_mismatch":
        words = _PATTERNS.get(rule["pattern"], _OTHERWISE)
    else:
        words = _WORDS.get(kind, _OTHERWISE).format_map(rule)
    return f"{_name(error['loc'])} {words}"


def _name(place: tuple[str | int, ...]) -> str:
    """The field at *place*, which starts with the part of the request: path, query or body."""
    if len(place) < 2:
        return "the request"
    field = str(place[1])
    return _NAMES.get(field, f"'{field}'")
