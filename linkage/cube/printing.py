"""How tables are printed: on a terminal, as CSV, or as JSON."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Sequence
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from linkage.cube.quality import Quality
from linkage.cube.typed import Demand
from linkage.disclosure import STARS, WITHHELD, SafeCell, SafeTable

COLUMNS = ("table", "unit", "row", "column", "count", "low", "high")
CAUTION = "Dollars a person compare areas that give unlike things; a night of shelter is no box of food."


def print_table(console: Console, table: SafeTable) -> None:
    """A table with its total, its sum and its notes."""
    grid = Table(title=table.title, title_justify="left", show_footer=True)
    one_way = table.columns == ("",)
    grid.add_column("", footer=f"{table.total.label}, once each")
    for place, column in enumerate((table.unit, "likely range") if one_way else table.columns):
        total = (str(table.total.people), _range(table.total.first))
        grid.add_column(_words(column), justify="right", footer=total[place] if place < len(total) else "")
    for row in table.rows:
        texts = (str(row.people), _range(row.first)) if one_way else [_cell(cell) for cell in row.cells]
        grid.add_row(_words(row.label), *texts)
    console.print(grid)
    if one_way and table.unit != "units":
        console.print(f"The rows add up to {table.duplicated}, where the same ones count again and again.")
    for note in table.notes:
        console.print(f"  {note}")


def print_demand(console: Console, found: Sequence[Demand]) -> None:
    """Areas, their people and their funding."""
    grid = Table(title="Demand beside capacity and funding", title_justify="left")
    for column in ("", "people", "capacity", "funding", "share of funding", "dollars a person"):
        grid.add_column(column, justify="right" if column else "left")
    for each in found:
        dollars = STARS if each.dollars_a_person is None else f"{each.dollars_a_person:,}"
        capacity = f"{each.capacity:,} {each.unit}"
        share = f"{each.funding_share} %"
        grid.add_row(_words(each.area), str(each.people), capacity, f"{each.funding:,}", share, dollars)
    console.print(grid)
    console.print(f"  {CAUTION}")


def print_quality(console: Console, found: Sequence[Quality]) -> None:
    """One row an agency."""
    columns = ("records", "lacking codes", "not encoded", "links", "uncertain pairs", "links missed, estimated")
    grid = Table(title="Data and match quality by agency", title_justify="left")
    grid.add_column("")
    for column in columns:
        grid.add_column(column, justify="right")
    for each in found:
        unmatchable = STARS if each.unmatchable is None else f"{each.unmatchable:,}"
        numbers = (f"{each.records:,}", f"{each.lacking_codes:,}", unmatchable, f"{each.linked:,}")
        grid.add_row(_words(each.agency), *numbers, f"{each.uncertain:,}", f"{each.missed:,.1f}")
    console.print(grid)


def as_csv(tables: Sequence[SafeTable]) -> str:
    """A line a cell; empty where a number is withheld or there can be nobody."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for table in tables:
        for row in table.rows:
            for column, cell in zip(table.columns, row.cells, strict=True):
                writer.writerow((table.name, table.unit, row.label, column, *_numbers(cell)))
        writer.writerow((table.name, table.unit, "(total)", "", *_numbers(table.total.first)))
    return text.getvalue()


def as_json(tables: Sequence[SafeTable], more: Sequence[Demand] | Sequence[Quality] = ()) -> str:
    """The tables as JSON values; a withheld count is null."""
    told = [{"name": table.name, **table.to_json()} for table in tables]
    rest = [{name: _plain(value) for name, value in asdict(each).items()} for each in more]
    return json.dumps(
        {"tables": told, **({"areas" if isinstance(more[0], Demand) else "agencies": rest} if more else {})}, indent=1
    )


def _plain(value: object) -> object:
    return value["value"] if isinstance(value, dict) else value


def _numbers(cell: SafeCell | None) -> tuple[object, ...]:
    if cell is None:
        return ("", "", "")
    return tuple("" if each.value is None else each.value for each in (cell.people, cell.low, cell.high))


def _cell(cell: SafeCell | None) -> str:
    return "-" if cell is None else str(cell.people)


def _range(cell: SafeCell) -> str:
    low, high = cell.low, cell.high
    return STARS if WITHHELD in (low, high) else f"{low} to {high}"


def _words(text: str) -> str:
    """A member as a reader expects it: 18 to 24, food bank."""
    return re.sub(r"^(\d+)_(\d+)$", r"\1 to \2", text).replace("_", " ")
