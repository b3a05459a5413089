"""The parts of a process that answers requests beside others: the log, limits and queue are those of the first one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial

from api.clock import Clock
from api.errors import LogUnavailable
from api.hub_client import FarJobs, FarLog, FarWindows, Line
from api.journal import Journal, checkpoint_failed
from api.linking import Linking
from api.parts import Parts, Shared, assemble
from api.settings import Settings
from api.storage.engine import close_database, connect_database, database_address


@contextmanager
def join_parts(settings: Settings, linking: Linking, clock: Clock) -> Iterator[Parts]:
    """Yield the parts, while the first process has the data folder open; close them.

    Raises:
        OSError: the data folder cannot be read.
    """
    with ExitStack() as stack:
        line = Line(settings.data)
        vkeys = (settings.data / "log.vkey").read_text(encoding="utf-8")
        journal = Journal(FarLog(line, vkeys), clock)
        stack.callback(journal.close)
        engine = connect_database(database_address(settings.data, settings.database_url))
        stack.callback(close_database, engine)
        shared = Shared(linking, FarWindows(line), partial(FarJobs, line=line))
        parts = assemble(settings, clock, journal, engine, shared)
        stack.callback(_settle, parts)
        journal.sign_every(
            settings.checkpoint_seconds, checkpoint_failed, before=lambda: parts.tally.settle(now=clock())
        )
        yield parts


def _settle(parts: Parts) -> None:
    try:
        parts.tally.settle()
    except LogUnavailable as error:  # the first process was killed
        checkpoint_failed(error)
