"""Numbers with the word that they count, in the singular where there is one: "1 client is", "2 clients are"."""

from __future__ import annotations


def counted(count: int, one: str, several: str = "") -> str:
    """A number and its words; *several* is *one* with an "s" unless it is said."""
    return f"{count:,} {one if count == 1 else several or one + 's'}"
