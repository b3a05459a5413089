"""Files that only their owner can read: written whole and safely to disk, never over another file."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

from hashing.errors import SecretError
from hashing.private import Hidden

MAX_BYTES = 8192  # a secret, a key or a locked file is under 1 KiB
_BEGINNINGS = {  # by kind: nobody is told to protect a file that is none
    "secret": (b"headcount-secret-", b"headcount-locked-"),
    "key": (b"-----BEGIN ", b"headcount-locked-"),
    "join key": (b"headcount-join-key-", b"headcount-locked-"),
}


def write_private(path: Path, content: Hidden) -> None:
    """Write a new file of mode 0600, down to the disk; after a failure there is none.

    Raises:
        SecretError: there is a file already, or the folder cannot be written.
    """
    try:
        create_private(path, content)
    except FileExistsError as error:
        raise SecretError(
            f"{path.name}: there is a file already",
            hint="Choose another name; a secret or key is never overwritten.",
        ) from error
    except OSError as error:
        raise SecretError(f"{path.name}: the file cannot be written", hint="Check the folder.") from error


def replace_private(path: Path, content: Hidden) -> None:
    """Put other content in the place of a private file; after a failure the old file is as it was.

    Raises:
        SecretError: the folder cannot be written.
    """
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        create_private(part, content)
        part.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise SecretError(f"{path.name}: the file cannot be written", hint="Check the folder.") from error
    finally:
        part.unlink(missing_ok=True)


def read_private(path: Path, *, kind: str) -> Hidden:
    """The content of a private file; *kind* is what errors call it, such as ``secret``.

    Raises:
        SecretError: missing, no such file, far too large, or readable by other users of the computer.
    """
    try:
        with path.open("rb") as stream:
            status, content = os.fstat(stream.fileno()), Hidden(stream.read(MAX_BYTES + 1))
    except FileNotFoundError as error:
        raise SecretError(f"{path.name}: there is no such {kind} file", hint="Check the name and folder.") from error
    except OSError as error:
        raise SecretError(
            f"{path.name}: this is not a {kind} file, or it cannot be read", hint="Check the name and folder."
        ) from error
    if len(content) > MAX_BYTES:
        raise SecretError(f"{path.name}: this is not a {kind} file", hint="It is far too large.")
    if _is_exposed(status) and not content.reveal().startswith(_BEGINNINGS[kind]):
        raise SecretError(f"{path.name}: this is not a {kind} file", hint="Check the name: it stays as it is.")
    _check_mode(status, path.name, kind)
    return content


def create_private(path: Path, content: Hidden) -> None:
    """As :func:`write_private`, for those who say in their own words what went wrong.

    Raises:
        FileExistsError: there is a file already; it stays as it is.
        OSError: the folder or the disk refuses; nothing half-written stays.
    """
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content.reveal())
            stream.flush()
            os.fsync(stream.fileno())
        sync_folder(path.parent)
    except OSError:
        path.unlink(missing_ok=True)  # a half-written secret would stand in the way of the next attempt
        raise


def sync_folder(folder: Path) -> None:
    """POSIX only: a new name is safe on disk once its folder is; Windows cannot open a folder."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def check_is_private(path: Path, *, kind: str = "secret") -> None:
    """Whether only its owner can read a file.

    POSIX only: Windows keeps a user's files from other users by the folder's access list.

    Raises:
        SecretError: others can read it.
    """
    _check_mode(path.stat(), path.name, kind)


def _is_exposed(status: os.stat_result) -> bool:
    return os.name == "posix" and bool(stat.S_IMODE(status.st_mode) & 0o077)


def _check_mode(status: os.stat_result, name: str, kind: str) -> None:
    if _is_exposed(status):
        raise SecretError(
            f"{name}: other users of this computer can read the {kind}",
            hint=f"Run: chmod 600 {name}",
        )
