"""Workbooks for tests: as Excel saves them, and as it saves them with a password."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl import Workbook

_END, _FREE = 0xFFFFFFFE, 0xFFFFFFFF


def workbook(
    hidden: Sequence[str] = (), formats: dict[str, str] | None = None, **sheets: Iterable[Sequence[Any]]
) -> bytes:
    """A workbook with these sheets; *formats* maps cells of the first sheet to number formats."""
    book = Workbook()
    for place, (title, rows) in enumerate(sheets.items()):
        page = book.active if place == 0 else book.create_sheet()
        page.title = title
        for row in rows:
            page.append(list(row))
        page.sheet_state = "hidden" if title in hidden else "visible"
    for cell, number_format in (formats or {}).items():
        book.worksheets[0][cell].number_format = number_format
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def locked_workbook() -> bytes:
    """The shell of a workbook locked with a password: an OLE file with the two streams of [MS-OFFCRYPTO] 2.1."""
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH6x10I", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, _END, 0, _END, 0, 0)
    sectors = struct.pack("<II", 0xFFFFFFFD, _END) + b"\xff" * 504  # this table itself, then the directory
    directory = _entry("Root Entry", 5, child=1) + _entry("EncryptionInfo", 2, right=2) + _entry("EncryptedPackage", 2)
    return header + b"\xff" * 432 + sectors + directory + bytes(128)


def _entry(name: str, kind: int, *, child: int = _FREE, right: int = _FREE) -> bytes:
    text = name.encode("utf-16-le")
    links = struct.pack("<HBBIII", len(text) + 2, kind, 1, _FREE, right, child)
    return text.ljust(64, b"\0") + links + bytes(36) + struct.pack("<IQ", _END, 0)
