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
from hashing.fields import field_of_header
from hashing.headers import HEADER_WITHIN, find_header
from hashing.mapping import DATES, NOT_USED, AgencyMapping, FileMapping, SheetMapping, Told, field_names, told_of
from hashing.months import names_month

_WHOLE_FILE = frozenset({"dates", "columns", "files", "hold"})
_NOT_USED = frozenset({"", "-", "ignore", "ignored", "skip", "none", "no", "unused", "other", "leave out", "false"})
_ONE_FILE = frozenset({"dates", "columns", "header-row"})


def read_mapping(text: str, *, name: str) -> AgencyMapping:
    """The mapping in a TOML text.

    Raises:
        InputFileError: it is not TOML, or it names a field or setting that there is not.
    """
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputFileError(
            f"{name}: this is not a mapping file ({_place(error)})",
            hint='Put headers, fields and files into quotes, as in "Born on" = "date of birth", and each header once.',
        ) from error
    reading = _Reading(text, name)
    reading.check_keys(told, _WHOLE_FILE)
    said = reading.said(told)
    files = [FileMapping(pattern, reading.file(pattern, of)) for pattern, of in reading.table(told, "files").items()]
    return AgencyMapping(name, said.columns, said.day_first, tuple(files), reading.hold(told), text)


def _place(error: tomllib.TOMLDecodeError) -> str:
    """Where TOML ends; what stands there may be anything that was taken for a mapping."""
    found = re.search(r"line \d+, column \d+", str(error))
    return found[0] if found else "its end is missing"


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
        for inner, value in told.items():
            if isinstance(value, dict) and inner != "columns":  # [files.clients.csv]
                hint = f'Put the whole name into quotes: [files."{pattern}.{inner}"].'
                raise self.mistake(pattern, "is parted at its full stop", hint=hint)
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
                raise self.mistake(key, "is no setting of a mapping file", hint=_hint_for_key(key, known))

    def _told(self, header: str, word: object) -> Told:
        told = told_of(word) if isinstance(word, str) else None
        if told is None:
            hint = f"{_suggestion(header, str(word))}There are: {', '.join(field_names())}."
            raise self.mistake(header, "is mapped to a field that there is not", hint=hint)
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
            raise self.mistake(
                "dates", "is neither day-first nor month-first", hint='Write dates = "day-first" or "month-first".'
            )
        return DATES[order]

    def mistake(self, key: str, what: str, *, hint: str) -> InputFileError:
        return InputFileError(f"{self.name}: {line_of(self.text, key)}{key!r} {what}", hint=hint)


def _hint_for_key(key: str, known: frozenset[str]) -> str:
    if key == "header-row":
        return f'A row of headers is one file\'s: write it below [files."NAME"]. Here there are {_listed(known)}.'
    if key in _WHOLE_FILE:
        return f"Write it at the top, above all sections. Here there are {_listed(known)}."
    if told_of(key) is not None or field_of_header(key) is not None:
        return f"Write [columns] above it. There are {_listed(known)}."
    return f"There are {_listed(known)}."


def _suggestion(header: str, word: str) -> str:
    """What was probably meant by a field that there is not: "birthday", or the two sides in the wrong order."""
    if header in _WHOLE_FILE | _ONE_FILE:
        return f"Where {header!r} is a setting and no header, write it above [columns]. "
    if told_of(header) is not None:
        return f'The header of your file stands first: "{word}" = "{header.lower()}". '
    if word.strip().lower() in _NOT_USED:
        return f"Did you mean {NOT_USED!r}? "
    near = field_of_header(word) or next(iter(get_close_matches(word.lower(), field_names(), n=1, cutoff=0.5)), None)
    return f"Did you mean '{near}'? " if near else ""


def line_of(text: str, key: str, *, below: str = "") -> str:
    """ "line 7: " for the line of a TOML text on which a key stands, *below* another; empty where it is not found."""
    lines = text.splitlines()
    start = next((at for at, line in enumerate(lines) if below and below in line), 0)
    written = {json.dumps(key, ensure_ascii=False), f"'{key}'"} | ({key} if re.fullmatch(r"[\w-]+", key) else set())
    for number, line in enumerate(lines[start:], start + 1):
        if any(re.search(rf"(^|[\[.,{{\s]){re.escape(form)}\s*[=.\]]", line, re.IGNORECASE) for form in written):
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
