"""Prints a count that the service or a run has released."""

from __future__ import annotations

import re
from typing import Any

from rich.console import Console
from rich.table import Table

STARS = "***"


def print_count(count: dict[str, Any], *, console: Console | None = None) -> None:
    """Print a released table: people, range, the total, and the duplicated sum beside it."""
    out = console or Console(highlight=False)
    table = Table(title=count["title"], title_justify="left", show_footer=True)
    total, unit = count["total"], count["unit"]
    table.add_column("", footer=f"unduplicated {unit}")
    table.add_column(unit, justify="right", footer=shown(total["people"]))
    table.add_column("likely range", justify="right", footer=_range(total))
    for row in count["rows"]:
        table.add_row(_words(row["label"]), shown(row["people"]), _range(row))
    out.print(table)
    one = "household" if unit == "households" else "person"
    out.print(f"Sum of the rows, where the same {one} counts again and again: {shown(count['duplicated'])}")
    for note in count["notes"]:
        out.print(f"  {note}")


def _words(label: str) -> str:
    """A member as a reader expects it: 18 to 24, food bank."""
    return re.sub(r"^(\d+)_(\d+)$", r"\1 to \2", label).replace("_", " ")


def shown(value: int | None) -> str:
    """A released number, or stars where it is withheld."""
    return STARS if value is None else f"{value:,}"


def _range(row: dict[str, Any]) -> str:
    return STARS if row["low"] is None else f"{row['low']:,} to {row['high']:,}"
