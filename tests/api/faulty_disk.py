"""A disk that fails at one chosen point: the n-th write, fsync, rename or statement of a request, and no other."""

import errno
import io
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, event


class Fault(Enum):
    """What happens at the chosen point."""

    FULL = errno.ENOSPC
    BROKEN = errno.EIO
    SHORT = 0  # a write that takes half of its bytes and says so; nothing else is touched


# The databases' words, of sqlite.org/rescode.html and postgresql.org/docs/current/errcodes-appendix.html.
SQLITE = {Fault.FULL: "database or disk is full", Fault.BROKEN: "disk I/O error"}
POSTGRES = {Fault.FULL: psycopg.errors.DiskFull, Fault.BROKEN: psycopg.errors.IoError}


def refusal(engine: Engine, fault: Fault) -> Exception:
    """What the driver of a database raises whose disk is full or broken."""
    if engine.dialect.name == "sqlite":
        return sqlite3.OperationalError(SQLITE[fault])
    return POSTGRES[fault](f"could not write block 1: {os.strerror(fault.value)}")


class FaultyDisk:
    """Counts what the service asks of the disk under *folder*, and fails one of it when armed."""

    def __init__(self, folder: Path) -> None:
        self.folder = str(folder)
        self.reached: list[str] = []
        self._at: int | None = None
        self._fault = Fault.FULL
        self.fired = ""

    @contextmanager
    def failing(self, at: int, fault: Fault) -> Iterator[None]:
        """Fail the point number *at*, from 0; `fired` then names it, and is empty if there was none."""
        self.reached, self._at, self._fault, self.fired = [], at, fault, ""
        try:
            yield
        finally:
            self._at = None

    def reach(self, name: str) -> bool:
        """Whether this point is the one."""
        if self._at is None or (self._fault is Fault.SHORT and name != "write"):
            return False
        self.reached.append(name)
        if len(self.reached) - 1 != self._at:
            return False
        self.fired = name
        return True

    def error(self) -> OSError:
        return OSError(self._fault.value, os.strerror(self._fault.value))

    def check(self, name: str) -> None:
        """Fail here, if this is the point."""
        if self.reach(name):
            raise self.error()

    def check_whole(self, name: str) -> None:
        """The same for a write that is never short: a buffer goes on until all is written."""
        if self._fault is not Fault.SHORT:
            self.check(name)

    def check_statement(self, name: str, engine: Engine) -> None:
        """The same, in the database's words."""
        if self.reach(name):
            raise refusal(engine, self._fault)

    def write(self, real: Callable[[Any, bytes], int], target: Any, data: bytes) -> int:
        """A failing write leaves half of its bytes behind."""
        if not self.reach("write"):
            return real(target, data)
        written = real(target, data[: (len(data) + 1) // 2])
        if self._fault is Fault.SHORT:
            return written
        raise self.error()


class _Stream:
    """A file opened for writing, whose every write, flush and close can fail."""

    def __init__(self, disk: FaultyDisk, stream: Any) -> None:
        self._disk, self._stream = disk, stream

    def write(self, data: bytes) -> int:
        self._disk.check_whole("write")
        return self._stream.write(data)

    def flush(self) -> None:
        self._disk.check("flush")
        self._stream.flush()

    def __enter__(self) -> "_Stream":
        return self

    def __exit__(self, *_error: object) -> None:
        self._stream.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def install(disk: FaultyDisk, engine: Engine, patch: pytest.MonkeyPatch) -> None:
    """Put *disk* between the service and the system, until *patch* is undone."""
    for name in ("fsync", "ftruncate"):
        patch.setattr(os, name, _checked(disk, name, getattr(os, name)))
    for name in ("open", "replace", "rename", "mkdir", "chmod"):
        patch.setattr(os, name, _checked_path(disk, name, getattr(os, name)))
    real_write, real_open = os.write, io.open
    patch.setattr(os, "write", lambda target, data: disk.write(real_write, target, data))

    def opened(file: Any, mode: str = "r", *rest: Any, **options: Any) -> Any:
        if not set(mode) & set("xwa") or not str(file).startswith(disk.folder):
            return real_open(file, mode, *rest, **options)
        disk.check("open")
        return _Stream(disk, real_open(file, mode, *rest, **options))

    patch.setattr(io, "open", opened)
    fail_statements(disk, engine, patch)


def fail_statements(disk: FaultyDisk, engine: Engine, patch: pytest.MonkeyPatch) -> None:
    """Put *disk* before every statement of one database, until *patch* is undone."""

    def check(_cursor: Any, statement: str, *_given: Any) -> None:
        disk.check_statement(statement.split()[0], engine)

    event.listen(engine, "do_execute", check)
    event.listen(engine, "do_execute_no_params", check)
    real = engine.dialect.do_commit

    def commit(connection: Any) -> None:
        disk.check_statement("COMMIT", engine)
        real(connection)

    patch.setattr(engine.dialect, "do_commit", commit)


def _checked(disk: FaultyDisk, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
    def call(*given: Any, **options: Any) -> Any:
        disk.check(name)
        return real(*given, **options)

    return call


def _checked_path(disk: FaultyDisk, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
    def call(path: Any, *given: Any, **options: Any) -> Any:
        if str(path).startswith(disk.folder):
            disk.check(name)
        return real(path, *given, **options)

    return call
