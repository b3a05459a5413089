"""Whether a mapping speaks of what the files have: a slip of the pen there would leave a column unread."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

from hashing.columns import column_labels
from hashing.counted import counted
from hashing.errors import InputFileError
from hashing.headers import find_header
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
    if not (mapping.columns or mapping.files):
        return
    headers = {sheet.name: _headers(sheet, mapping) for sheet in sheets}
    _check_columns(mapping, "[columns]", mapping.columns, headers.values())
    for file in mapping.files:
        fitting = [headers[sheet.name] for sheet in sheets if file.fits(sheet.name)]
        if fitting:
            _check_columns(mapping, f'[files."{file.pattern}"]', file.said.columns, fitting)


def _headers(sheet: Sheet, mapping: AgencyMapping) -> _Headers:
    header = find_header(sheet, mapping.of_sheet(sheet.name))
    cells = header.cells if header else ()
    return {text.lower(): text for text in (*cells, *column_labels(cells)) if text}


def _check_columns(mapping: AgencyMapping, section: str, columns: Iterable[str], files: Iterable[_Headers]) -> None:
    known = {lower: text for headers in files for lower, text in headers.items()}
    for column in columns:
        if column not in known:
            near = get_close_matches(column, known, n=1)
            line = line_of(mapping.text, column, below=section.strip("[]"))
            named = _as_written(mapping.text, column)
            raise InputFileError(
                f"{mapping.name}: {line}{section} names the column {named!r}, which no file has",
                hint=f"Did you mean {known[near[0]]!r}?" if near else _without_a_near_one(known),
            )


def _as_written(text: str, column: str) -> str:
    found = re.search(re.escape(column), text, re.IGNORECASE)
    return found[0] if found else column


def _without_a_near_one(known: _Headers) -> str:
    if not known:
        return (
            "No row of headers was found: say in which row they stand, with header-row below the section of the file."
        )
    return "Write it as it stands in the file, or take the line out."


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
