"""Delimited text: comma, semicolon, tab or pipe; UTF-8 with or without BOM, UTF-16, Windows-1252."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain

from hashing.errors import InputFileError
from hashing.importers.sheets import Sheet

DELIMITERS = ",;\t|"
MAX_CELL = 32_768  # as in a spreadsheet; a longer "cell" is a quote that was never closed
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_AFTER_LEAD = r"[\u0080-\u00bf\u0152-\u02dc\u2013-\u2122]"  # what a UTF-8 continuation byte is in Windows-1252
_MOJIBAKE = re.compile(rf"[ÂÃÄÅâãäå]{_AFTER_LEAD}|á[\u00b8-\u00bb]{_AFTER_LEAD}")
_BYTE_OF = {bytes([byte]).decode("cp1252", errors="ignore") or chr(byte): byte for byte in range(256)}
UNDEFINED_IN_CP1252 = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
_END = "the end of the file"  # a line of our own, which an open quote would swallow


def read_delimited(content: bytes, *, name: str) -> Sheet:
    """Read delimited text of any usual encoding into a sheet.

    Raises:
        InputFileError: the bytes are not text, or a quote is never closed.
    """
    text = _decode(content, name=name)
    rows = delimited_rows(io.StringIO(text, newline=""), delimiter_of(text), name=name)
    return Sheet(name, [[clean_cell(cell) for cell in row] for row in rows])


def delimited_rows(lines: Iterable[str], delimiter: str, *, name: str) -> Iterator[list[str]]:
    """The rows in lines of delimited text, as they stand there.

    Raises:
        InputFileError: a quote is never closed.
    """
    csv.field_size_limit(MAX_CELL)
    reader, row, number = csv.reader(chain(lines, (_END,)), delimiter=delimiter), [_END], 0
    try:
        for number, following in enumerate(reader):
            if number:
                yield row
            row = following
    except csv.Error as error:
        raise _open_quote(name, reader.line_num) from error
    if row != [_END]:
        raise _open_quote(name, number + 1)


def clean_cell(cell: str) -> str:
    """A cell as a person would read it: mended where it was read in the wrong encoding before, without blanks."""
    return cell.strip() if cell.isascii() else _mend(cell).strip()


def _open_quote(name: str, line: int) -> InputFileError:
    return InputFileError(
        f"{name}: line {line} cannot be read as delimited text",
        hint="Open the file, look for a quotation mark that is never closed, and save it again as CSV.",
    )


def _decode(content: bytes, *, name: str) -> str:
    for bom, encoding in BOMS:
        if content.startswith(bom):
            return _strictly(content, encoding, name)
    if b"\x00" in content[:4096]:
        raise not_text(name)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        # Windows-1252 leaves five bytes undefined; Latin-1 reads those and agrees on all letters.
        return content.decode("cp1252", errors="strict") if _is_cp1252(content) else content.decode("latin-1")


def not_text(name: str) -> InputFileError:
    """The error of a file whose bytes are no text."""
    return InputFileError(f"{name}: this is not a text file", hint="Export the client list as CSV or .xlsx.")


def damaged(name: str) -> InputFileError:
    """The error of a file whose bytes are not of the encoding that it says."""
    return InputFileError(f"{name}: the text is damaged or cut short", hint="Export the client list once more.")


def _strictly(content: bytes, encoding: str, name: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise damaged(name) from error


def _is_cp1252(content: bytes) -> bool:
    return not UNDEFINED_IN_CP1252.search(content)


def delimiter_of(text: str) -> str:
    """The delimiter that parts most of the first lines into the same number of cells."""
    sample = text[:64_000].splitlines()[:50]
    return max(DELIMITERS, key=lambda mark: _consistency(sample, mark))


def _consistency(lines: list[str], mark: str) -> tuple[int, int]:
    widths = Counter(width for line in lines if (width := _cells(line, mark)) > 1)
    if not widths:
        return 0, 0
    width, times = widths.most_common(1)[0]
    return times, width


def _cells(line: str, mark: str) -> int:
    try:
        return len(next(csv.reader([line], delimiter=mark), ()))
    except csv.Error:
        return 0  # a longer line than any table has


def _mend(cell: str) -> str:
    """Undo UTF-8 that was once read as Windows-1252 ("PeÃ±a"), even where it was lower-cased afterwards."""
    if not _MOJIBAKE.search(cell):
        return cell
    with_capitals = _MOJIBAKE.sub(lambda found: found[0][0].upper() + found[0][1:], cell)
    return _read_again(cell) or _read_again(with_capitals) or cell


def _read_again(cell: str) -> str:
    try:
        return bytes(_BYTE_OF[letter] for letter in cell).decode("utf-8")
    except (KeyError, UnicodeDecodeError):
        return ""  # it only looked like mojibake; a name may hold these letters
