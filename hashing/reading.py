"""How one agency's files are to be read: what its mapping file says, what was asked once, and who is on hold.

The mapping of an agency is remembered in a folder of the user's own (HEADCOUNT_HOME). It holds headers only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hashing.choices import Choices
from hashing.columns import Table, understand
from hashing.date_order import unclear_columns
from hashing.errors import InputFileError, OutputError
from hashing.holds import read_hold_list
from hashing.importers.source import are_empty, read_list, read_sheets
from hashing.mapping import DATES, NOTHING_SAID, AgencyMapping
from hashing.mapping_files import line_of, read_mapping, write_mapping
from hashing.schema import check_agency_id

AskOrder = Callable[[str], bool]
"""Asks a person whether the column with this header writes the day first."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the command line says: the agency, the folder that remembers, and what goes before all of it."""

    agency: str = ""
    home: Path | None = None
    mapping: Path | None = None
    dates: str = ""
    hold: Path | None = None

    @property
    def remembered(self) -> Path | None:
        """Where the agency's mapping is remembered, whether or not there is one yet."""
        if self.home is None or not self.agency:
            return None
        check_agency_id(self.agency)  # it becomes part of a path
        return self.home / f"{self.agency}.mapping.toml"


def choices_of(told: Told) -> Choices:
    """What was said on the command line, in the mapping named there, or else in the one that is remembered.

    Raises:
        InputFileError: the mapping or the hold list cannot be read, or the order of dates is none.
    """
    if told.dates and told.dates not in DATES:
        raise InputFileError(
            f"{told.dates!r} is no order of dates", hint='Say dates="day-first" or dates="month-first".'
        )
    path = _mapping_file(told)
    mapping = NOTHING_SAID if path is None else read_mapping(_text(path), name=path.name)
    hold = _on_hold(told.hold) if told.hold else frozenset()
    if path is not None and mapping.hold:
        hold |= _on_hold(_hold_list_of(mapping, path))
    return Choices(mapping, DATES.get(told.dates), hold)


def _on_hold(path: Path) -> frozenset[str]:
    sheets = read_list(path)
    if are_empty(sheets):
        raise InputFileError(
            f"{path.name}: the hold list is empty",
            hint="Write 'Client ID' and below it the client numbers on hold; that header alone holds nobody.",
        )
    return read_hold_list(sheets)


def _hold_list_of(mapping: AgencyMapping, path: Path) -> Path:
    """Where a mapping's hold list is, from the folder of the mapping file."""
    found = path.parent / mapping.hold
    if not found.exists():
        raise InputFileError(
            f"{path.name}: {line_of(_text(path), 'hold')}'hold' names {mapping.hold}, and there is no such file",
            hint=f"Put the list into {path.parent.absolute()}, write its whole path there, or take the line out.",
        )
    return found


def _mapping_file(told: Told) -> Path | None:
    if told.mapping is not None:
        return told.mapping
    return told.remembered if told.remembered is not None and told.remembered.exists() else None


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except FileNotFoundError as error:
        raise InputFileError(f"{path.name}: there is no such file", hint="Check the name and the folder.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise InputFileError(
            f"{path.name or path}: the mapping file cannot be read",
            hint="A mapping file is UTF-8 text that names columns. Lists are given without an option.",
        ) from error


def understood(files: Sequence[Path], choices: Choices) -> list[Table]:
    """The tables of an agency's files as they stand there, before anything in them is settled."""
    sheets = read_sheets(files)
    return [table for s in sheets if (table := understand(s, choices.of_sheet(s.name))) is not None]


def with_order_asked(files: Sequence[Path], choices: Choices, told: Told, ask: AskOrder) -> Choices:
    """The choices, with the order of the dates asked for where the files leave it open, and remembered.

    Raises:
        OutputError: the answer cannot be remembered.
    """
    is_said = choices.day_first is not None or choices.mapping.day_first is not None
    unclear = [] if is_said else unclear_columns(understood(files, choices))
    if not unclear:
        return choices
    day_first = ask(unclear[0])
    if told.mapping is None and told.remembered is not None:
        _remember_order(told.remembered, day_first=day_first)
    return replace(choices, day_first=day_first)


def _remember_order(path: Path, *, day_first: bool) -> None:
    """Write the answer as the first line of the mapping; sections may follow it."""
    order = next(word for word, first in DATES.items() if first is day_first)
    before = _text(path) if path.exists() else ""
    _write(path, f'dates = "{order}"\n{before}')


def save_mapping(files: Sequence[Path], choices: Choices, told: Told) -> Path:
    """Write what is understood of the files as the agency's mapping, to be corrected and remembered.

    Raises:
        OutputError: there is no agency, there is a mapping already, or the folder cannot be written.
    """
    path = told.remembered
    if path is None:
        raise OutputError("a mapping is an agency's", hint='Say whose it is: agency="...".')
    if path.exists():
        raise OutputError(
            f"{path}: there is a mapping already", hint="Change it in a text editor, or delete it to make a new one."
        )
    _write(path, write_mapping(understood(files, choices), agency=told.agency, day_first=choices.day_first))
    return path


def _write(path: Path, text: str) -> None:
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(text, "utf-8")
        part.replace(path)
    except OSError as error:
        raise OutputError(f"{path}: the mapping cannot be written there", hint="Check the folder.") from error
