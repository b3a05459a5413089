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
        _replace_both(written, encoded=b"\n".join(lines) + b"\n", crosswalk=crosswalk)
    except OSError as error:
        raise OutputError(
            f"{folder}: the files cannot be written there ({error.strerror})",
            hint="Check that the folder is yours and that the disk has room.",
        ) from error
    return written


def _crosswalk(rows: Sequence[tuple[str, str]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("row", "client_id"))
    writer.writerows(rows)
    return text.getvalue().encode()


def _replace_both(written: Written, *, encoded: bytes, crosswalk: bytes) -> None:
    """Write both under temporary names first, then put them in place; after a failure all is as it was."""
    new_encoded, new_crosswalk = _part(written.encoded), _part(written.crosswalk)
    earlier = written.crosswalk.read_bytes() if written.crosswalk.exists() else None
    try:
        _write_private(new_encoded, encoded)
        _write_private(new_crosswalk, crosswalk)
        new_crosswalk.replace(written.crosswalk)  # first, so that no encoded file is ever without its crosswalk
        try:
            new_encoded.replace(written.encoded)
        except OSError:
            _put_back(written.crosswalk, earlier)
            raise
    finally:
        new_encoded.unlink(missing_ok=True)
        new_crosswalk.unlink(missing_ok=True)


def _part(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}.part")


def _put_back(path: Path, earlier: bytes | None) -> None:
    if earlier is None:
        path.unlink()
    else:
        _write_private(path, earlier)


def _write_private(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
