"""Encodes a long list on all processors: each process encodes slices of it and writes them itself, in their turn.

The rows are many times longer than what they are made of, so they do not go from one process to another. What goes to
the other processes are the clients and the keys, through pipes and never over the disk; the secret stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import fields
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hashing import accelerator
from hashing.batch import ClientBatch, made_of
from hashing.client_numbers import csv_lines
from hashing.coded import Coded, Vocabulary
from hashing.collector import collector_paused
from hashing.encode import BatchEncoder, EncodingJob, EncodingKeys, Progress, pseudonym_order
from hashing.files import NewFiles
from hashing.profile import Profile
from hashing.read_together import begin_process
from hashing.thread_team import Shares, encode_in_threads
from hashing.turns import Turns, first_done, write_at

# Clients: few enough for the processor's cache, many enough for the time that a step takes to begin.
SLICE = 4_096 if accelerator.native is None else 8_192
WORTH_IT = 100_000  # clients; a shorter list is encoded before another process has started


def encode_all(job: EncodingJob, files: NewFiles, *, processes: int, progress: Progress) -> None:
    """Encode every client and write the rows, sorted by pseudonym. The files' bytes do not depend on *processes*."""
    order = pseudonym_order(job.digests, job.keys)
    slices = [order[start : start + SLICE] for start in range(0, len(order), SLICE)]
    if accelerator.native is not None and len(order) >= WORTH_IT:
        encode_in_threads(job, order, files, Shares(SLICE, processes), progress)
    elif processes == 1 or len(order) < WORTH_IT:
        _encode_here(job, slices, files, progress)
    else:
        _encode_elsewhere(job, slices, files, processes=processes, progress=progress)


def _encode_here(job: EncodingJob, slices: Sequence[NDArray[np.intp]], files: NewFiles, progress: Progress) -> None:
    encoder = BatchEncoder(job.profile, job.keys)
    with collector_paused():
        for number, rows in enumerate(slices):
            progress("encoding", number / len(slices))
            made = encoder.encode(job.clients(rows), job.digests[rows])
            files.encoded.write(made.content)
            files.crosswalk.write(csv_lines(list(zip(made.pseudonyms, made.client_ids, strict=True))))


def _encode_elsewhere(
    job: EncodingJob, slices: Sequence[NDArray[np.intp]], files: NewFiles, *, processes: int, progress: Progress
) -> None:
    files.encoded.flush()
    context = get_context("spawn")  # forking a process that has threads can hang it
    turns = Turns.of_processes(files.encoded.tell(), context)
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
        waiting.append(pool.submit(_encode_slice, number, _places(job.clients(rows)), job.digests[rows]))
        if len(waiting) > ahead:
            yield first_done(waiting)
    while waiting:
        yield first_done(waiting)


def _vocabularies(batch: ClientBatch) -> dict[str, Vocabulary[Any]]:
    columns = {column.name: getattr(batch, column.name) for column in fields(batch)}
    return {name: column.vocabulary for name, column in columns.items() if isinstance(column, Coded)}


def _places(batch: ClientBatch) -> dict[str, NDArray[Any]]:
    columns = {column.name: getattr(batch, column.name) for column in fields(batch)}
    return {name: column.places if isinstance(column, Coded) else column for name, column in columns.items()}


class _Worker:
    """What a process of its own keeps between slices."""

    def __init__(
        self, vocabularies: dict[str, Vocabulary[Any]], profile: Profile, keys: EncodingKeys, path: Path, turns: Turns
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
        return csv_lines(list(zip(made.pseudonyms, made.client_ids, strict=True)))

    def _write(self, number: int, content: bytes) -> None:
        write_at(self._stream, self._turns.place(number, len(content)), content)


_worker: list[_Worker] = []


def _begin(*given: Any) -> None:  # noqa: ANN401 -- what _Worker takes
    begin_process()
    _worker.append(_Worker(*given))


def _encode_slice(number: int, places: dict[str, NDArray[Any]], digests: NDArray[np.uint8]) -> bytes:
    return _worker[0].encode(number, places, digests)
