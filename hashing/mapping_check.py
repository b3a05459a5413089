"""Whether a mapping speaks of what the files have: a slip of the pen there would leave a column unread."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from hashing.columns import column_labels
from hashing.counted import counted
from hashing.errors import InputFileError
from hashing.headers import HEADER_WITHIN, find_header
from hashing.importers.sheets import Sheet
from hashing.mapping import AgencyMapping, FileMapping
from hashing.mapping_files import line_of

_Headers = Mapping[str, str]  # in lower case -> as they stand in a file


def check_mapping(mapping: AgencyMapping, sheets: Sequence[Sheet]) -> list[str]:
    """Notes on sections of a mapping that fit no file.

    Raises:
        InputFileError: a header, or a row of headers, that the mapping names is in none of the files it is said of.
    """
    notes = []
    for file in mapping.files:
        fitting = [sheet for sheet in sheets if file.fits(sheet.name)]
        for sheet in fitting:
            _check_header_row(mapping, file, sheet)
        if not fitting:
            notes.append(_fits_nothing(mapping, file, sheets))
    _check_all_columns(mapping, sheets)
    return notes


def _check_all_columns(mapping: AgencyMapping, sheets: Sequence[Sheet]) -> None:
    _check_columns(mapping, _Section("[columns]", mapping.columns), sheets)
    for file in mapping.files:
        fitting = [sheet for sheet in sheets if file.fits(sheet.name)]
        if fitting:
            _check_columns(mapping, _Section(f'[files."{file.pattern}"]', file.said.columns), fitting)


def _headers(sheet: Sheet, mapping: AgencyMapping) -> _Headers:
    header = find_header(sheet, mapping.of_sheet(sheet.name))
    cells = header.cells if header else ()
    return {text.lower(): text for text in (*cells, *column_labels(cells)) if text}


@dataclass(frozen=True, slots=True)
class _Section:
    """A section of a mapping: what messages call it, and the columns that it names, in lower case."""

    name: str
    columns: Iterable[str]


def _check_columns(mapping: AgencyMapping, section: _Section, sheets: Sequence[Sheet]) -> None:
    known = {lower: text for sheet in sheets for lower, text in _headers(sheet, mapping).items()}
    for column in section.columns:
        if column not in known:
            line = line_of(mapping.text, column, below=section.name.strip("[]"))
            named = _as_written(mapping.text, column)
            raise InputFileError(
                f"{mapping.name}: {line}{section.name} names the column {named!r}, which no file has",
                hint=_elsewhere(column, sheets) or _meant(column, known),
            )


def _elsewhere(column: str, sheets: Sequence[Sheet]) -> str:
    """What to do where a column stands above or below the row that was taken for the headers."""
    for sheet in sheets:
        for place, row in enumerate(sheet.rows[:HEADER_WITHIN], 1):
            if any(cell.lower() == column for cell in row):
                return f"It stands in row {place} of {sheet.name}: write header-row = {place} in that file's section."
    return ""


def _meant(column: str, known: _Headers) -> str:
    if near := get_close_matches(column, known, n=1):
        return f"Did you mean {known[near[0]]!r}?"
    if known:
        return "Write it as it stands in the file, or take the line out."
    return "Write it as it stands in the file. No row looks like headers yet: header-row says which one holds them."


def _as_written(text: str, column: str) -> str:
    found = re.search(re.escape(column), text, re.IGNORECASE)
    return found[0] if found else column


def _check_header_row(mapping: AgencyMapping, file: FileMapping, sheet: Sheet) -> None:
    """Whether anything stands in the row in which the headers are said to be."""
    row = file.said.header_row
    if row is None or (row < len(sheet.rows) and any(sheet.rows[row])):
        return
    line = line_of(mapping.text, "header-row", below=f'files."{file.pattern}"')
    is_short = row >= len(sheet.rows)
    what = f"{sheet.name} has {counted(len(sheet.rows), 'row')}" if is_short else f"that row of {sheet.name} is blank"
    found = find_header(sheet)
    hint = f"Row {found.place + 1} looks like headers." if found else "Count the rows from the top, blank ones too."
    raise InputFileError(f"{mapping.name}: {line}header-row = {row + 1}, and {what}", hint=hint)


def _fits_nothing(mapping: AgencyMapping, file: FileMapping, sheets: Sequence[Sheet]) -> str:
    near = get_close_matches(file.pattern, [sheet.name for sheet in sheets], n=1)
    meant = f"; is {near[0]} meant?" if near else ""
    return f"{mapping.name} speaks of {file.pattern}: no file here has such a name{meant}"
