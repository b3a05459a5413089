"""Whether the log and the database are of one service and one age: a log put back from an older copy is noticed."""

from __future__ import annotations

from api.errors import StartError
from api.journal import Journal
from api.storage.openings import NONE, Openings
from api.storage.uploads import Uploads
from audit.events import encode_entry
from audit.merkle import leaf_hash

_HINT = (
    "Do not go on with it: what is missing would be hidden from the auditors. Restore the newest backup as a whole "
    "with 'headcount restore', and tell the auditors."
)


def check_log_agrees(journal: Journal, uploads: Uploads, openings: Openings) -> None:
    """Every receipt that the database remembers is for an entry that the log has.

    Raises:
        StartError: the log is older than the database, or another one.
    """
    latest = uploads.latest()
    newest = max(latest.receipt_index if latest else NONE, openings.last_entry(), NONE)
    if newest >= journal.size:
        raise StartError(
            f"the audit log was rolled back: it has {journal.size} entries, and the database knows of entry {newest}",
            hint=_HINT,
        )
    if latest is not None and leaf_of(journal, latest.receipt_index) != latest.receipt_leaf:
        raise StartError("the audit log and the database are not of the same service", hint=_HINT)


def leaf_of(journal: Journal, index: int) -> str:
    """The hash of entry *index* in hexadecimal, as receipts have it."""
    (entry,) = journal.entries(index, 1)
    return leaf_hash(encode_entry(entry)).hex()
