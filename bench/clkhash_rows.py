"""Encodes a CSV with clkhash, run by clkhash's own environment: ``python clkhash_rows.py FILE OUT [PROCESSES]``.

The schema is the nearest to the profile `bloom` that clkhash can express: one CLK of 1,024 bits over the same
identifiers, ten bits a token. It imports nothing of ours.
"""

import json
import sys
from typing import Any

from clkhash.clk import generate_clk_from_csv
from clkhash.schema import from_json_dict
from clkhash.serialization import serialize_bitarray


def feature(name: str, grams: int, *, placed: bool) -> dict[str, Any]:
    """A column of the CSV whose q-grams set bits."""
    comparison = {"type": "ngram", "n": grams, "positional": placed}
    hashing = {"comparison": comparison, "strategy": {"bitsPerToken": 10}}
    return {"identifier": name, "format": {"type": "string", "encoding": "utf-8"}, "hashing": hashing}


def ignored(name: str) -> dict[str, Any]:
    """A column of the CSV that is not encoded."""
    return {"identifier": name, "ignored": True}


SCHEMA = {
    "version": 3,
    "clkConfig": {
        "l": 1024,
        "kdf": {"type": "HKDF", "hash": "SHA256", "info": "", "salt": "", "keySize": 64},
    },
    "features": [
        ignored("rec_id"),
        feature("first_name", 2, placed=False),
        feature("middle", 1, placed=False),
        feature("last_name", 2, placed=False),
        feature("dob", 1, placed=True),
        ignored("sex"),
        feature("ssn", 1, placed=True),
        feature("street_number", 1, placed=True),
        feature("street_name", 2, placed=False),
        ignored("city"),
        feature("zip", 1, placed=True),
        feature("phone", 1, placed=True),
    ],
}

if __name__ == "__main__":
    source, out, *processes = sys.argv[1:]
    with open(source, encoding="utf-8") as rows:  # noqa: PTH123 -- clkhash takes a stream
        clks = generate_clk_from_csv(
            rows,
            "a secret",
            from_json_dict(SCHEMA),
            validate=False,
            progress_bar=False,
            max_workers=int(processes[0]) if processes else None,
        )
    with open(out, "w", encoding="utf-8") as stream:  # noqa: PTH123
        json.dump({"clks": [serialize_bitarray(clk) for clk in clks]}, stream)
