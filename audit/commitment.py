"""Commitments: what the log says of a person without saying it, and the openings that tell it to those who may know.

A commitment is SHA-256 over a random nonce of 32 bytes and the canonical JSON of a fact. Whoever holds the opening
(nonce and fact) can check it; whoever does not learns nothing, and once the nonce is erased nobody ever will. The log
holds one hash for a list of commitments, and a list is about the clients of one agency. Format:
docs/formats/audit-log.md, why: docs/adr/0029-commitments.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from enum import StrEnum
from typing import Annotated

import msgspec

from audit.events import Name, Text
from audit.merkle import Tree, leaf_hash

NONCE_BYTES = 32
COMMITMENTS = "commitments"  # the detail of an entry that holds the hash of the list about its actor's clients
OTHER_COMMITMENTS = "other_commitments"  # the same about the clients of the other agency, where there is one

Hex32Bytes = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]


class Kind(StrEnum):
    """What a fact about a row tells."""

    SHOWN_TO = "shown-to"  # the other agency was shown that the client is its own, too
    SAW_AT = "saw-at"  # the row's agency was shown that its client is also the other agency's
    CONSENT = "consent"  # from now on these recipients may be shown the client; none: nobody any more


class Fact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One fact about one client of *agency*, under that agency's own pseudonym *row*.

    *other* is the other agency of a match, *recipients* those whom a consent names, *until* the last day on which the
    consent holds (of a match: on which all consents behind it hold).
    """

    kind: Kind
    agency: Name
    row: Name
    other: Text = ""
    recipients: Annotated[tuple[Name, ...], msgspec.Meta(max_length=200)] = ()
    until: date | None = None


class Opening(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A fact, and the nonce that hides it in its commitment."""

    nonce: Hex32Bytes
    fact: Fact

    @property
    def commitment(self) -> bytes:
        """The 32 bytes that stand for the fact."""
        return hashlib.sha256(bytes.fromhex(self.nonce) + canonical(self.fact)).digest()


_ENCODER = msgspec.json.Encoder(order="sorted")


def canonical(fact: Fact) -> bytes:
    """The one way to write a fact: JSON, keys sorted, no spaces, UTF-8."""
    return _ENCODER.encode(fact)


def seal(facts: Iterable[Fact], *, random_bytes: Callable[[int], bytes]) -> tuple[Opening, ...]:
    """An opening for each fact, in the order of their commitments, which tells nothing of the facts' own order."""
    openings = (Opening(random_bytes(NONCE_BYTES).hex(), fact) for fact in facts)
    return tuple(sorted(openings, key=lambda opening: opening.commitment))


def list_hash(commitments: Sequence[bytes]) -> str:
    """The hash that an entry holds for its list: the RFC 6962 root over the commitments, hexadecimal."""
    tree = Tree()
    for commitment in commitments:
        tree.append(leaf_hash(commitment))
    return tree.root().hex()
