"""Encodes a long list on all processors by threads, where machine code does the work (:mod:`hashing.accelerator`).

One thread learns: it makes the filters and keys of values that were not seen before, which is Python's work. The others
work out the rows and write them, which is not, so that they do not wait for each other. All share what was learned.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
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

LEARNED_AT_ONCE = 32_768  # rows: each turn at learning has its price, however little is new in it
_AHEAD = 2  # slices that wait for each thread, beside those that were learned last


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


@dataclass(frozen=True, slots=True)
class Shares:
    """How many rows a thread works out at a time, and how many threads there are."""

    rows: int
    threads: int


def encode_in_threads(
    job: EncodingJob, order: NDArray[np.intp], files: NewFiles, shares: Shares, progress: Progress
) -> None:
    """Encode the clients of a list and write their rows in an *order*."""
    files.encoded.flush()
    encoder = BatchEncoder(job.profile, job.keys)
    team = _Team(encoder, files.encoded_path, Turns.of_threads(files.encoded.tell()))
    crosswalk, job = Crosswalk(job.batch.client_id), replace(job, batch=_without_numbers(job.batch))
    try:
        with ThreadPoolExecutor(shares.threads, initializer=team.begin) as pool:
            given_out = _GivenOut(team, pool, shares)
            for start in range(0, len(order), LEARNED_AT_ONCE):
                progress("encoding", start / len(order))
                rows = order[start : start + LEARNED_AT_ONCE]
                digests = job.digests[rows]
                given_out.add(encoder.learned(job.clients(rows)), digests)
                files.crosswalk.write(crosswalk.lines(pseudonym_texts(encoder.pseudonyms(digests)), job.rows[rows]))
            given_out.finish()
    finally:
        team.close()


class _GivenOut:
    """Slices that threads are at work on, in their order."""

    def __init__(self, team: _Team, pool: ThreadPoolExecutor, shares: Shares) -> None:
        self._team = team
        self._pool = pool
        self._shares = shares
        self._waiting: list[Future[None]] = []
        self._count = 0

    def add(self, learned: Learned, digests: NDArray[np.uint8]) -> None:
        """Give out what was learned; wait where too much was given out before."""
        size = self._shares.rows
        for start in range(0, len(digests), size):
            part = learned.of_rows(start, start + size), digests[start : start + size]
            self._waiting.append(self._pool.submit(self._team.write, self._count, *part))
            self._count += 1
        while len(self._waiting) > _AHEAD * self._shares.threads + len(digests) // size:
            first_done(self._waiting)

    def finish(self) -> None:
        """Wait for all that was given out."""
        while self._waiting:
            first_done(self._waiting)


def _without_numbers(batch: ClientBatch) -> ClientBatch:
    """The batch without what takes long to pick row by row, and is not encoded."""
    return replace(batch, client_id=np.zeros(len(batch), dtype="S1"), line=np.zeros(len(batch), dtype=np.int8))
