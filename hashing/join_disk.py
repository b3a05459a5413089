"""Reads and writes the files of the joining ceremony that may be sent: none of them holds anything private."""

from __future__ import annotations

import os
from pathlib import Path

from hashing.errors import JoinRefused, OutputError
from hashing.join_files import MAX_BYTES, Roster, parse_roster


def read_join_file(path: Path) -> bytes:
    """The content of a join request, a sealed secret or a roster.

    Raises:
        JoinRefused: missing, or far too large.
    """
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise JoinRefused(f"{path.name}: the file cannot be read", hint="Check the name and folder.") from error
    if len(content) > MAX_BYTES:
        raise JoinRefused(f"{path.name}: this is no file of the joining ceremony", hint="It is far too large.")
    return content


def read_roster(path: Path, *, epoch: int) -> Roster:
    """Who got the secret so far: nobody yet where there is no file.

    Raises:
        JoinRefused: not a roster.
    """
    if not path.exists():
        return Roster.empty(epoch)
    return parse_roster(read_join_file(path), name=path.name)


def write_join_file(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, in the place of an earlier one.

    Raises:
        OutputError: the folder cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_whole(path, content)
    except OSError as error:
        raise OutputError(f"{path.name}: the file cannot be written", hint="Check the folder.") from error


def replace_whole(path: Path, content: bytes) -> None:
    """Write a file down to the disk, in the place of an earlier one; nothing half-written stays.

    Raises:
        OSError: the folder cannot be written; an earlier file is as it was.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
