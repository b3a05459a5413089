"""The document on pages and in pictures, set by Typst (Apache-2.0) from the templates beside this module."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final, Literal

import typst

from linkage.errors import PacketError

_TEMPLATES = Path(__file__).parent / "templates"
_PIXELS_AN_INCH = 200.0
_ACCESSIBLE: Final = "ua-1"  # PDF/UA-1 (ISO 14289-1): tagged, with words for each picture


def pdf(document: Mapping[str, object], made: date) -> bytes:
    """The whole packet as one accessible PDF; the same document on the same day gives the same bytes."""
    compiler = _compiler({"document": json.dumps(document)})
    midnight = datetime(made.year, made.month, made.day, tzinfo=UTC)
    pages = compiler.compile(_TEMPLATES / "packet.typ", format="pdf", pdf_standards=_ACCESSIBLE, timestamp=midnight)
    return _one_file(pages)


def picture(document: Mapping[str, object], table: int, *, form: Literal["png", "svg"]) -> bytes:
    """One table's picture; *table* is its place in the document."""
    compiler = _compiler({"document": json.dumps(document), "table": str(table)})
    return _one_file(compiler.compile(_TEMPLATES / "picture.typ", format=form, ppi=_PIXELS_AN_INCH))


def _compiler(inputs: dict[str, str]) -> typst.Compiler:
    """Only the fonts that Typst brings along, so that every machine sets the same pages."""
    return typst.Compiler(root=_TEMPLATES, ignore_system_fonts=True, sys_inputs=inputs)


def _one_file(made: bytes | list[bytes] | None) -> bytes:
    if not isinstance(made, bytes):
        raise PacketError("the pages could not be set", hint="Please report this.")
    return made
