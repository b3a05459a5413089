"""The numbers of a packet as an Excel workbook: a sheet a table, numbers as numbers, stars as text, no formula."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

_LONGEST_NAME = 31  # characters that Excel allows a sheet's name
_WIDTH_OF_LABELS = 38
_WIDTH_OF_NUMBERS = 14
_FIRST_ROW = 4  # of a table, below its title, release and heading
_OF_DEMAND = ("", "people", "capacity", "capacity in", "funding, dollars", "share of funding", "dollars a person")
_TEAL = "#2f8796"
_Cell = Mapping[str, Any] | None  # as `linkage.packet.document` makes it


def workbook(document: Mapping[str, Any], made: date) -> bytes:
    """The document as an ``.xlsx`` file; the same document on the same day gives the same bytes."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False}) as book:
        book.set_properties(
            {"title": document["title"], "created": datetime(made.year, made.month, made.day, tzinfo=UTC)}
        )
        looks = {
            "title": book.add_format({"bold": True, "font_size": 14}),
            "head": book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "bottom"}),
            "number": book.add_format({"num_format": "#,##0", "align": "right"}),
            "total": book.add_format({"num_format": "#,##0", "align": "right", "bold": True, "top": 1}),
            "bold": book.add_format({"bold": True, "top": 1}),
            "wrap": book.add_format({"text_wrap": True, "valign": "top"}),
        }
        _about(book.add_worksheet("About"), document, looks)
        for name, table in zip(_sheet_names(document), document["tables"], strict=True):
            sheet = book.add_worksheet(name)
            _head(sheet, document, table, looks)
            (_one_way if len(table["columns"]) == 1 else _two_way)(sheet, table, looks)
            if table["picture"] in ("bars", "columns"):
                _chart(book, sheet, name, table)
        if document["demand"]:
            _demand(book.add_worksheet("demand"), document, looks)
    return stream.getvalue()


def _demand(sheet: Worksheet, document: Mapping[str, Any], looks: Mapping[str, Format]) -> None:
    """People beside capacity and funding: a number where it is known, else its stars."""
    _head(sheet, document, {"title": "Demand beside capacity and funding", "columns": _OF_DEMAND}, looks)
    for column, text in enumerate(_OF_DEMAND):
        sheet.write_string(_FIRST_ROW - 1, column, text, looks["head"])
    for row, each in enumerate(document["demand"], start=_FIRST_ROW):
        sheet.write_string(row, 0, each["area"])
        for column, name in ((1, "people"), (2, "capacity"), (4, "funding"), (6, "each")):
            _write(sheet, (row, column), {"value": each[name], "text": each[f"{name}_text"]}, "value", looks["number"])
        sheet.write_string(row, 3, each["unit"])
        sheet.write_string(row, 5, each["share"])


def _sheet_names(document: Mapping[str, Any]) -> Iterator[str]:
    taken: set[str] = {"about"}
    for table in document["tables"]:
        name = short = str(table["name"])[:_LONGEST_NAME]
        number = 2
        while name.lower() in taken:
            ending = f" {number}"
            name, number = short[: _LONGEST_NAME - len(ending)] + ending, number + 1
        taken.add(name.lower())
        yield name


def _about(sheet: Worksheet, document: Mapping[str, Any], looks: Mapping[str, Format]) -> None:
    sheet.set_column(0, 0, 16)
    sheet.set_column(1, 1, 100)
    sheet.write_string(0, 0, document["title"], looks["title"])
    release = document["release"] + (f", revision {document['revision']}" if document["revision"] > 1 else "")
    lines = {
        "Town": document["town"],
        "Period": document["period"],
        "Agencies": ", ".join(document["agencies"]),
        "Release": release,
        "Made on": document["made"],
        "Rule": document["suppression"],
        **{f"Note {number}": note for number, note in enumerate(document["notes"], start=1)},
    }
    for row, (label, text) in enumerate(lines.items(), start=2):
        sheet.write_string(row, 0, label)
        sheet.write_string(row, 1, text, looks["wrap"])


