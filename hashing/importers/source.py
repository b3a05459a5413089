"""From what a person points at (files, a folder, a zip) to sheets of text."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from hashing.errors import InputFileError
from hashing.importers.delimited import read_delimited
from hashing.importers.fhir import read_fhir
from hashing.importers.large_text import LARGE, LargeText
from hashing.importers.sheets import Sheet
from hashing.importers.spreadsheet import read_spreadsheet

TEXT = frozenset({".csv", ".txt", ".tsv", ".tab", ".psv"})
WORKBOOKS = frozenset({".xlsx", ".xls", ".xlsm", ".xlsb", ".ods"})
FHIR = frozenset({".json", ".ndjson", ".jsonl"})
MAX_UNPACKED = 4 * 1024**3  # bytes out of one zip: far above any town's export, far below a zip bomb
# What zipfile lets out of a damaged archive besides its own error; RuntimeError is how it reports a password.
_DAMAGED = (zipfile.BadZipFile, RuntimeError, ValueError, EOFError, zlib.error)
_WORKBOOK_MARKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # a zip, [MS-CFB]
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_KINDS = "Use .csv, .tsv, .txt, .xlsx, .xls, .ods, FHIR .json or .ndjson, an HMIS export folder or its .zip."


def read_sheets(paths: Sequence[Path]) -> list[Sheet]:
    """Read every sheet of an agency's files; a folder or a zip stands for the files in it.

    Raises:
        InputFileError: a file is missing, empty, locked, damaged, or of a kind that is not read.
    """
    sheets = [sheet for path in paths for sheet in _sheets_of(path)]
    if are_empty(sheets):
        names = ", ".join(path.name for path in paths)
        what = "the file is empty" if len(paths) == 1 else "the files are empty"
        raise InputFileError(f"{names}: {what}", hint="Export the client list again and check that it has rows.")
    return sheets


def read_list(path: Path) -> list[Sheet]:
    """Read a list that may be empty, such as that of the clients on hold.

    Raises:
        InputFileError: it is missing, locked, damaged, or of a kind that is not read.
    """
    return list(_sheets_of(path))


def are_empty(sheets: Iterable[Sheet]) -> bool:
    """Whether no cell of them says anything."""
    return not any(any(row) for sheet in sheets for row in sheet.rows)


def left_out(paths: Iterable[Path]) -> list[str]:
    """The files in the given folders that are not read, by name."""
    inside = (file for path in paths if path.is_dir() for file in sorted(path.iterdir()))
    return [file.name for file in inside if file.is_file() and file.name[0] not in "~." and not _is_export(file.name)]


def _sheets_of(path: Path) -> Iterator[Sheet]:
    if path.is_dir():
        for file in _inside(path):
            yield from _in_file(file)
    elif path.suffix.lower() == ".zip":
        yield from _unpack(path)
    else:
        sheets = list(_in_file(path))
        _check_holds_patients(sheets, path)
        yield from sheets


def _inside(folder: Path) -> list[Path]:
    """The exports in a folder; where an unpacked zip left but one folder in it, those in there."""
    exports = sorted(file for file in folder.iterdir() if _is_export(file.name) and file.is_file())
    folders = [inner for inner in folder.iterdir() if inner.is_dir() and inner.name[0] not in "_."]
    if not exports and len(folders) == 1:
        return _inside(folders[0])
    _check_holds_any(exports, folder)
    return exports


def _check_holds_patients(sheets: Sequence[Sheet], path: Path) -> None:
    """A FHIR file that somebody pointed at must hold patients; in a folder, others lie beside them."""
    if path.suffix.lower() in FHIR and not any(sheet.rows for sheet in sheets):
        raise InputFileError(
            f"{path.name}: no FHIR Patient is in it",
            hint="Export the patients as FHIR R4: a Bundle (.json), or one Patient a line (.ndjson).",
        )


def _is_export(name: str) -> bool:
    """Whether to read a file found in a folder or zip; Excel and macOS leave files of their own beside others."""
    file = PurePosixPath(name)
    return file.suffix.lower() in TEXT | WORKBOOKS | FHIR and file.name[0] not in "~."


def _check_holds_any(exports: Sequence[object], path: Path) -> None:
    if not exports:
        raise InputFileError(f"{path.name}: no file in it can be a client list", hint=_KINDS)


def _in_file(path: Path) -> Iterator[Sheet]:
    """The sheets of a file; large text is left on the disk and read from there."""
    with _opening(path):
        is_large = path.suffix.lower() in TEXT and path.stat().st_size > LARGE and not _begins_as_workbook(path)
        sheet = Sheet(path.name, LargeText(path)) if is_large else None
    if sheet is not None:
        yield sheet
    else:
        yield from _parse(_content(path), name=path.name)


def _begins_as_workbook(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(4).startswith(_WORKBOOK_MARKS)


def _content(path: Path) -> bytes:
    with _opening(path):
        return path.read_bytes()


@contextmanager
def _opening(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise InputFileError(f"{path.name}: there is no such file", hint="Check the name and the folder.") from error
    except PermissionError as error:
        raise InputFileError(
            f"{path.name}: the file cannot be opened",
            hint=f"Please close {path.name} in Excel and try again.",
        ) from error
    except OSError as error:
        raise InputFileError(
            f"{path.name}: the file cannot be read ({error.strerror})", hint="Copy it to this computer and try again."
        ) from error


def _unpack(path: Path) -> Iterator[Sheet]:
    for name, content in _members(path):
        yield from _parse(content, name=PurePosixPath(name).name)


def _members(path: Path) -> list[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(io.BytesIO(_content(path))) as archive:
            members = [member for member in archive.infolist() if _is_export(member.filename)]
            _check_holds_any(members, path)
            if sum(member.file_size for member in members) > MAX_UNPACKED:
                raise InputFileError(f"{path.name}: the zip unpacks to far too much", hint="Unpack it and look inside.")
            return [(member.filename, archive.read(member)) for member in members]
    except _DAMAGED as error:
        raise InputFileError(
            f"{path.name}: the zip is damaged or locked with a password", hint="Unpack it and use the folder."
        ) from error


def _parse(content: bytes, *, name: str) -> Iterator[Sheet]:
    kind = _true_kind(PurePosixPath(name).suffix.lower(), content)
    if kind in WORKBOOKS:
        yield from read_spreadsheet(content, name=name)
    elif kind in TEXT:
        yield read_delimited(content, name=name)
    elif kind in FHIR:
        yield read_fhir(content, name=name)
    else:
        raise InputFileError(f"{name}: files of this kind are not read", hint=_KINDS)


def _true_kind(kind: str, content: bytes) -> str:
    """The kind by the content, where the ending lies: many programs save text as .xls, and people rename workbooks."""
    if kind in TEXT and content.startswith(_WORKBOOK_MARKS):
        return ".xlsx"
    is_text = content.startswith(_UTF16_MARKS) or b"\x00" not in content[:4096]
    if (
        kind in WORKBOOKS
        and content
        and is_text
        and not content.startswith(_WORKBOOK_MARKS)
        and not _is_markup(content)
    ):
        return ".txt"
    return kind


def _is_markup(content: bytes) -> bool:
    return content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<"
