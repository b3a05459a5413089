"""A hold list that lies among the files to read, and was not given as one: nobody in it would be held."""

from __future__ import annotations

import re
from collections.abc import Iterable

from hashing.errors import InputFileError
from hashing.held_households import comparable
from hashing.holds import read_hold_list
from hashing.importers.sheets import Sheet

_NAMED = re.compile(
    r"(?i)(?<![a-z])(on[-_ ]?)?holds?(?![a-z])|(?<![a-z])do[-_ ]?not[-_ ]?(match|share|send|encode)(?![a-z])"
)


def check_no_hold_list_is_forgotten(unused: Iterable[Sheet], *, held: frozenset[str]) -> None:
    """Whether each of the sheets of which nothing is used is no hold list, or one whose clients are *held*.

    Raises:
        InputFileError: a sheet that is called a hold list names clients who would not be held.
    """
    known = {comparable(number) for number in held}
    for sheet in unused:
        if _NAMED.search(sheet.name) and not {comparable(number) for number in _listed(sheet)} <= known:
            raise InputFileError(
                f"{sheet.name}: this looks like a hold list, and nobody in it would be held",
                hint="Give it as the hold list (hold=FILE), or rename it if it is none.",
            )


def _listed(sheet: Sheet) -> frozenset[str]:
    try:
        return read_hold_list([sheet])
    except InputFileError:
        return frozenset()
