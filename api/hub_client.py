"""The log, the counters of requests and the queue as a process sees them that has none of its own."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import BinaryIO, TypeVar, cast

import msgspec

from api.errors import LogUnavailable
from api.hub import SOCKET
from api.hub_calls import (
    Answer,
    Append,
    Call,
    Checkpoint,
    Cosigned,
    Entries,
    Export,
    Hit,
    Proof,
    Size,
    Submission,
    Submit,
    SubmitTask,
    TakeCosignatures,
    Window,
    error_of,
    read_line,
    write_line,
)
from api.jobs import Jobs, Linkages
from api.tasks import Tasks
from audit.checkpoint import SignedCheckpoint, parse_signed_checkpoint
from audit.events import Entry, Event, Receipt

T = TypeVar("T")
_ANSWERS = msgspec.json.Decoder(Answer)


class Line:
    """Connections to the hub, as many as there are threads that ask at once."""

    def __init__(self, data: Path) -> None:
        self._path = str(data / SOCKET)
        self._idle: SimpleQueue[tuple[socket.socket, BinaryIO]] = SimpleQueue()

    def ask(self, call: Call, kind: type[T]) -> T:
        """What the hub answers, of that *kind*.

        Raises:
            AuditError: what the log refused, as the log told it.
            OSError: the hub does not answer; whether it did what it was asked is not known.
        """
        with self._connection() as stream:
            write_line(stream, call)
            answer = _ANSWERS.decode(read_line(stream))
        if answer.failed is not None:
            raise error_of(answer.failed)
        return msgspec.json.decode(answer.value, type=kind)

    def close(self) -> None:
        """Let go of the connections that nobody uses."""
        while True:
            try:
                connection, stream = self._idle.get_nowait()
            except Empty:
                return
            _close(connection, stream)

    @contextmanager
    def _connection(self) -> Iterator[BinaryIO]:
        try:
            connection, stream = self._idle.get_nowait()
        except Empty:
            connection, stream = self._connect()
        try:
            yield stream
        except BaseException:
            _close(connection, stream)
            raise
        self._idle.put((connection, stream))

    def _connect(self) -> tuple[socket.socket, BinaryIO]:
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect(self._path)
        except OSError:
            connection.close()
            raise
        return connection, cast(BinaryIO, connection.makefile("rwb"))


def _close(connection: socket.socket, stream: BinaryIO) -> None:
    connection.close()
    try:
        stream.close()
    except OSError:  # what was not written will not be
        return


class FarWitnessing:
    """What the log has to say to witnesses."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def submission(self, old_size: int) -> str:
        """As `audit.witnessed.Witnessing.submission`."""
        return self._line.ask(Submission(old_size), str)

    def take(self, text: str) -> None:
        """As `audit.witnessed.Witnessing.take`."""
        self._line.ask(TakeCosignatures(text), type(None))

    def newest(self, need: int) -> SignedCheckpoint:
        """As `audit.witnessed.Witnessing.newest`."""
        return parse_signed_checkpoint(self._line.ask(Cosigned(need), str))


class FarLog:
    """The log that another process writes (`api.journal.Log`)."""

    def __init__(self, line: Line, vkeys: str) -> None:
        self._line = line
        self.vkeys = vkeys
        self.witnessing = FarWitnessing(line)

    def append(self, event: Event) -> Receipt:
        """Write *event* to disk, over there, before this returns."""
        return self._line.ask(Append(event), Receipt)

    def checkpoint(self) -> str:
        """Sign the log as it stands."""
        return self._line.ask(Checkpoint(), str)

    def proof(self, index: int, *, need: int = 0) -> str:
        """A proof that entry *index* is in the log."""
        return self._line.ask(Proof(index, need), str)

    def entries(self, start: int, limit: int) -> tuple[Entry, ...]:
        """At most *limit* entries from number *start*."""
        return self._line.ask(Entries(start, limit), tuple[Entry, ...])

    def export(self, out: Path) -> None:
        """Write everything an auditor needs into the new folder *out*."""
        self._line.ask(Export(str(out.absolute())), type(None))

    def close(self) -> None:
        """Let go of the connections; the log goes on."""
        self._line.close()

    @property
    def size(self) -> int:
        """How many entries there are."""
        return self._line.ask(Size(), int)


class FarWindows:
    """Counters of requests that all processes share (`limits.storage.MovingWindowSupport`)."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count *amount* requests; False if there would be more than *limit* within *expiry* seconds.

        Raises:
            LogUnavailable: the first process of the service is away.
        """
        with _told():
            return self._line.ask(Hit(key, limit, expiry, amount), bool)

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """When the oldest request that counts came, in seconds since 1970, and how many there are.

        Raises:
            LogUnavailable: the first process of the service is away.
        """
        with _told():
            return self._line.ask(Window(key, limit, expiry), tuple[float, int])


class FarJobs(Jobs):
    """The queue of another process, which does what is in it."""

    def __init__(self, linkages: Linkages, tasks: Tasks, line: Line) -> None:
        super().__init__(linkages, tasks)
        self._line = line

    def submit(self, run_id: str) -> None:
        """Queue a run; it is durable when this returns.

        Raises:
            LogUnavailable: the first process of the service is away.
        """
        with _told():
            self._line.ask(Submit(run_id), type(None))

    def submit_task(self, job_id: str) -> None:
        """Queue another job; it is durable when this returns.

        Raises:
            LogUnavailable: the first process of the service is away.
        """
        with _told():
            self._line.ask(SubmitTask(job_id), type(None))


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise LogUnavailable(
            "the first process of the service does not answer", hint="Try again later; tell the operator if it stays."
        ) from error
