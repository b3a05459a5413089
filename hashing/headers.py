"""Finds the row of headers in a sheet: below titles, perhaps in two rows of which the upper one names groups."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from anyascii import anyascii

from hashing.birth_parts import birth_parts, names_birth_part
from hashing.fields import field_of_header
from hashing.importers.sheets import Sheet
from hashing.mapping import AS_FOUND, SheetMapping
from hashing.months import names_month

HEADER_WITHIN = 30  # title rows above the header
_SOMEBODY_ELSE = re.compile(
    r"\b(care ?givers?|carers?|cuidador(a|es)?|emergency|emergencia|guardians?|tutor(a|es)?|parents?|padres?|mother|"
    r"madre|father|spouse|husband|wife|partner|conyuge|esposo|esposa|next of kin|kin|representative|payee|proxy|"
    r"attorney|landlord|employer|work|school|physician|doctor|provider|case ?(manager|worker)|staff|advocate|agency|"
    r"office|referr\w*|"
    r"(co|second|secondary|alternate|other|additional) ?-?(applicant|adult|contact|person|member|household member)s?|"
    r"(household|family|other) members?|dependents?|children|siblings?|contact person)\b"
)


@dataclass(frozen=True, slots=True)
class Header:
    """Where the headers are and what they say; *titles* are the rows above them."""

    place: int
    cells: tuple[str, ...]
    groups: tuple[str, ...]
    titles: tuple[str, ...]

    def is_of_somebody_else(self, place: int) -> bool:
        """Whether a column stands under a group such as "Caregiver" or "Emergency contact"."""
        group = self.groups[place] if place < len(self.groups) else ""
        return bool(_SOMEBODY_ELSE.search(anyascii(group).lower()))


def find_header(sheet: Sheet, said: SheetMapping = AS_FOUND) -> Header | None:
    """The headers of a sheet, or None where no row looks like headers; in the row where they are *said* to be."""
    at = said.header_row
    top = [list(row) for row in sheet.rows[:HEADER_WITHIN]]
    if at is not None:
        return _header(top, at, tuple(top[at])) if at < len(top) else None
    rate = _Rating(said.knows)
    best = max((rate(top, place, joint=joint) for place in range(len(top)) for joint in (False, True)), default=None)
    if best is None or best[0] == 0:
        return None
    place, joint = -best[1], not best[2]
    return _header(top, place, tuple(_joined(top[place - 1], top[place])) if joint else tuple(top[place]))


@dataclass(frozen=True, slots=True)
class _Rating:
    """How much a row looks like headers, of which some are known from a mapping."""

    is_known: Callable[[str], bool]

    def __call__(self, top: Sequence[list[str]], place: int, *, joint: bool) -> tuple[int, int, bool]:
        """(recognised columns, -place, whether it is one row): the greatest is the header."""
        alone = self._recognised(top[place])
        if not joint:
            return alone, -place, True
        # Two rows are one header only where each of them is: a client's own row may hold a word such as "Guest".
        if place == 0 or alone < 2 or not self._recognised(top[place - 1]):
            return 0, -place, False
        return self._recognised(_joined(top[place - 1], top[place])), -place, False

    def _recognised(self, row: Sequence[str]) -> int:
        """How many kinds of columns a row of headers names; all its months are one."""
        told = len({cell.lower() for cell in row if self.is_known(cell)})
        fields = {field_of_header(cell) for cell in row if cell and not self.is_known(cell)}
        return len(fields - {None}) + told + any(names_month(cell) for cell in row) + bool(birth_parts(row))


def _joined(upper: list[str], lower: list[str]) -> list[str]:
    """Two rows of headers as one: a header that is merged over both rows stands in the upper one."""
    width = max(len(upper), len(lower))
    groups = _groups(upper, width) or tuple(upper)
    above, below = upper + [""] * width, lower + [""] * width
    behind = [*groups, *[""] * width]
    return [_joined_cell(above[place], below[place], group=behind[place]) for place in range(width)]


def _joined_cell(above: str, below: str, *, group: str) -> str:
    """The lower header; behind its group where it says something only there: "Birth Date" over "Month"."""
    if below and group and field_of_header(below) is None:
        both = f"{group} {below}"
        return both if names_birth_part(both) or field_of_header(both) else below
    return below or above


def _header(top: Sequence[list[str]], place: int, cells: tuple[str, ...]) -> Header:
    titles = tuple(cell for row in top[:place] for cell in row if cell)
    return Header(place, cells, _groups(top[place - 1], len(cells)) if place else (), titles)


def _groups(row: list[str], width: int) -> tuple[str, ...]:
    """The group above each column: a merged cell holds its text in its first column only.

    A lone cell at the left, or one text over all columns, is a title and no group.
    """
    if len(set(filter(None, row))) < 2 and (not row or row[0]):
        return ()
    groups, current = [], ""
    for place in range(width):
        cell = row[place] if place < len(row) else ""
        is_end_of_merged = not cell and place > 1 and current and row[place - 2 : place] == [current, current]
        current = cell or ("" if is_end_of_merged else current)
        groups.append(current)
    return tuple(groups)
