"""Whether the service can do its work now: log, database and disk each take what is written."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from api.clock import Clock
from api.errors import LogUnavailable, NotReady
from api.journal import Journal
from api.storage.nonces import Nonces
from audit.kept import ENTRIES

GOOD_FOR = timedelta(seconds=1)  # anybody may ask, and each answer costs three writes


@dataclass(slots=True)
class Readiness:
    """Tries what every act needs, once a second at most."""

    data: Path
    journal: Journal
    nonces: Nonces
    clock: Clock
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _tried: datetime | None = None
    _failing: tuple[str, ...] = ()

    def check(self) -> None:
        """Whether everything can be written.

        Raises:
            NotReady: what cannot.
        """
        failing = self.failing()
        if failing:
            raise NotReady(
                f"the service cannot write {' and '.join(failing)}",
                hint="Nothing is done and nothing is lost meanwhile; look at the disk of the service.",
            )

    def failing(self) -> tuple[str, ...]:
        """What cannot be written: 'the log', 'the database', 'the disk'."""
        with self._lock:
            now = self.clock()
            if self._tried is None or now - self._tried >= GOOD_FOR:
                self._tried, self._failing = now, self._try()
            return self._failing

    def _try(self) -> tuple[str, ...]:
        return tuple(name for name, attempt in self._attempts().items() if not _succeeds(attempt))

    def _attempts(self) -> Mapping[str, Callable[[], object]]:
        return {
            "the log": self._try_the_log,
            "the database": lambda: self.nonces.try_to_write(now=self.clock()),
            "the disk": lambda: write_and_remove(self.data / ".ready"),
        }

    def _try_the_log(self) -> None:
        """Sign what is not signed yet, and open the entries as an append would: nothing is added by asking."""
        self.journal.checkpoint()
        with (self.data / "log" / ENTRIES).open("ab"):
            pass


def _succeeds(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except (LogUnavailable, SQLAlchemyError, OSError):
        return False
    return True


def write_and_remove(path: Path) -> None:
    """Bring a small file to the disk, and take it away.

    Raises:
        OSError: the disk does not take it.
    """
    try:
        with path.open("wb") as stream:
            stream.write(b"ready")
            stream.flush()
            os.fsync(stream.fileno())
    finally:
        path.unlink(missing_ok=True)
