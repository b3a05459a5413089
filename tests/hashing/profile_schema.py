"""Makes the published JSON Schema of profiles: ``make vectors``, or ``python tests/hashing/profile_schema.py``.

It is made of the types that read a profile, and says beyond them what :func:`hashing.profile.parse_profile` checks
and JSON Schema can tell. What it cannot tell is in docs/formats/profile.md.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import msgspec

from hashing import blocking_keys, normalise
from hashing.profile import BloomProfile, SaulProfile
from hashing.tokens import GROUPS

END = r"(?![\s\S])"  # the end of the text for every reader of patterns; \Z is Python's alone


def profile_schema() -> dict[str, Any]:
    """The schema, of JSON Schema draft 2020-12."""
    made = msgspec.json.schema(BloomProfile | SaulProfile)
    types = made["$defs"]
    for name in ("BloomProfile", "SaulProfile"):
        types[name]["properties"]["normalisation"] = {"const": normalise.VERSION}
        types[name]["properties"]["blocking"] = {"const": blocking_keys.VERSION}
    types["SaulProfile"]["properties"]["loose_blocking"] = {"const": False}
    for name in ("BloomCode", "SaulCode"):
        for key in ("groups", "needs"):
            types[name]["properties"][key]["items"] = {"enum": list(GROUPS)}
    for kind in types.values():
        kind["properties"]["name"]["pattern"] = kind["properties"]["name"]["pattern"].replace(r"\Z", END)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Headcount profile, headcount-profile/1",
        "description": "What it cannot say is told in docs/formats/profile.md.",
        "anyOf": made["anyOf"],
        "$defs": types,
    }


if __name__ == "__main__":
    json.dump(profile_schema(), sys.stdout, indent=1)
    sys.stdout.write("\n")
