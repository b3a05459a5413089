"""The ledger on files: one JSON file a release, numbered in order, written whole or not at all, never overwritten."""

from __future__ import annotations

import os
import re
import threading
from pathlib import Path

from linkage.disclosure import Released
from linkage.errors import LedgerError

_RELEASE = ".json"


def read_ledger(folder: Path) -> list[Released]:
    """All releases, in their order; none if there is no folder yet.

    Raises:
        LedgerError: a file is missing, altered or cannot be read.
    """
    try:
        return [Released.from_json(path.read_bytes()) for path in numbered(folder, _RELEASE)]
    except OSError as error:
        raise _cannot("read", folder, error) from error


def keep(folder: Path, released: Released, *, after: int) -> None:
    """Write a release behind the *after* that were read; on the disk before this returns.

    Raises:
        LedgerError: it cannot be written, or another release was kept since.
    """
    write_new(folder, f"{after:06d}{_RELEASE}", released.to_json())


def numbered(folder: Path, ending: str) -> list[Path]:
    """The files 000000, 000001, ... with an ending; none if there is no folder yet.

    Raises:
        LedgerError: one of them is missing, or the folder cannot be read.
    """
    if not folder.exists():
        return []
    shape = re.compile(rf"\d{{6}}{re.escape(ending)}")
    try:
        names = sorted(entry.name for entry in folder.iterdir() if shape.fullmatch(entry.name))
    except OSError as error:
        raise _cannot("read", folder, error) from error
    if names != [f"{number:06d}{ending}" for number in range(len(names))]:
        raise LedgerError(f"{folder.name}: a kept release is missing", hint="Restore the ledger from a backup.")
    return [folder / name for name in names]


def write_new(folder: Path, name: str, content: bytes) -> None:
    """Write a file that is not there yet; whole and on the disk before this returns, or not at all.

    Raises:
        LedgerError: it cannot be written, or is there already.
    """
    part = folder / f".{name}.{os.getpid()}.{threading.get_ident()}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with part.open("xb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        part.chmod(0o600)
        os.link(part, folder / name)  # unlike a rename, it never replaces
        _sync(folder)
    except FileExistsError as error:
        raise LedgerError(
            f"{folder.name}: another release was kept in the meantime", hint="Ask again: the answer may be there now."
        ) from error
    except OSError as error:
        raise _cannot("written", folder, error) from error
    finally:
        if part.exists():
            part.unlink()


def _cannot(what: str, folder: Path, error: OSError) -> LedgerError:
    reason = error.strerror or "the disk failed"
    return LedgerError(f"{folder.name}: cannot be {what} ({reason})", hint="Check the folder.")


def _sync(folder: Path) -> None:
    """POSIX only: Windows neither opens a folder nor needs it flushed."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
