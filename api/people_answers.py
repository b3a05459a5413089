"""The shapes of the answers about a member's own people."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field

from api.inputs import MemberId, Strict
from api.people import Person, PersonRole


class PersonOut(Strict):
    """Somebody of the caller's staff; *passkeys* is how many they have enrolled."""

    id: Annotated[str, Field(examples=["1f0e9d8c7b6a5948"])]
    member: MemberId
    name: str
    email: str
    role: PersonRole
    invited: datetime
    revoked: datetime | None
    passkeys: int

    @classmethod
    def of(cls, person: Person, passkeys: int) -> Self:
        """The person as their own member may see them."""
        return cls(
            id=person.id,
            member=person.member,
            name=person.name,
            email=person.email,
            role=person.role,
            invited=person.invited,
            revoked=person.revoked,
            passkeys=passkeys,
        )


class InvitationOut(Strict):
    """Whom the link lets in, once: hand it to them and to nobody else."""

    person: PersonOut
    url: Annotated[str, Field(examples=["https://headcount.example.org/sign-in/…"])]
    expires: datetime
