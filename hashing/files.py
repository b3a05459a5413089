"""Writes the encoded file, which may leave the computer, and the crosswalk, which stays; both or neither."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import msgspec

from hashing.client_numbers import csv_lines
from hashing.errors import OutputError
from hashing.schema import EncodedRow, Header


@dataclass(frozen=True, slots=True)
class Written:
    """Where the two files are."""

    encoded: Path
    crosswalk: Path

    @classmethod
    def of(cls, folder: Path, agency: str) -> Written:
        """The files of an agency in a folder."""
        return cls(folder / f"{agency}.codes.jsonl", folder / f"{agency}.crosswalk.csv")


def write_encoded(
    folder: Path, header: Header, rows: Sequence[EncodedRow], client_ids: Sequence[str], *, replace: bool = False
) -> Written:
    """Write ``AGENCY.codes.jsonl`` and ``AGENCY.crosswalk.csv`` into *folder*.

    Rows are sorted by pseudonym, so that the file does not give away the order of the client list.

    Raises:
        OutputError: the files are there already and may not be *replace* d, or the folder cannot be written; nothing
            half-done stays.
    """
    order = sorted(range(len(rows)), key=lambda place: rows[place].row)
    encoder = msgspec.json.Encoder()
    with new_files(folder, header, replace=replace) as files:
        files.encoded.writelines(encoder.encode(rows[place]) + b"\n" for place in order)
        files.crosswalk.write(csv_lines([(rows[place].row, client_ids[place]) for place in order]))
    return Written.of(folder, header.agency)


def check_can_write(folder: Path, agency: str, *, replace: bool) -> None:
    """Whether an agency's files may be written into a folder.

    Raises:
        OutputError: they are there already, and replacing them was not asked for.
    """
    there = [
        path.name
        for path in (Written.of(folder, agency).encoded, Written.of(folder, agency).crosswalk)
        if path.exists()
    ]
    if there and not replace:
        raise OutputError(
            f"{folder}: {' and '.join(there)} {'is' if len(there) == 1 else 'are'} there already",
            hint="Add replace=True to write them anew, or choose another folder.",
        )


@dataclass(frozen=True, slots=True)
class NewFiles:
    """Two files that are being written; they get their names when they are whole."""

    encoded: BinaryIO
    crosswalk: BinaryIO
    encoded_path: Path


@contextmanager
def new_files(folder: Path, header: Header, *, replace: bool) -> Iterator[NewFiles]:
    """Files to write rows to, behind the header. They are put in place at the end; after a failure all is as it was.

    Raises:
        OutputError: as :func:`write_encoded`.
    """
    check_can_write(folder, header.agency, replace=replace)
    written = Written.of(folder, header.agency)
    new = Written(_part(written.encoded), _part(written.crosswalk))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _private(new.encoded, wait=False) as encoded, _private(new.crosswalk) as crosswalk:
            encoded.write(msgspec.json.encode(header) + b"\n")
            crosswalk.write(b"row,client_id\n")
            yield NewFiles(encoded, crosswalk, new.encoded)
        _put_in_place(new, written)
    except OSError as error:
        raise OutputError(
            f"{folder}: the files cannot be written there ({error.strerror})",
            hint="Check that the folder is yours and that the disk has room.",
        ) from error
    finally:
        for path in (new.encoded, new.crosswalk):
            with suppress(NotADirectoryError):  # the folder is a file; that error is on its way already
                path.unlink(missing_ok=True)


def _put_in_place(new: Written, written: Written) -> None:
    earlier = written.crosswalk.read_bytes() if written.crosswalk.exists() else None
    new.crosswalk.replace(written.crosswalk)  # first, so that no encoded file is ever without its crosswalk
    try:
        new.encoded.replace(written.encoded)
    except OSError:
        _put_back(written.crosswalk, earlier)
        raise


def _part(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}.part")


def _put_back(path: Path, earlier: bytes | None) -> None:
    if earlier is None:
        path.unlink()
    else:
        with _private(path) as stream:
            stream.write(earlier)


@contextmanager
def _private(path: Path, *, wait: bool = True) -> Iterator[BinaryIO]:
    """A file that only its owner may read, down on the disk at the end if one should *wait* for that.

    Waiting for gigabytes of codes would take longer than making them. If the power fails before they are down, a
    reader refuses what is left, since there are not as many rows as the header says, and they can be made anew.
    """
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(handle, "wb") as stream:
        yield stream
        stream.flush()
        if wait:
            os.fsync(stream.fileno())
