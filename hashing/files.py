"""Writes the encoded file, which may leave the computer, and the crosswalk, which stays; both or neither."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from hashing.errors import OutputError
from hashing.schema import EncodedRow, Header


@dataclass(frozen=True, slots=True)
class Written:
    """Where the two files are."""

    encoded: Path
    crosswalk: Path


def write_encoded(folder: Path, header: Header, rows: Sequence[EncodedRow], client_ids: Sequence[str]) -> Written:
    """Write ``AGENCY.codes.jsonl`` and ``AGENCY.crosswalk.csv`` into *folder*, replacing earlier ones whole.

    Rows are sorted by pseudonym, so that the file does not give away the order of the client list.

    Raises:
        OutputError: the folder cannot be written; nothing half-done stays.
    """
    order = sorted(range(len(rows)), key=lambda place: rows[place].row)
    encoder = msgspec.json.Encoder()
    lines = [encoder.encode(header), *(encoder.encode(rows[place]) for place in order)]
    crosswalk = _crosswalk([(rows[place].row, client_ids[place]) for place in order])
    written = Written(folder / f"{header.agency}.codes.jsonl", folder / f"{header.agency}.crosswalk.csv")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        replace_whole({written.encoded: b"\n".join(lines) + b"\n", written.crosswalk: crosswalk})
    except OSError as error:
        raise OutputError(
            f"{folder.name}: the files cannot be written there ({error.strerror})",
            hint="Check that the folder is yours and that the disk has room.",
        ) from error
    return written


def _crosswalk(rows: Sequence[tuple[str, str]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("row", "client_id"))
    writer.writerows(rows)
    return text.getvalue().encode()


def replace_whole(contents: dict[Path, bytes]) -> None:
    """Write every file, private to its owner, under a temporary name first, then put all in place.

    Raises:
        OSError: a file cannot be written; no temporary file stays.
    """
    temporary = {path: path.with_name(f".{path.name}.{os.getpid()}.part") for path in contents}
    try:
        for path, content in contents.items():
            _write_private(temporary[path], content)
        for path, part in temporary.items():
            part.replace(path)
    finally:
        for part in temporary.values():
            part.unlink(missing_ok=True)


def _write_private(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