def _head(sheet: Worksheet, document: Mapping[str, Any], table: Mapping[str, Any], looks: Mapping[str, Format]) -> None:
    sheet.write_string(0, 0, table["title"], looks["title"])
    sheet.write_string(1, 0, f"{document['town']}, {document['period']}, release {document['release']}")
    sheet.write_string(2, 0, document["suppression"])
    sheet.set_column(0, 0, _WIDTH_OF_LABELS)
    sheet.set_column(1, max(4, len(table["columns"])), _WIDTH_OF_NUMBERS)
    sheet.freeze_panes(_FIRST_ROW, 1)
    sheet.set_footer(f"&L{document['suppression'].replace('&', '&&')}&R&P / &N")
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _one_way(sheet: Worksheet, table: Mapping[str, Any], looks: Mapping[str, Format]) -> None:
    for column, text in enumerate(("", table["unit"], "low", "high")):
        sheet.write_string(_FIRST_ROW - 1, column, text, looks["head"])
    row = _FIRST_ROW
    for row, line in enumerate(table["rows"], start=_FIRST_ROW):
        sheet.write_string(row, 0, line["label"])
        _three(sheet, row, line["cells"][0], looks["number"])
    sheet.write_string(row + 1, 0, f"{table['total']['label']}, once each", looks["bold"])
    _three(sheet, row + 1, table["total"], looks["total"])
    _notes(sheet, row + 3, table, looks)


def _two_way(sheet: Worksheet, table: Mapping[str, Any], looks: Mapping[str, Format]) -> None:
    for column, text in enumerate(("", *table["columns"])):
        sheet.write_string(_FIRST_ROW - 1, column, text, looks["head"])
    row = _FIRST_ROW
    for row, line in enumerate(table["rows"], start=_FIRST_ROW):
        sheet.write_string(row, 0, line["label"])
        for column, cell in enumerate(line["cells"], start=1):
            _write(sheet, (row, column), cell, "value", looks["number"])
    sheet.write_string(row + 1, 0, f"{table['total']['label']}, once each", looks["bold"])
    _three(sheet, row + 1, table["total"], looks["total"])
    _notes(sheet, row + 3, table, looks)


def _three(sheet: Worksheet, row: int, cell: _Cell, look: Format) -> None:
    """A count and the two ends of its range."""
    for column, name in enumerate(("value", "low", "high"), start=1):
        _write(sheet, (row, column), cell, name, look)


def _write(sheet: Worksheet, place: tuple[int, int], cell: _Cell, name: str, look: Format) -> None:
    """A number where it is shown; else its stars, or nothing where there can be nobody."""
    if cell is not None and cell[name] is not None:
        sheet.write_number(*place, cell[name], look)
    elif cell is not None:
        sheet.write_string(*place, cell["text"], look)


def _notes(sheet: Worksheet, row: int, table: Mapping[str, Any], looks: Mapping[str, Format]) -> None:
    for below, note in enumerate(table["notes"]):
        sheet.merge_range(row + below, 0, row + below, 6, note, looks["wrap"])
        sheet.set_row(row + below, 30)


def _chart(book: xlsxwriter.Workbook, sheet: Worksheet, name: str, table: Mapping[str, Any]) -> None:
    """A picture that stays an Excel chart, to be pasted into slides; withheld rows have no bar."""
    last = _FIRST_ROW + len(table["rows"]) - 1
    chart = book.add_chart({"type": "bar" if table["picture"] == "bars" else "column"})
    chart.add_series(
        {
            "name": table["unit"],
            "categories": [name, _FIRST_ROW, 0, last, 0],
            "values": [name, _FIRST_ROW, 1, last, 1],
            "fill": {"color": _TEAL},
        }
    )
    chart.set_title({"name": table["title"]})
    chart.set_legend({"none": True})
    if table["picture"] == "bars":
        chart.set_y_axis({"reverse": True})
    sheet.insert_chart(_FIRST_ROW, 8, chart, {"description": table["alt"]})
