"""What may be said of a copy that was verified, and what it cannot show: for the command line and the report."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from audit.verify import VerifiedLog


def unaltered(log: VerifiedLog) -> str:
    """That every entry is what was signed, and when; whose keys signed is for the caller to say."""
    if not log.entries:
        return f"The log was signed without an entry, {moment(log.signed_at)}"
    return (
        f"Nothing was altered, added or removed up to the last entry here, {log.entries - 1}, "
        f"signed {moment(log.signed_at)}"
    )


def completeness(log: VerifiedLog) -> str:
    """Whether later entries may have been cut off: any copy can be cut where it was signed, by whoever handled it."""
    if log.held is None:
        return (
            "It does not show whether later entries were cut off: that takes a receipt, a checkpoint that somebody "
            "kept, or the keys of witnesses."
        )
    if log.held == log.entries:
        return "By what you hold, none of these entries may be missing, and none is; of newer ones it says nothing."
    return (
        f"By what you hold, the first {log.held} entries may not be missing, and none is; "
        f"of those after entry {log.entries - 1} it says nothing."
    )


def moment(time: datetime | None) -> str:
    """A time of a signature to the second."""
    return f"{time:%Y-%m-%d %H:%M:%S} UTC" if time else "at a time that this key does not tell"
