"""Encodes a long list on all processors by threads, where machine code does the work (:mod:`hashing.accelerator`).

One thread learns: it makes the filters and keys of values that were not seen before, which is Python's work. The others
work out the rows and write them, which is not, so that they do not wait for each other. All share what was learned.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from hashing.batch import ClientBatch
from hashing.client_numbers import Crosswalk
from hashing.encode import BatchEncoder, EncodingJob, Learned, Progress
from hashing.files import NewFiles
from hashing.row_text import Writer, pseudonym_texts
from hashing.turns import Turns, first_done, write_at

_AHEAD = 2  # slices that wait for each thread


class _Team:
    """Threads that write slices to one file, each with a place of its own to write text in."""

    def __init__(self, encoder: BatchEncoder, path: Path, turns: Turns) -> None:
        self._encoder = encoder
        self._path = path
        self._turns = turns
        self._own = threading.local()
        self._streams: list[BinaryIO] = []

    def begin(self) -> None:
        """What each thread does first."""
        self._own.writer = Writer()
        self._own.stream = self._path.open("r+b", buffering=0)
        self._streams.append(self._own.stream)

    def write(self, number: int, learned: Learned, digests: NDArray[np.uint8]) -> None:
        """Work out the rows of a slice and write them when it is their turn."""
        try:
            content = self._encoder.written(learned, digests, self._own.writer)
            write_at(self._own.stream, self._turns.place(number, len(content)), content)
        except BaseException:
            self._turns.fail()
            raise

    def close(self) -> None:
        """Close what the threads opened."""
        for stream in self._streams:
            stream.close()


def encode_in_threads(
    job: EncodingJob, slices: Sequence[NDArray[np.intp]], files: NewFiles, *, threads: int, progress: Progress
) -> None:
    """Encode the slices of a list and write their rows in that order."""
    files.encoded.flush()
    encoder, waiting = BatchEncoder(job.profile, job.keys), list[Future[None]]()
    team = _Team(encoder, files.encoded_path, Turns.of_threads(files.encoded.tell()))
    crosswalk, job = Crosswalk(job.batch.client_id), replace(job, batch=_without_numbers(job.batch))
    try:
        with ThreadPoolExecutor(threads, initializer=team.begin) as pool:
            for number, rows in enumerate(slices):
                progress("encoding", number / len(slices))
                digests = job.digests[rows]
                waiting.append(pool.submit(team.write, number, encoder.learned(job.clients(rows)), digests))
                files.crosswalk.write(crosswalk.lines(pseudonym_texts(encoder.pseudonyms(digests)), job.rows[rows]))
                if len(waiting) > _AHEAD * threads:
                    first_done(waiting)
            while waiting:
                first_done(waiting)
    finally:
        team.close()


def _without_numbers(batch: ClientBatch) -> ClientBatch:
    """The batch without what takes long to pick row by row, and is not encoded."""
    return replace(batch, client_id=np.zeros(len(batch), dtype="S1"), line=np.zeros(len(batch), dtype=np.int8))
