"""The one process that writes the log, counts requests and links, and the socket by which the others ask it.

The socket is in the data folder, for its owner alone. Each connection asks one thing at a time.
"""

from __future__ import annotations

import logging
import os
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import msgspec
from limits.storage import MemoryStorage

from api.errors import StartError
from api.hub_calls import (
    Answer,
    Append,
    Call,
    Checkpoint,
    Cosigned,
    Entries,
    Export,
    Failed,
    Hit,
    OfLog,
    Proof,
    Size,
    Submission,
    Submit,
    SubmitTask,
    TakeCosignatures,
    Window,
    failed_with,
    read_line,
    write_line,
)
from api.jobs import Jobs
from api.journal import Log
from audit.errors import AuditError

SOCKET = "hub.sock"
_log = logging.getLogger("headcount.hub")
_CALLS = msgspec.json.Decoder(Call)


@dataclass(frozen=True, slots=True)
class Hub:
    """What all processes of a service share beside the database."""

    log: Log
    jobs: Jobs
    windows: MemoryStorage

    def answer(self, call: Call) -> Answer:
        """Do what a process asks."""
        try:
            return Answer(value=msgspec.Raw(msgspec.json.encode(self._do(call))))
        except (AuditError, OSError) as error:
            return Answer(failed=failed_with(error))

    def _do(self, call: Call) -> object:
        match call:
            case Hit(key, limit, expiry, amount):
                return self.windows.acquire_entry(key, limit, expiry, amount)
            case Window(key, limit, expiry):
                return self.windows.get_moving_window(key, limit, expiry)
            case Submit(run):
                self.jobs.submit(run)
                return None
            case SubmitTask(job):
                self.jobs.submit_task(job)
                return None
            case _:
                return _ask_log(self.log, call)


def _ask_log(log: Log, call: OfLog) -> object:
    match call:
        case Append(event):
            return log.append(event)
        case Checkpoint():
            return log.checkpoint()
        case Proof(index, need):
            return log.proof(index, need=need)
        case Entries(start, limit):
            return log.entries(start, limit)
        case Export(out):
            log.export(Path(out))
            return None
        case Size():
            return log.size
        case _:
            return _ask_witnesses(log, call)


def _ask_witnesses(log: Log, call: Submission | TakeCosignatures | Cosigned) -> object:
    match call:
        case Submission(old_size):
            return log.witnessing.submission(old_size)
        case TakeCosignatures(text):
            log.witnessing.take(text)
            return None
        case Cosigned(need):
            return str(log.witnessing.newest(need))


@contextmanager
def answering(hub: Hub, data: Path) -> Iterator[None]:
    """Answer at the socket in *data* for as long as this lasts.

    Raises:
        StartError: the socket cannot be made.
    """
    path = data / SOCKET
    path.unlink(missing_ok=True)  # whoever holds the folder's lock is alone
    try:
        server = _Server(str(path), hub)
    except OSError as error:
        raise StartError(
            f"the socket {path} cannot be made: {error.strerror or error}",
            hint="Its path may have 100 characters or so; give --data a folder with a shorter one.",
        ) from error
    thread = threading.Thread(target=server.serve_forever, name="hub", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        path.unlink(missing_ok=True)


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    block_on_close = False  # connections stay open for as long as the other process lives
    request_queue_size = 128

    def __init__(self, path: str, hub: Hub) -> None:
        self.hub = hub
        super().__init__(path, _Connection)

    def server_bind(self) -> None:
        before = os.umask(0o177)
        try:
            super().server_bind()
        finally:
            os.umask(before)

    def handle_error(self, request: object, client_address: object) -> None:
        """The line is cut, so whoever asked is told that nothing is known; why is in the service's own log."""
        _log.exception("what another process asked failed")


class _Connection(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        hub = cast(_Server, self.server).hub
        reading, writing = cast(BinaryIO, self.rfile), cast(BinaryIO, self.wfile)
        try:
            while True:
                write_line(writing, _answered(hub, read_line(reading)))
        except ConnectionError:
            return


def _answered(hub: Hub, line: bytes) -> Answer:
    try:
        return hub.answer(_CALLS.decode(line))
    except msgspec.MsgspecError as error:
        return Answer(failed=Failed(type(error).__name__, "the request cannot be read", "This is a bug: report it."))
