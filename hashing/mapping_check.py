"""Whether a mapping speaks of columns that the files have: a slip of the pen there would leave a column unread."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from hashing.columns import column_labels
from hashing.errors import InputFileError
from hashing.headers import find_header
from hashing.importers.sheets import Sheet
from hashing.mapping import AgencyMapping


def check_mapping(mapping: AgencyMapping, sheets: Sequence[Sheet]) -> list[str]:
    """Notes on sections of a mapping that fit no file.

    Raises:
        InputFileError: a header that the mapping names is in none of the files that it is said of.
    """
    if not (mapping.columns or mapping.files):
        return []
    headers = {sheet.name: _headers(sheet, mapping) for sheet in sheets}
    _check_columns(mapping, "[columns]", mapping.columns, headers.values())
    unfit = []
    for file in mapping.files:
        fitting = [headers[sheet.name] for sheet in sheets if file.fits(sheet.name)]
        if fitting:
            _check_columns(mapping, f'[files."{file.pattern}"]', file.said.columns, fitting)
        else:
            unfit.append(file.pattern)
    return [f"{mapping.name} speaks of {', '.join(unfit)}: no file here has such a name"] if unfit else []


def _headers(sheet: Sheet, mapping: AgencyMapping) -> frozenset[str]:
    header = find_header(sheet, mapping.of_sheet(sheet.name))
    cells = header.cells if header else ()
    return frozenset(text.lower() for text in (*cells, *column_labels(cells)) if text)


def _check_columns(
    mapping: AgencyMapping, section: str, columns: Iterable[str], files: Iterable[frozenset[str]]
) -> None:
    known = frozenset().union(*files)
    for column in columns:
        if column not in known:
            near = get_close_matches(column, known, n=1)
            raise InputFileError(
                f"{mapping.name}: {section} names the column {column!r}, which no file has",
                hint=f"Did you mean {near[0]!r}?"
                if near
                else "Write it as it stands in the file, or take the line out.",
            )
