"""Requests beyond the limits in the log: the first of a minute by itself, those after it together in one entry.

So a caller that asks without end fills the log with two entries a minute, and none of its requests goes uncounted
but those of the last minute before a crash.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from api.callers import Caller
from api.journal import Journal
from audit.events import Act, Event

RULE = "too-many-requests"
WINDOW = timedelta(minutes=1)


@dataclass(slots=True)
class _Counted:
    last: Caller
    since: datetime
    further: int = 0


class Tally:
    """Counts, for each member, what came after the first request that was one too many."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._counted: dict[str, _Counted] = {}
        self._lock = threading.Lock()

    def take(self, caller: Caller, *, now: datetime) -> None:
        """Log a request beyond a limit, or count it to those that one entry will tell.

        Raises:
            LogUnavailable: it cannot be logged.
        """
        with self._lock:
            counted = self._counted.get(caller.member.id)
            if counted is not None and now - counted.since < WINDOW:
                counted.last, counted.further = caller, counted.further + 1
                return
            self._tell(counted)
            self._journal.append(_event(caller, 1))
            self._counted[caller.member.id] = _Counted(caller, now)

    def settle(self, *, now: datetime | None = None) -> None:
        """Log what was counted in minutes that are over *now*; without it, everything.

        Raises:
            LogUnavailable: it cannot be logged; it stays counted.
        """
        with self._lock:
            over = [name for name, one in self._counted.items() if now is None or now - one.since >= WINDOW]
            for name in over:
                self._tell(self._counted[name])
                del self._counted[name]

    def _tell(self, counted: _Counted | None) -> None:
        if counted is not None and counted.further:
            self._journal.append(_event(counted.last, counted.further))


def _event(caller: Caller, requests: int) -> Event:
    details: dict[str, str | int] = {"requests": requests}
    return caller.event(Act.REFUSED, "request", purpose="not stated", outcome="refused", rule=RULE, details=details)
