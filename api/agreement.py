"""Whether the log and the database are of one service and one age: a log put back from an older copy is noticed."""

from __future__ import annotations

from api.errors import StartError
from api.journal import Journal
from api.storage.log_seen import LogSeen, Seen
from api.storage.openings import NONE, Openings
from api.storage.uploads import Uploads
from audit.events import encode_entry
from audit.merkle import leaf_hash

_HINT = (
    "Do not go on with it: what is missing would be hidden from the auditors. Restore the newest backup as a whole "
    "with 'headcount restore', and tell the auditors."
)


def check_log_agrees(journal: Journal, uploads: Uploads, openings: Openings, seen: LogSeen) -> None:
    """Every entry that the database remembers is in the log.

    Raises:
        StartError: the log is older than the database, or another one.
    """
    latest, known = uploads.latest(), seen.find()
    receipts = [] if latest is None else [Seen(latest.receipt_index, latest.receipt_leaf)]
    held = receipts if known is None else [*receipts, known]
    newest = max(openings.last_entry(), NONE, *(one.entry for one in held))
    if newest >= journal.size:
        raise StartError(
            f"the audit log was rolled back: it has {journal.size} entries, and the database knows of entry {newest}",
            hint=_HINT,
        )
    if any(leaf_of(journal, one.entry) != one.leaf for one in held):
        raise StartError("the audit log and the database are not of the same service", hint=_HINT)


def remember_log(journal: Journal, seen: LogSeen) -> None:
    """Tell the database how far the log has got, if it has entries."""
    newest = journal.size - 1
    known = seen.find()
    if newest >= 0 and (known is None or known.entry < newest):
        seen.remember(Seen(newest, leaf_of(journal, newest)))


def leaf_of(journal: Journal, index: int) -> str:
    """The hash of entry *index* in hexadecimal, as receipts have it."""
    (entry,) = journal.entries(index, 1)
    return leaf_hash(encode_entry(entry)).hex()
