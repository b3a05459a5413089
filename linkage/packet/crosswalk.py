"""All cells of a release as one CSV, a cell a line, for whoever carries the numbers into other reports."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from linkage.disclosure import Released, SafeCell, SafeTable
from linkage.packet.document import release_id

COLUMNS = (
    "release",
    "revision",
    "period",
    "rule",
    "table",
    "unit",
    "row",
    "column",
    "count",
    "low",
    "high",
    "status",
)
TOTAL = "(total)"


def crosswalk(released: Released) -> str:
    """A line a cell; *status* is shown, withheld, or impossible (an agency beside itself). Empty where withheld."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")  # RFC 4180
    writer.writerow(COLUMNS)
    start = (release_id(released), released.revision, released.period, released.rule.name)
    for table in released.tables:
        writer.writerows((*start, table.name, table.unit, *line) for line in _lines(table))
    return text.getvalue()


def _lines(table: SafeTable) -> Iterator[tuple[object, ...]]:
    for row in table.rows:
        for column, cell in zip(table.columns, row.cells, strict=True):
            yield (row.label, column, *_numbers(cell))
    yield (TOTAL, "", *_numbers(table.total.first))


def _numbers(cell: SafeCell | None) -> tuple[object, ...]:
    if cell is None:
        return ("", "", "", "impossible")
    numbers = ("" if each.value is None else each.value for each in (cell.people, cell.low, cell.high))
    return (*numbers, "withheld" if cell.people.value is None else "shown")
