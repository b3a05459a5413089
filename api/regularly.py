"""What a service does again and again in the background, and goes on doing when it fails once."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import timedelta

_PATIENCE = 5.0  # seconds
_log = logging.getLogger("headcount.regularly")


def regularly(work: str, every: timedelta, act: Callable[[], object]) -> Callable[[], None]:
    """Do *act* after each span of time, in a thread named after the *work*; what is handed back stops it and waits."""
    stop = threading.Event()

    def go_on() -> None:
        while not stop.wait(every.total_seconds()):
            try:
                act()
            except Exception as error:
                # Whatever the disk, the database or the log refuses is tried again next time; the service goes on.
                kind = type(error).__name__
                _log.error("%s failed and is tried again later (%s)", work, kind)

    def end() -> None:
        stop.set()
        thread.join(_PATIENCE)  # or a database that is away would keep the service from stopping

    thread = threading.Thread(target=go_on, name=work, daemon=True)
    thread.start()
    return end
