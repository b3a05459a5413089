"""Service gaps: who comes to one place regularly and is unknown where more could be done for them."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from linkage.errors import RequestRefused

_COLUMNS = ["name", "at", "months", "unknown_to"]
_LARGEST = 1 << 20  # bytes
_YEAR = 12
_HINT = "Columns: name,at,months,unknown_to; at is an area or an agency, unknown_to areas with ; between them."


@dataclass(frozen=True, slots=True)
class Gap:
    """Who was *at* an area or agency in so many *months* of the last twelve, and in none of the other areas."""

    name: str
    at: str
    months: int
    unknown_to: tuple[str, ...]


USUAL = (
    Gap("food for three months, no shelter or outreach", "food", 3, ("shelter", "outreach")),
    Gap("food for three months, no health or behavioral health", "food", 3, ("health", "behavioral_health")),
    Gap("outreach for two months, no health", "outreach", 2, ("health",)),
    Gap(
        "shelter for two months, no behavioral health or substance use",
        "shelter",
        2,
        ("behavioral_health", "substance_use"),
    ),
)


def read_gaps(path: Path) -> tuple[Gap, ...]:
    """The gaps of a collaborative's own CSV.

    Raises:
        RequestRefused: it cannot be read, with the row and the remedy.
    """
    try:
        rows = list(csv.reader(path.read_bytes()[:_LARGEST].decode("utf-8-sig").splitlines(), strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise RequestRefused(f"{path.name}: cannot be read as CSV in UTF-8", hint=_HINT) from error
    if not rows or rows[0] != _COLUMNS:
        raise RequestRefused(f"{path.name}, row 1: not the columns {','.join(_COLUMNS)}", hint=_HINT)
    return tuple(_gap(path, number, row) for number, row in enumerate(rows[1:], start=2) if row)


def _gap(path: Path, number: int, row: Sequence[str]) -> Gap:
    cells = [cell.strip() for cell in row]
    if len(cells) != len(_COLUMNS) or not all(cells) or not cells[2].isdecimal() or not 0 < int(cells[2]) <= _YEAR:
        raise RequestRefused(f"{path.name}, row {number}: not a gap of 1 to 12 months", hint=_HINT)
    return Gap(cells[0], cells[1], int(cells[2]), tuple(each.strip() for each in cells[3].split(";")))


def as_tables(gaps: Sequence[Gap], areas: Sequence[str], agencies: Sequence[str]) -> tuple[pa.Table, pa.Table]:
    """The gaps by number: where people are, and the areas where they are not seen. What no file names has nobody."""
    area, agency = ({name: number for number, name in enumerate(names)} for names in (areas, agencies))
    gap = {
        "number": pa.array(range(len(gaps)), pa.int32()),
        "area": pa.array([area.get(each.at) for each in gaps], pa.int32()),
        "agency": pa.array([agency.get(each.at) for each in gaps], pa.int32()),
        "months": pa.array([each.months for each in gaps], pa.int32()),
    }
    elsewhere = [(number, area[name]) for number, each in enumerate(gaps) for name in each.unknown_to if name in area]
    away = {
        "number": pa.array([number for number, _ in elsewhere], pa.int32()),
        "area": pa.array([place for _, place in elsewhere], pa.int32()),
    }
    return pa.table(gap), pa.table(away)
