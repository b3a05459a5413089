"""An agency's own view of the log: who was shown its clients, and the right to have that forgotten."""

from __future__ import annotations

from collections.abc import Collection

from api.callers import Caller
from api.parts import Parts
from api.storage.openings import KeptList
from audit.bands import band_of
from audit.events import Act, Receipt, encode_entry
from audit.openings import OpenedList, write_openings

RULE = "own clients only"


def openings_file(parts: Parts, caller: Caller, purpose: str) -> bytes:
    """What opens the commitments about the caller's own rows, with entries and proofs, for ``headcount audit why``.

    Raises:
        LogUnavailable: it could not be logged, so nothing was read.
    """
    parts.journal.append(caller.event(Act.OPENINGS_READ, "openings", purpose=purpose, rule=RULE))
    kept = parts.disclosures.openings.of(caller.member.id)
    return write_openings(caller.member.id, (_opened(parts, one) for one in kept))


def erase_openings(parts: Parts, caller: Caller, rows: Collection[str]) -> tuple[int, Receipt]:
    """Erase what opens the commitments about *rows* of the caller: how many there were, and the receipt.

    Raises:
        LogUnavailable: it could not be logged, so nothing was erased.
    """
    openings = parts.disclosures.openings
    found = openings.count(caller.member.id, rows)
    event = caller.event(
        Act.OPENINGS_ERASED, "openings", purpose="deleted clients", rule=RULE, details={"openings": band_of(found)}
    )
    receipt = parts.journal.append(event)
    openings.erase(caller.member.id, rows)
    return found, receipt


def _opened(parts: Parts, kept: KeptList) -> OpenedList:
    (entry,) = parts.journal.entries(kept.entry, 1)
    return OpenedList(
        entry=encode_entry(entry).decode(),
        proof=parts.journal.proof(kept.entry),
        commitments=kept.commitments,
        openings=kept.openings,
    )
