"""Who asks, and how the log will name them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypedDict, Unpack

from api.people import Person
from api.roster import Member, Role
from audit.events import Act, Event

OWN_NAME = "service"  # the actor of what the service does by itself
CONFIRMED_FOR = timedelta(minutes=5)  # how long a passkey vouches for who sits there


class Telling(TypedDict, total=False):
    """What an event may say beside who and what; see `audit.events.Event`."""

    purpose: str
    outcome: str
    rule: str
    agency: str
    epoch: int | None
    details: dict[str, str | int]


class Tell(Protocol):
    """`Caller.event`, or `own_event`: who purges."""

    def __call__(self, act: Act, thing: str, **telling: Unpack[Telling]) -> Event:
        """The event as whoever purges tells it."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A member whose signature or session was accepted, and in a session of a person which of its people that is."""

    member: Member
    request_signature: str = ""  # SHA-256 of the RFC 9421 signature; empty on pages
    keyid: str = ""  # of the key that signed; empty on pages
    person: Person | None = None  # None: whoever holds the member's key
    is_enrolling: bool = False  # let in by an invitation, for nothing but to enrol
    confirmed: datetime | None = None

    def is_confirmed(self, now: datetime) -> bool:
        """Whether a passkey or a provider vouched within the last minutes for who sits there."""
        return self.confirmed is not None and now - self.confirmed <= CONFIRMED_FOR

    def event(self, act: Act, thing: str, **telling: Unpack[Telling]) -> Event:
        """What this caller does, or is refused, as the log tells it."""
        told: Telling = {"purpose": "administration", "outcome": "allowed", "rule": "role"}
        if self.member.role is Role.AGENCY:
            told["agency"] = self.member.id
        told.update(telling)
        if self.person is not None:
            told["details"] = {**told.get("details", {}), "person": self.person.id}
        return Event(
            actor=self.member.id,
            role=self.member.role if self.person is None else self.person.role,
            act=act,
            object=thing,
            request_signature=self.request_signature,
            **told,
        )


def own_event(act: Act, thing: str, **telling: Unpack[Telling]) -> Event:
    """What the service does by itself, as the log tells it."""
    told: Telling = {"purpose": "operation", "outcome": "done", "rule": "by itself"}
    told.update(telling)
    return Event(actor=OWN_NAME, role=OWN_NAME, act=act, object=thing, **told)
