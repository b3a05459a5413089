"""Schemas to try things on: one plain schema, and ways to change one place of it."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

from hashing.clk import encode_clks
from hashing.clk_keys import ClkSecret
from hashing.clkhash_schema import ClkhashSchema, parse_clkhash_schema

DATA = Path(__file__).parent / "data" / "clkhash"
SECRET = ClkSecret(b"shared secret")
PLAIN: dict[str, Any] = {
    "version": 3,
    "clkConfig": {"l": 256, "kdf": {"type": "HKDF"}},
    "features": [
        {"identifier": "id", "ignored": True},
        {
            "identifier": "name",
            "format": {"type": "string"},
            "hashing": {"comparison": {"type": "ngram", "n": 2}, "strategy": {"bitsPerToken": 4}},
        },
    ],
}
_GONE = object()
REMOVED: Any = _GONE


def changed(*changes: tuple[str, Any]) -> dict[str, Any]:
    """The plain schema with places changed; a place is a path such as ``features.1.hashing.hash``."""
    schema = deepcopy(PLAIN)
    for path, value in changes:
        *way, last = path.split(".")
        part: Any = schema
        for step in way:
            part = part[int(step)] if isinstance(part, list) else part[step]
        if value is _GONE:
            del part[last]
        else:
            part[last] = value
    return schema


def parsed(schema: object) -> ClkhashSchema:
    return parse_clkhash_schema(json.dumps(schema).encode(), source="schema.json")


def clk(schema: object, *cells: str, secret: ClkSecret = SECRET) -> bytes:
    return next(encode_clks([cells], schema=parsed(schema), secret=secret))


def named(name: str, *changes: tuple[str, Any]) -> bytes:
    """The CLK of a row with this name under the plain schema, changed."""
    return clk(changed(*changes), "1", name)


def bits(code: bytes) -> set[int]:
    return {place for place in range(len(code) * 8) if code[place // 8] >> (7 - place % 8) & 1}
