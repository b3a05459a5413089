"""Reads and writes mapping files (TOML). A mistake in one is named with its line."""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from hashing.birth_parts import WHOLE_HEADER
from hashing.columns import Table, TableKind, column_labels
from hashing.errors import InputFileError
from hashing.headers import HEADER_WITHIN, find_header
from hashing.mapping import DATES, AgencyMapping, FileMapping, SheetMapping, Told, field_names, told_of
from hashing.months import names_month

_WHOLE_FILE = frozenset({"dates", "columns", "files", "hold"})
_ONE_FILE = frozenset({"dates", "columns", "header-row"})


def read_mapping(text: str, *, name: str) -> AgencyMapping:
    """The mapping in a TOML text.

    Raises:
        InputFileError: it is not TOML, or it names a field or setting that there is not.
    """
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputFileError(f"{name}: this is not a mapping file ({error})", hint="See the line named.") from error
    reading = _Reading(text, name)
    reading.check_keys(told, _WHOLE_FILE)
    said = reading.said(told)
    files = [FileMapping(pattern, reading.file(pattern, of)) for pattern, of in reading.table(told, "files").items()]
    return AgencyMapping(name, said.columns, said.day_first, tuple(files), reading.hold(told))


@dataclass(frozen=True, slots=True)
class _Reading:
    """One mapping file, and where in it a key stands."""

    text: str
    name: str

    def said(self, told: Mapping[str, Any]) -> SheetMapping:
        columns = {header.lower(): self._told(header, word) for header, word in self.table(told, "columns").items()}
        return SheetMapping(columns, self._header_row(told), self._day_first(told))

    def file(self, pattern: str, told: object) -> SheetMapping:
        if not isinstance(told, dict):
            raise self.mistake(pattern, "is not a section of a file", hint=f'Write [files."{pattern}"].')
        self.check_keys(told, _ONE_FILE)
        return self.said(told)

    def hold(self, told: Mapping[str, Any]) -> str:
        hold = told.get("hold", "")
        if not isinstance(hold, str) or ("hold" in told and not hold.strip()):
            raise self.mistake(
                "hold", "is no file", hint='Write hold = "hold.csv", the list of client numbers on hold.'
            )
        return hold

    def table(self, told: Mapping[str, Any], key: str) -> dict[str, Any]:
        found = told.get(key, {})
        if not isinstance(found, dict):
            raise self.mistake(key, "is not a section", hint=f"Write [{key}] on a line of its own.")
        return found

    def check_keys(self, told: Mapping[str, Any], known: frozenset[str]) -> None:
        for key in told:
            if key not in known:
                raise self.mistake(key, "is no setting of a mapping file", hint=f"There are {_listed(known)}.")

    def _told(self, header: str, word: object) -> Told:
        told = told_of(word) if isinstance(word, str) else None
        if told is None:
            near = get_close_matches(str(word).lower(), field_names(), n=1, cutoff=0.5)
            hint = f"Did you mean {near[0]!r}? " if near else ""
            raise self.mistake(
                header, "is mapped to a field that there is not", hint=f"{hint}There are: {', '.join(field_names())}."
            )
        return told

    def _header_row(self, told: Mapping[str, Any]) -> int | None:
        row = told.get("header-row")
        if row is None:
            return None
        if not isinstance(row, int) or isinstance(row, bool) or not 1 <= row <= HEADER_WITHIN:
            raise self.mistake(
                "header-row", "is no row", hint=f"Give the row as your spreadsheet counts it, 1 to {HEADER_WITHIN}."
            )
        return row - 1

    def _day_first(self, told: Mapping[str, Any]) -> bool | None:
        order = told.get("dates")
        if order is None:
            return None
        if order not in DATES:
            raise self.mistake("dates", "is neither day-first nor month-first", hint='Write dates = "day-first".')
        return DATES[order]

    def mistake(self, key: str, what: str, *, hint: str) -> InputFileError:
        return InputFileError(f"{self.name}: {line_of(self.text, key)}{key!r} {what}", hint=hint)


def line_of(text: str, key: str) -> str:
    """ "line 7: " for the line on which a key of a TOML text stands; empty where it cannot be found."""
    written = {json.dumps(key, ensure_ascii=False), f"'{key}'"} | ({key} if re.fullmatch(r"[\w-]+", key) else set())
    for number, line in enumerate(text.splitlines(), 1):
        if any(re.search(rf"(^|[\[.\s]){re.escape(form)}\s*[=.\]]", line) for form in written):
            return f"line {number}: "
    return ""


def _listed(words: frozenset[str]) -> str:
    return ", ".join(sorted(words))


def write_mapping(tables: Sequence[Table], *, agency: str, day_first: bool | None) -> str:
    """A mapping file that says what was understood of these tables: headers only, no value of a client."""
    used = [table for table in tables if table.kind is not TableKind.OTHER]
    shared = Counter(_pattern(table.sheet.name) for table in used)
    lines = [f"# How Headcount reads the files of {agency}. It holds headers, and no client's value."]
    lines += ["# What is said here goes before what Headcount would guess; in a file's name, * stands for anything."]
    if day_first is not None:
        lines += ["", f'dates = "{next(word for word, order in DATES.items() if order is day_first)}"']
    for table in used:
        pattern = _pattern(table.sheet.name)
        lines += _section(table, pattern if shared[pattern] == 1 else table.sheet.name)
    return "\n".join(lines) + "\n"


def _pattern(sheet: str) -> str:
    """A file's name without the date that it will not have next month."""
    return re.sub(r"\d[\d_. -]*\d|\d", "*", sheet)


def _section(table: Table, pattern: str) -> Iterator[str]:
    cells = table.sheet.rows[table.header]
    labels, ours = column_labels(cells), {WHOLE_HEADER}  # which no file has
    meant = {place: found.value for found, places in table.columns.items() for place in places}
    meant |= {place: month for place, month in table.months.places if not names_month(cells[place])}
    found = find_header(table.sheet)
    if found is None or found.place != table.header:
        yield from ("", f"[files.{_quoted(pattern)}]", f"header-row = {table.header + 1}")
    yield from ("", f"[files.{_quoted(pattern)}.columns]")
    yield from (f"{_quoted(labels[at])} = {_quoted(meant[at])}" for at in sorted(meant) if labels[at] not in ours)
    known = meant.keys() | {place for place, _ in table.months.places}
    unused = [label for place, label in enumerate(labels) if place not in known and label not in ours]
    yield from (f"# {_quoted(label)} = {_quoted('not used')}" for label in unused)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
