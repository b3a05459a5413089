"""Columns that tell of others than the client: a spouse, children. They are not read, and a person should know that."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hashing.columns import Table
from hashing.fields import header_words
from hashing.headers import find_header

_OF_THE_HOUSEHOLD = re.compile(
    r"\b(spouse|husband|wife|partner|child(ren)?|kids?|sons?|daughters?|siblings?|dependents?|"
    r"(household|family|hh) members?|(member|adult|person) [1-9]|conyuge|espos[oa]|hij[oa]s?)\b"
)
_WHO = re.compile(r"\b(name|first|last|dob|birth\w*|nombres?|apellidos?|nacimiento|ssn)\b")


def unused_columns(table: Table) -> dict[int, str]:
    """The columns that are not read, by place: each with its header, behind the group that it stands under."""
    groups = find_header(table.sheet)
    above = groups.groups if groups is not None else ()
    headers = table.sheet.rows[table.header]
    return {
        place: f"{above[place]}: {headers[place]}" if place < len(above) and above[place] else headers[place]
        for place in table.unused_places()
    }


def notes_on_others(table: Table) -> Iterator[str]:
    """Whether columns of a list tell of people who may have no row of their own."""
    labels = list(dict.fromkeys(filter(_tells_of_others, unused_columns(table).values())))
    if labels:
        shown = ", ".join(labels[:3]) + (", ..." if len(labels) > 3 else "")
        yield (
            f"columns of {table.sheet.name} tell of others in the household ({shown}): they are not read, and whoever "
            "has no row of their own is not counted"
        )


def _tells_of_others(label: str) -> bool:
    words = header_words(label)
    return bool(_OF_THE_HOUSEHOLD.search(words) and _WHO.search(words))
