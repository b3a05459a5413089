"""Encodes a long list on all processors: each process encodes slices of it and writes them itself, in their turn.

The rows are many times longer than what they are made of, so they do not go from one process to another. What goes to
the other processes are the clients and the keys, through pipes and never over the disk; the secret stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, fields
from multiprocessing import get_context
from multiprocessing.context import SpawnContext
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hashing.batch import ClientBatch, made_of
from hashing.coded import Coded, Vocabulary
from hashing.collector import collector_paused
from hashing.encode import BatchEncoder, EncodingKeys, Progress, pseudonym_order
from hashing.files import NewFiles, crosswalk_lines
from hashing.profile import Profile
from hashing.read_together import begin_process

SLICE = 4_096  # clients: few enough for the processor's cache, many enough for the time that a step takes to begin
WORTH_IT = 100_000  # clients; a shorter list is encoded before another process has started
_WAITING = 120.0  # seconds until a process looks whether another has failed


@dataclass(frozen=True, slots=True, repr=False)
class EncodingJob:
    """A list to encode: its clients, the digests of their numbers, and what to encode them with."""

    batch: ClientBatch
    digests: NDArray[np.uint8]
    profile: Profile
    keys: EncodingKeys


def encode_all(job: EncodingJob, files: NewFiles, *, processes: int, progress: Progress) -> None:
    """Encode every client and write the rows, sorted by pseudonym. The files' bytes do not depend on *processes*."""
    order = pseudonym_order(job.digests, job.keys)
    slices = [order[start : start + SLICE] for start in range(0, len(order), SLICE)]
    if processes == 1 or len(order) < WORTH_IT:
        _encode_here(job, slices, files, progress)
    else:
        _encode_elsewhere(job, slices, files, processes=processes, progress=progress)


def _encode_here(job: EncodingJob, slices: Sequence[NDArray[np.intp]], files: NewFiles, progress: Progress) -> None:
    encoder = BatchEncoder(job.profile, job.keys)
    with collector_paused():
        for number, rows in enumerate(slices):
            progress("encoding", number / len(slices))
            made = encoder.encode(job.batch.take(rows), job.digests[rows])
            files.encoded.write(made.content)
            files.crosswalk.write(crosswalk_lines(list(zip(made.pseudonyms, made.client_ids, strict=True))))


def _encode_elsewhere(
    job: EncodingJob, slices: Sequence[NDArray[np.intp]], files: NewFiles, *, processes: int, progress: Progress
) -> None:
    files.encoded.flush()
    context = get_context("spawn")  # forking a process that has threads can hang it
    turns = _Turns.after(files.encoded.tell(), context)
    given = (_vocabularies(job.batch), job.profile, job.keys, files.encoded_path, turns)
    with ProcessPoolExecutor(processes, mp_context=context, initializer=_begin, initargs=given) as pool:
        for number, lines in enumerate(_in_order(pool, job, slices, ahead=2 * processes)):
            progress("encoding", number / len(slices))
            files.crosswalk.write(lines)


def _in_order(
    pool: ProcessPoolExecutor, job: EncodingJob, slices: Sequence[NDArray[np.intp]], *, ahead: int
) -> Iterator[bytes]:
    """The crosswalk's lines of each slice; only a few slices are under way at a time."""
    waiting: list[Future[bytes]] = []
    for number, rows in enumerate(slices):
        waiting.append(pool.submit(_encode_slice, number, _places(job.batch.take(rows)), job.digests[rows]))
        if len(waiting) > ahead:
            yield _done(waiting)
    while waiting:
        yield _done(waiting)


def _done(waiting: list[Future[bytes]]) -> bytes:
    """What the first of the slices gave. Where another one failed, its error says why, and is raised."""
    try:
        return waiting.pop(0).result()
    except AnotherProcessFailed:
        for other in waiting:
            if not isinstance(other.exception(), AnotherProcessFailed):
                other.result()
        raise


class AnotherProcessFailed(Exception):
    """A slice could not be placed since one before it will never come."""


class _Turns:
    """Lets processes write to one file in a set order, each behind what was written before."""

    def __init__(self, changed: Any, following: Any, end: Any) -> None:  # noqa: ANN401 -- multiprocessing's own
        self._changed = changed
        self._following = following  # the number of the slice that may be placed; -1 after a failure
        self._end = end

    @classmethod
    def after(cls, end: int, context: SpawnContext) -> _Turns:
        """Turns to write behind the first *end* bytes."""
        return cls(context.Condition(), context.Value("q", 0, lock=False), context.Value("q", end, lock=False))

    def place(self, number: int, size: int) -> int:
        """Where a slice of *size* bytes is to be written; waits until the slices before it have their places."""
        with self._changed:
            while self._following.value not in {number, -1}:
                self._changed.wait(_WAITING)
            if self._following.value < 0:
                raise AnotherProcessFailed
            start = int(self._end.value)
            self._end.value, self._following.value = start + size, number + 1
            self._changed.notify_all()
            return start

    def fail(self) -> None:
        """Let nobody wait for a slice that will not come."""
        with self._changed:
            self._following.value = -1
            self._changed.notify_all()


def _vocabularies(batch: ClientBatch) -> dict[str, Vocabulary[Any]]:
    columns = {column.name: getattr(batch, column.name) for column in fields(batch)}
    return {name: column.vocabulary for name, column in columns.items() if isinstance(column, Coded)}


def _places(batch: ClientBatch) -> dict[str, NDArray[Any]]:
    columns = {column.name: getattr(batch, column.name) for column in fields(batch)}
    return {name: column.places if isinstance(column, Coded) else column for name, column in columns.items()}


class _Worker:
    """What a process of its own keeps between slices."""

    def __init__(
        self, vocabularies: dict[str, Vocabulary[Any]], profile: Profile, keys: EncodingKeys, path: Path, turns: _Turns
    ) -> None:
        self._vocabularies = vocabularies
        self._encoder = BatchEncoder(profile, keys)
        self._stream = path.open("r+b", buffering=0)
        self._turns = turns

    def encode(self, number: int, places: dict[str, NDArray[Any]], digests: NDArray[np.uint8]) -> bytes:
        """Encode a slice, write its rows, and return its lines of the crosswalk."""
        columns = {
            name: Coded(self._vocabularies[name], found) if name in self._vocabularies else found
            for name, found in places.items()
        }
        try:
            made = self._encoder.encode(made_of(columns), digests)
            self._write(number, made.content)
        except BaseException:
            self._turns.fail()
            raise
        return crosswalk_lines(list(zip(made.pseudonyms, made.client_ids, strict=True)))

    def _write(self, number: int, content: bytes) -> None:
        self._stream.seek(self._turns.place(number, len(content)))
        rest = memoryview(content)
        while rest:
            rest = rest[self._stream.write(rest) :]


_worker: list[_Worker] = []


def _begin(*given: Any) -> None:  # noqa: ANN401 -- what _Worker takes
    begin_process()
    _worker.append(_Worker(*given))


def _encode_slice(number: int, places: dict[str, NDArray[Any]], digests: NDArray[np.uint8]) -> bytes:
    return _worker[0].encode(number, places, digests)
