"""Delimited text: comma, semicolon, tab or pipe; UTF-8 with or without BOM, UTF-16, Windows-1252."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter

from hashing.errors import InputFileError
from hashing.importers.sheets import Sheet

DELIMITERS = ",;\t|"
MAX_CELL = 32_768  # as in a spreadsheet; a longer "cell" is a quote that was never closed
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MOJIBAKE = re.compile(r"[ÂÃâã][\u0080-\u00bf\u0152-\u02dc\u2013-\u2122]")


def read_delimited(content: bytes, *, name: str) -> Sheet:
    """Read delimited text of any usual encoding into a sheet.

    Raises:
        InputFileError: the bytes are not text, or a quote is never closed.
    """
    text = _decode(content, name=name)
    csv.field_size_limit(MAX_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        rows = [[_mend(cell).strip() for cell in row] for row in reader]
    except csv.Error as error:
        raise InputFileError(
            f"{name}: line {reader.line_num} cannot be read as delimited text",
            hint="Open the file, look for a quotation mark that is never closed, and save it again as CSV.",
        ) from error
    return Sheet(name, rows)


def _decode(content: bytes, *, name: str) -> str:
    for bom, encoding in _BOMS:
        if content.startswith(bom):
            return _strictly(content, encoding, name)
    if b"\x00" in content[:4096]:
        raise InputFileError(f"{name}: this is not a text file", hint="Export the client list as CSV or .xlsx.")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        # Windows-1252 leaves five bytes undefined; Latin-1 reads those and agrees on all letters.
        return content.decode("cp1252", errors="strict") if _is_cp1252(content) else content.decode("latin-1")


def _strictly(content: bytes, encoding: str, name: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise InputFileError(
            f"{name}: the text is damaged or cut short", hint="Export the client list once more."
        ) from error


def _is_cp1252(content: bytes) -> bool:
    return not any(byte in content for byte in b"\x81\x8d\x8f\x90\x9d")


def _delimiter(text: str) -> str:
    """The delimiter that parts most of the first lines into the same number of cells."""
    sample = text[:64_000].splitlines()[:50]
    return max(DELIMITERS, key=lambda mark: _consistency(sample, mark))


def _consistency(lines: list[str], mark: str) -> tuple[int, int]:
    widths = Counter(len(row) for row in csv.reader(lines, delimiter=mark) if len(row) > 1)
    if not widths:
        return 0, 0
    width, times = widths.most_common(1)[0]
    return times, width


def _mend(cell: str) -> str:
    """Undo UTF-8 that was once read as Windows-1252 ("PeÃ±a")."""
    if not _MOJIBAKE.search(cell):
        return cell
    try:
        capitals = _MOJIBAKE.sub(lambda found: found[0].upper(), cell)  # lower-cased after the damage
        return capitals.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return cell  # it only looked like mojibake; a name may hold these letters
