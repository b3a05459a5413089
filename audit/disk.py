"""Writing so that it is on the disk when the call returns, or as if it had never begun.

`Disk` is the thin edge to the operating system; tests put a failing one in its place.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

_BINARY: int = getattr(os, "O_BINARY", 0)  # only Windows turns line breaks about without it
_OWNER_ONLY = 0o600


class Disk:
    """The calls that can fail when a disk is full, broken or gone; each raises OSError."""

    def open_append(self, path: Path) -> int:
        """Open or make a file whose writes go to its end."""
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | _BINARY, _OWNER_ONLY)

    def create(self, path: Path) -> int:
        """Make a file that only the owner may read; the name must be free."""
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, _OWNER_ONLY)

    def write(self, descriptor: int, data: bytes) -> int:
        """Write some of *data*; return how many bytes were taken."""
        return os.write(descriptor, data)

    def sync(self, descriptor: int) -> None:
        """Return when the file's bytes are on the disk."""
        if sys.platform == "darwin":
            import fcntl

            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)  # fsync stops at the drive's cache there
        else:
            os.fsync(descriptor)

    def cut(self, descriptor: int, length: int) -> None:
        """Drop everything after *length* bytes."""
        os.ftruncate(descriptor, length)

    def replace(self, source: Path, target: Path) -> None:
        """Put *source* in the place of *target* in one step."""
        source.replace(target)

    def sync_folder(self, folder: Path) -> None:
        """Return when the folder's names are on the disk; Windows does so by itself."""
        if sys.platform == "win32":
            return
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


class AppendFile:
    """A file that grows by whole records, or not at all."""

    def __init__(self, path: Path, disk: Disk) -> None:
        self.path = path
        self._disk = disk
        self._descriptor = disk.open_append(path)
        self._length = os.fstat(self._descriptor).st_size
        self._half_done = False

    @property
    def length(self) -> int:
        """Bytes of whole records."""
        return self._length

    def append(self, record: bytes) -> None:
        """Write *record* and return when it is on the disk.

        Raises:
            OSError: it is not there; the file is as before, or will be made so before the next record.
        """
        self._mend()
        self._half_done = True
        try:
            write_all(self._disk, self._descriptor, record)
            self._disk.sync(self._descriptor)
        except OSError:
            with suppress(OSError):  # the first error is the one to tell; the next append mends again
                self._mend()
            raise
        self._length += len(record)
        self._half_done = False

    def cut(self, length: int) -> None:
        """Drop what was never wholly written.

        Raises:
            OSError: the disk refused.
        """
        self._disk.cut(self._descriptor, length)
        self._disk.sync(self._descriptor)
        self._length = length

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._descriptor)

    def _mend(self) -> None:
        if self._half_done:
            self._disk.cut(self._descriptor, self._length)
            self._half_done = False
        elif os.fstat(self._descriptor).st_size != self._length:
            raise OSError("another program changed the file")


def write_all(disk: Disk, descriptor: int, data: bytes) -> None:
    """Write all of *data*, however little the system takes at a time.

    Raises:
        OSError: some of it could not be written.
    """
    while data:
        data = data[disk.write(descriptor, data) :]


def put_file(disk: Disk, path: Path, data: bytes) -> None:
    """Write a whole file in the place of *path*, readable by the owner alone.

    Raises:
        OSError: it could not be written; the file at *path* is the old one or the new one, never a mixture.
    """
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)  # left by a crash
    descriptor = disk.create(fresh)
    try:
        write_all(disk, descriptor, data)
        disk.sync(descriptor)
    finally:
        os.close(descriptor)
    disk.replace(fresh, path)
    disk.sync_folder(path.parent)
