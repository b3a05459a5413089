"""The openings file: what one agency may know of its own clients' commitments, each with its entry and proof.

It needs nothing beside it but the log's public keys: every list comes with the entry that holds its hash and with the
proof that this entry is in the log. Format: docs/formats/audit-log.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

import msgspec

from audit.commitment import COMMITMENTS, Fact, Hex32Bytes, Kind, Opening, list_hash
from audit.errors import VerificationError
from audit.events import Act, Entry, Name, Receipt, decode_entry
from audit.merkle import leaf_hash
from audit.proof import verify_proof

# Details of entries: matches that were shown, rows of the other agency behind them, consents that changed.
SHOWN, OTHER_ROWS, CHANGES = "shown", "other_rows", "changes"
FORMAT = "headcount-openings/1"
_NOT_ONE = "Fetch it anew with 'headcount service openings'."


class Header(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The first line: whose openings these are."""

    format: Annotated[str, msgspec.Meta(pattern=r"^headcount-openings/1\Z")] = FORMAT
    agency: Name


class OpenedList(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One list of commitments: the *entry* that holds its hash, its C2SP *proof*, and what opens some of it."""

    entry: str
    proof: str
    commitments: tuple[Hex32Bytes, ...]
    openings: tuple[Opening, ...]


@dataclass(frozen=True, slots=True)
class CheckedList:
    """A list that is in the log: its entry, what it tells of the agency's rows, and how much of that is closed."""

    entry: Entry
    facts: tuple[Fact, ...]
    closed: int  # facts about the agency's rows whose opening was erased, or is not in the file


def write_openings(agency: str, lists: Iterable[OpenedList]) -> bytes:
    """The openings file of *agency*: JSON, one object a line."""
    return msgspec.json.Encoder(order="sorted").encode_lines([Header(agency=agency), *lists])


def read_openings(data: bytes) -> tuple[str, tuple[OpenedList, ...]]:
    """Whose file it is, and its lists, unchecked.

    Raises:
        VerificationError: not an openings file.
    """
    first, _, rest = data.partition(b"\n")
    try:
        header = msgspec.json.decode(first, type=Header)
        return header.agency, tuple(msgspec.json.Decoder(OpenedList).decode_lines(rest))
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise VerificationError("this is not a file of openings", _NOT_ONE) from error


def check_list(opened: OpenedList, agency: str, *, vkeys: str) -> CheckedList:
    """Check one list of the file of *agency* against the log that the keys in *vkeys* signed.

    Raises:
        VerificationError: its entry is not in the log, does not hold the list, or an opening does not fit.
        SigningKeyError: *vkeys* are no verifier keys.
    """
    line = opened.entry.encode()
    entry = decode_entry(line)
    receipt = Receipt(entry.seq, leaf_hash(line).hex(), entry.time)
    verify_proof(opened.proof, receipt=receipt, vkeys=vkeys)
    if entry.event.details.get(COMMITMENTS) != list_hash([bytes.fromhex(one) for one in opened.commitments]):
        raise VerificationError(f"the list is not the one of entry {entry.seq}", entry=entry.seq)
    _check_openings(opened, entry)
    for opening in opened.openings:
        _check_fits(opening.fact, entry, agency)
    facts = tuple(opening.fact for opening in opened.openings)
    closed = _stated(entry, agency) - len(facts)
    if closed < 0:
        raise VerificationError(f"entry {entry.seq} tells of fewer facts than the file opens", entry=entry.seq)
    return CheckedList(entry, facts, closed)


def _check_openings(opened: OpenedList, entry: Entry) -> None:
    found = [opening.commitment.hex() for opening in opened.openings]
    if len({*found}) != len(found) or not {*found} <= {*opened.commitments}:
        raise VerificationError(f"an opening does not fit the list of entry {entry.seq}", entry=entry.seq)


def _check_fits(fact: Fact, entry: Entry, agency: str) -> None:
    """A fact is about the agency's own row, and says what its entry says."""
    event = entry.event
    said = {
        Kind.SHOWN_TO: (Act.MATCHES_RELEASED, fact.other, fact.agency),
        Kind.SAW_AT: (Act.MATCHES_RELEASED, fact.agency, fact.other),
        Kind.CONSENT: (Act.CONSENT_CHANGED, fact.agency, fact.agency),
    }[fact.kind]
    if fact.agency != agency or said != (event.act, event.actor, event.agency):
        raise VerificationError(f"an opening tells another story than entry {entry.seq}", entry=entry.seq)


def _stated(entry: Entry, agency: str) -> int:
    """How many facts about rows of *agency* an entry holds, by its own word."""
    event = entry.event
    side = SHOWN if event.actor == agency else OTHER_ROWS
    found = event.details.get(side if event.act is Act.MATCHES_RELEASED else CHANGES, 0)
    return found if isinstance(found, int) else 0
