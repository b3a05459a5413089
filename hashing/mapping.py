"""What an agency says of its own files: which column is what, where the headers are, how its dates are written.

A mapping file is TOML and holds headers only, never a client's value; docs/formats/mapping-file.md describes it.
What it says goes before what Headcount would guess.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from hashing.fields import Field

NOT_USED = "not used"
DATES = {"day-first": True, "month-first": False}
_MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")
Told = Field | str  # a field, NOT_USED, or the month YYYY-MM whose services a column counts


@dataclass(frozen=True, slots=True)
class SheetMapping:
    """What is said of one sheet; *header_row* counts from 0."""

    columns: Mapping[str, Told] = field(default_factory=dict)
    header_row: int | None = None
    day_first: bool | None = None

    def told(self, label: str, header: str) -> Told | None:
        """What is said of a column by its label, else by its header; None where nothing is."""
        return self.columns.get(label.lower(), self.columns.get(header.lower()) if header else None)

    def knows(self, header: str) -> bool:
        """Whether a header is spoken of."""
        return bool(header) and header.lower() in self.columns


AS_FOUND = SheetMapping()


@dataclass(frozen=True, slots=True)
class FileMapping:
    """What is said of the files whose name fits *pattern*, in which * stands for anything."""

    pattern: str
    said: SheetMapping

    def fits(self, sheet: str) -> bool:
        """Whether a sheet, or the workbook that it is in, has such a name."""
        shape = re.compile(".*".join(map(re.escape, self.pattern.split("*"))), re.IGNORECASE)
        return bool(shape.fullmatch(sheet) or shape.fullmatch(re.sub(r" \[.*\]$", "", sheet)))


@dataclass(frozen=True, slots=True)
class AgencyMapping:
    """All that an agency says of its files. *name* is what messages call the mapping file, and *text* what is in it."""

    name: str
    columns: Mapping[str, Told] = field(default_factory=dict)
    day_first: bool | None = None
    files: Sequence[FileMapping] = ()
    hold: str = ""  # where the agency's hold list is, so that nobody forgets it
    text: str = field(default="", repr=False)

    def of_sheet(self, sheet: str) -> SheetMapping:
        """What is said of one sheet; of its own file goes before of all files."""
        said = SheetMapping(dict(self.columns), None, self.day_first)
        for file in (file for file in self.files if file.fits(sheet)):
            said = SheetMapping(
                {**said.columns, **file.said.columns},
                said.header_row if file.said.header_row is None else file.said.header_row,
                said.day_first if file.said.day_first is None else file.said.day_first,
            )
        return said


NOTHING_SAID = AgencyMapping("no mapping")


def told_of(text: str) -> Told | None:
    """What a word in a mapping file says of a column: a field's name, "not used" or a month; None for anything else."""
    word = " ".join(text.split()).lower()
    if word == NOT_USED or _MONTH.fullmatch(word):
        return word
    return next((known for known in Field if known.value.lower() == word), None)


def field_names() -> Iterable[str]:
    """What a mapping file may call a column."""
    return (*(known.value for known in Field), NOT_USED)
