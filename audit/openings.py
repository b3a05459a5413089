"""The openings file: what one agency may know of its own clients' commitments, each with its entry and proof.

It needs nothing beside it but the log's public keys: every list comes with the entry that holds its hash and with the
proof that this entry is in the log. Format: docs/formats/audit-log.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

import msgspec

from audit.commitment import COMMITMENTS, OTHER_COMMITMENTS, Fact, Hex32Bytes, Kind, Opening, list_hash
from audit.errors import VerificationError
from audit.events import Act, Entry, Name, Receipt, decode_entry
from audit.merkle import leaf_hash
from audit.proof import verify_proof

# Details of entries, each a band: matches that were shown, consents that changed.
SHOWN, CHANGES = "shown", "changes"
FORMAT = "headcount-openings/2"
_NOT_ONE = "Fetch it anew with 'headcount service openings'."


class Header(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The first line: whose openings these are."""

    format: Annotated[str, msgspec.Meta(pattern=r"^headcount-openings/2\Z")] = FORMAT
    agency: Name


class OpenedList(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One list of commitments, all about the agency's own rows: what opens some of it, and the *entry* that holds its
    hash, with its C2SP *proof*.
    """

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
    if entry.event.details.get(_list_of(agency, entry)) != list_hash(
        [bytes.fromhex(one) for one in opened.commitments]
    ):
        raise VerificationError(f"the list is not the one of entry {entry.seq}", entry=entry.seq)
    _check_openings(opened, entry)
    for opening in opened.openings:
        _check_fits(opening.fact, entry, agency)
    facts = tuple(opening.fact for opening in opened.openings)
    return CheckedList(entry, facts, len(opened.commitments) - len(facts))


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


def _list_of(agency: str, entry: Entry) -> str:
    """The detail of an entry that holds the hash of the list about the rows of *agency*."""
    return COMMITMENTS if entry.event.actor == agency else OTHER_COMMITMENTS
