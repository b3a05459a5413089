"""Turns at writing to one file: each writer behind what was written before, in a set order."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from multiprocessing.context import SpawnContext
from types import SimpleNamespace
from typing import Any, BinaryIO, TypeVar

_WAITING = 120.0  # seconds until a writer looks whether another has failed


T = TypeVar("T")


class AnotherFailed(Exception):
    """A piece could not be placed since one before it will never come."""


class Turns:
    """Lets processes or threads write to one file in a set order."""

    def __init__(self, changed: Any, following: Any, end: Any) -> None:  # noqa: ANN401 -- multiprocessing's own
        self._changed = changed
        self._following = following  # the number of the piece that may be placed; -1 after a failure
        self._end = end

    @classmethod
    def of_processes(cls, end: int, context: SpawnContext) -> Turns:
        """Turns of processes to write behind the first *end* bytes."""
        return cls(context.Condition(), context.Value("q", 0, lock=False), context.Value("q", end, lock=False))

    @classmethod
    def of_threads(cls, end: int) -> Turns:
        """Turns of threads to write behind the first *end* bytes."""
        return cls(threading.Condition(), SimpleNamespace(value=0), SimpleNamespace(value=end))

    def place(self, number: int, size: int) -> int:
        """Where a piece of *size* bytes is to be written; waits until the pieces before it have their places."""
        with self._changed:
            while self._following.value not in {number, -1}:
                self._changed.wait(_WAITING)
            if self._following.value < 0:
                raise AnotherFailed
            start = int(self._end.value)
            self._end.value, self._following.value = start + size, number + 1
            self._changed.notify_all()
            return start

    def fail(self) -> None:
        """Let nobody wait for a piece that will not come."""
        with self._changed:
            self._following.value = -1
            self._changed.notify_all()


def first_done(waiting: list[Future[T]]) -> T:
    """What the first of several pieces gave. Where another one failed, its error says why, and is raised."""
    try:
        return waiting.pop(0).result()
    except AnotherFailed:
        for other in waiting:
            if not isinstance(other.exception(), AnotherFailed):
                other.result()
        raise


def write_at(stream: BinaryIO, start: int, content: bytes | memoryview) -> None:
    """Write to an unbuffered stream at a place, however many times it takes."""
    stream.seek(start)
    rest = memoryview(content)
    while rest:
        rest = rest[stream.write(rest) :]
