"""The common given names, which tell a first name from a surname where both stand in one cell."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def given_names() -> frozenset[str]:
    """Common given names, lower case."""
    return frozenset(files("hashing").joinpath("data/given_names.txt").read_text("utf-8").split())
