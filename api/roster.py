"""Who takes part: members, their roles, and the public keys they sign with."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from api.errors import BadRequest, Denied
from hashing.schema import AgencyKind, ServiceArea, check_agency_id

KEY_FILE_WORD = "headcount-ed25519"
KEY_BYTES = 32  # a raw Ed25519 public key, RFC 8032 5.1.5
KEYID = re.compile(r"[0-9a-f]{16}")


class Role(StrEnum):
    """What a member is here for; one role a member."""

    AGENCY = "agency"
    COORDINATOR = "coordinator"
    AUDITOR = "auditor"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class MemberKey:
    """A member's Ed25519 public key."""

    raw: bytes

    @property
    def keyid(self) -> str:
        """The name of the key in a signature: 16 hexadecimal digits of its SHA-256."""
        return hashlib.sha256(self.raw).hexdigest()[:16]

    @classmethod
    def parse(cls, text: str) -> MemberKey:
        """Read a ``.pub`` line (``headcount-ed25519 <base64> <comment>``) or the bare base64.

        Raises:
            BadRequest: neither of the two.
        """
        words = text.split()
        encoded = words[1] if len(words) > 1 and words[0] == KEY_FILE_WORD else "".join(words)
        try:
            raw = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            raw = b""
        if len(raw) != KEY_BYTES:
            raise BadRequest(
                "this is not a Headcount public key",
                hint=f"Give the line in the member's .pub file, which starts with {KEY_FILE_WORD!r}.",
            )
        return cls(raw)


@dataclass(frozen=True, slots=True)
class Member:
    """One organisation (or its coordinator, auditor, operator) in the roster."""

    id: str
    name: str
    role: Role
    key: MemberKey
    kind: AgencyKind | None = None  # agencies only
    areas: tuple[ServiceArea, ...] = ()
    contact: str = ""  # of a care contact: a desk's telephone or e-mail, never a client's
    agreement_from: date | None = None  # first and last day on which the agency may send files; None: no bound
    agreement_until: date | None = None

    def __post_init__(self) -> None:
        check_agency_id(self.id)
        if self.agreement_from and self.agreement_until and self.agreement_until < self.agreement_from:
            raise BadRequest("the agreement ends before it begins", hint="Correct one of its two dates.")
        if self.role is Role.AGENCY and self.kind is None:
            raise BadRequest("the agency's kind is missing", hint=f"Give --kind, one of: {', '.join(AgencyKind)}.")
        if self.role is not Role.AGENCY and self.kind is not None:
            raise BadRequest("only an agency has a kind", hint=f"Leave --kind out for the role '{self.role}'.")


def check_can_send_rows(member: Member) -> None:
    """A victim service provider reports totals only (34 USC 12291(b)(2)); hashing does not change that.

    Raises:
        Denied: *member* may not send rows about persons.
    """
    if not can_send_rows(member):
        raise Denied(
            "a victim service provider may not send anything about single persons, encoded or not (34 USC 12291(b)(2))",
            hint="Report totals to the coordinator instead; no client's row may leave your agency.",
        )


def can_send_rows(member: Member) -> bool:
    """Whether `check_can_send_rows` lets *member* through."""
    return member.kind is not AgencyKind.VICTIM_SERVICE_PROVIDER


def can_see_matches(member: Member) -> bool:
    """Whether `check_can_see_matches` lets *member* through."""
    return member.kind not in {AgencyKind.VICTIM_SERVICE_PROVIDER, AgencyKind.GOVERNMENT}


def check_can_see_matches(member: Member) -> None:
    """Matches are for agencies that coordinate care: not for victim service providers, nor for government.

    Raises:
        Denied: *member* takes no part in care matches.
    """
    if not can_see_matches(member):
        raise Denied(
            f"an agency of kind '{member.kind}' takes no part in care matches",
            hint="Ask the coordinator for the published counts instead.",
        )
