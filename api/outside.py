"""What an operator did to the data folder without the service: a note each, which the service puts into its log.

Only one process writes the log. So a backup or a restore leaves a note, and the service takes it up when it starts and
every minute. Whoever copies the folder by other means leaves none; a note that was taken away is not missed.
"""

from __future__ import annotations

import logging
import secrets
from datetime import datetime
from pathlib import Path

import msgspec

from api.callers import own_event
from api.journal import Journal
from audit.disk import Disk, put_file
from audit.events import Act

_FOLDER = "outside"
_log = logging.getLogger("headcount.outside")


class Note(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was done, and when."""

    act: Act
    time: datetime


def leave_note(data: Path, act: Act, *, now: datetime) -> None:
    """Bring a note to the disk.

    Raises:
        OSError: the disk does not take it.
    """
    folder = data / _FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    put_file(Disk(), folder / f"{secrets.token_hex(8)}.json", msgspec.json.encode(Note(act, now)))


def take_up_notes(data: Path, journal: Journal) -> None:
    """Log what was done outside, the oldest first; a note goes when it is in the log.

    Raises:
        LogUnavailable: it cannot be logged; the notes stay.
    """
    found = [(path, _read(path)) for path in (data / _FOLDER).glob("*.json")]
    notes = [(note.time, path, note) for path, note in found if note is not None]
    for time, path, note in sorted(notes, key=lambda each: (each[0], each[1])):
        details: dict[str, str | int] = {"time": time.isoformat(timespec="seconds")}
        journal.append(own_event(note.act, "data", purpose="backup", details=details))
        path.unlink()


def _read(path: Path) -> Note | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Note)
    except (OSError, msgspec.MsgspecError):
        file = path.name
        _log.error("the note %s of what was done outside the service cannot be read", file)
        return None
