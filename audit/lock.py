"""One writer a folder: a lock that the operating system lets go of when the process ends, however it ends."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from audit.errors import LogInUse

if sys.platform == "win32":
    import msvcrt

    def _seize(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _seize(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)  # flock, for lockf lets one process in twice


class FolderLock:
    """The right to write in a folder. The file stays: removing it would let two writers in."""

    def __init__(self, folder: Path) -> None:
        """Take the lock.

        Raises:
            LogInUse: another process, or this one, holds it.
            OSError: the folder cannot be written to.
        """
        self._descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _seize(self._descriptor)
        except OSError as error:
            self.release()
            raise LogInUse(
                f"another process writes to the log or the witness in {folder}",
                "Stop the other one first; a log, and a witness, has one writer.",
            ) from error

    def release(self) -> None:
        """Let the next writer in."""
        os.close(self._descriptor)
