"""A member as the coordinator registers it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from hashing.schema import AgencyKind


@dataclass(frozen=True, slots=True)
class NewMember:
    """A member as the coordinator registers it."""

    member: str
    name: str
    role: str
    public_key: str
    kind: AgencyKind | None = None
    contact: str = ""
    agreement_from: date | None = None
    agreement_until: date | None = None

    def body(self) -> dict[str, str]:
        """What is sent of it."""
        told = {"name": self.name, "role": self.role, "public_key": self.public_key, "contact": self.contact}
        days = {"agreement_from": self.agreement_from, "agreement_until": self.agreement_until}
        kind = {} if self.kind is None else {"kind": self.kind.value}
        return told | kind | {name: day.isoformat() for name, day in days.items() if day is not None}
