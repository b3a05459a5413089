"""Several processes answer requests; the first writes the log, links, and sees to it that all live and die together.

See docs/adr/0036-several-processes.md.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess

from limits.storage import MemoryStorage

from api.clock import system_clock
from api.errors import StartError
from api.hub import Hub, answering
from api.joining import join_parts
from api.linking import Linking
from api.logs import log_to_stderr
from api.serve import GRACE_SECONDS, address_of, answer_requests, listen
from api.settings import Settings
from api.starting import open_parts

_SPAWN = get_context("spawn")  # a fork would copy locks that another thread holds
_log = logging.getLogger("headcount.processes")


@dataclass(frozen=True, slots=True)
class _Child:
    process: SpawnProcess
    ready: Connection  # it writes there once it answers


def serve_with_processes(settings: Settings, *, ready: Callable[[str], None], linking: Linking) -> None:
    """Serve with as many processes as the settings say until SIGTERM or Ctrl-C; *ready* is told when all answer.

    Raises:
        StartError: the data folder cannot be served, the address is taken, or a process died.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with open_parts(settings, linking, system_clock) as parts, listen(settings) as listening:
        hub = Hub(parts.journal.log, parts.jobs, MemoryStorage())
        with answering(hub, settings.data), _children(settings, listening, linking) as children:
            try:
                _wait_until_ready(children)
                ready(address_of(settings, listening))
                wait([child.process.sentinel for child in children])
                raise _died()
            except KeyboardInterrupt:
                logging.getLogger("headcount").info("told to stop")
    if parts.jobs.busy:
        os._exit(0)  # as in api.serve: a linkage is done again at the next start


@contextmanager
def _children(settings: Settings, listening: socket.socket, linking: Linking) -> Iterator[Sequence[_Child]]:
    children: list[_Child] = []
    asked = handed_on(linking)
    try:
        for number in range(settings.processes):
            children.append(_start(number, settings, listening, asked))
        yield children
    finally:
        _stop([child.process for child in children])


def handed_on(linking: Linking) -> Linking:
    """What the other processes are given of it: they link nothing, and an engine with Spark cannot be pickled."""
    return replace(linking, link=Linking().link)


def _start(number: int, settings: Settings, listening: socket.socket, linking: Linking) -> _Child:
    theirs: Connection
    ours, theirs = _SPAWN.Pipe(duplex=False)
    name = f"headcount {number}"
    process = _SPAWN.Process(
        target=_answer, args=(number, settings, listening, linking, theirs), name=name, daemon=True
    )
    process.start()
    theirs.close()
    return _Child(process, ours)


def _wait_until_ready(children: Sequence[_Child]) -> None:
    for child in children:
        try:
            child.ready.recv_bytes()
        except EOFError:
            raise _died() from None


def _died() -> StartError:
    return StartError(
        "one of the processes that answer requests has ended, so all were stopped",
        hint="See what it wrote to standard error, and start the service again.",
    )


def _stop(processes: Sequence[SpawnProcess]) -> None:
    for process in processes:
        process.terminate()
    for process in processes:
        process.join(2 * GRACE_SECONDS)
        if process.is_alive():
            process.kill()
            process.join()


def _answer(number: int, settings: Settings, listening: socket.socket, linking: Linking, ready: Connection) -> None:
    """What one process does, from its start to its end."""
    log_to_stderr()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    threading.Thread(target=_die_with_parent, name="parent", daemon=True).start()
    try:
        with join_parts(settings, linking, system_clock) as parts:
            answer_requests(parts, listening, ready=lambda: ready.send_bytes(b"ready"), number=number)
            signal.signal(signal.SIGTERM, signal.SIG_IGN)  # systemd tells every process, and so does the first one
    except Exception:
        _log.exception("a process ended")
        os._exit(1)
    os._exit(0)  # everything is closed; the interpreter would take seconds to take itself apart


def _die_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
    _log.error("the first process has gone, so this one ends")
    os._exit(1)  # without it nothing can be logged, so nothing can be done
