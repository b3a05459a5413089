"""The ledger on files: one JSON file a release, numbered in order, written whole or not at all, never overwritten."""

from __future__ import annotations

import os
import re
from pathlib import Path

from linkage.disclosure import Released
from linkage.errors import LedgerError

_NAME = re.compile(r"(\d{6})\.json")


def read_ledger(folder: Path) -> list[Released]:
    """All releases, in their order; none if there is no folder yet.

    Raises:
        LedgerError: a file is missing, altered or cannot be read.
    """
    if not folder.exists():
        return []
    try:
        names = sorted(entry.name for entry in folder.iterdir() if _NAME.fullmatch(entry.name))
        if names != [_name(number) for number in range(len(names))]:
            raise LedgerError(f"{folder.name}: a kept release is missing", hint="Restore the ledger from a backup.")
        return [Released.from_json((folder / name).read_bytes()) for name in names]
    except OSError as error:
        reason = error.strerror or "the disk failed"
        raise LedgerError(f"{folder.name}: cannot be read ({reason})", hint="Check the folder.") from error


def keep(folder: Path, released: Released, *, after: int) -> None:
    """Write a release behind the *after* that were read; on the disk before this returns.

    Raises:
        LedgerError: it cannot be written, or another release was kept since.
    """
    part = folder / f".{_name(after)}.{os.getpid()}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with part.open("xb") as stream:
            stream.write(released.to_json())
            stream.flush()
            os.fsync(stream.fileno())
        part.chmod(0o600)
        os.link(part, folder / _name(after))  # unlike a rename, it never replaces
        _sync(folder)
    except FileExistsError as error:
        raise LedgerError(
            f"{folder.name}: another release was kept in the meantime", hint="Ask again: the answer may be there now."
        ) from error
    except OSError as error:
        reason = error.strerror or "the disk failed"
        raise LedgerError(f"{folder.name}: cannot be written ({reason})", hint="Check the folder.") from error
    finally:
        if part.exists():
            part.unlink()


def _name(number: int) -> str:
    return f"{number:06d}.json"


def _sync(folder: Path) -> None:
    """POSIX only: Windows neither opens a folder nor needs it flushed."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
