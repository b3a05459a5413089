"""A lock that the threads of several processes on one computer take in turn."""

from __future__ import annotations

import os
import threading
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from api.settings import Settings


class Turn:
    """As `threading.Lock` in a ``with``, between processes too; given up when a process dies (flock, POSIX)."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._mine = threading.Lock()
        self._descriptor = -1

    def __enter__(self) -> None:
        import fcntl  # not on Windows, where a service is one process

        self._mine.acquire()
        try:
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        except BaseException:
            self._leave()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._leave()

    def _leave(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)  # and with it the lock
        self._descriptor = -1
        self._mine.release()


@dataclass(frozen=True, slots=True)
class Turns:
    """What one request does at a time: each is held from the check to what is kept."""

    uploads: AbstractContextManager[object]
    members: AbstractContextManager[object]
    pieces: AbstractContextManager[object]
    packets: AbstractContextManager[object]


def turns_in(settings: Settings) -> Turns:
    """The turns of a service: between all its processes, where it has several."""
    if settings.processes > 1:
        return Turns(*(Turn(settings.data / f"{name}.lock") for name in ("uploads", "members", "pieces", "packets")))
    return Turns(threading.Lock(), threading.Lock(), threading.Lock(), threading.Lock())
