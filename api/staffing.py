"""Who of a member's staff gets in: invited, invited anew, shut out. Checked, logged by id, then done."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from api.callers import Caller
from api.errors import Conflict, Denied, not_there
from api.parts import Parts
from api.people import Person, PersonRole, check_member_can_have
from api.storage.together import together
from audit.events import Act

ID_BYTES = 8


@dataclass(frozen=True, slots=True)
class Invitation:
    """A person, and the token of the link that lets them enrol once."""

    person: Person
    token: str
    expires: datetime


def invite(parts: Parts, caller: Caller, *, name: str, email: str, role: PersonRole) -> Invitation:
    """Add a person to the caller's member.

    Raises:
        BadRequest, Denied: the member has nobody of that role, or the caller cannot hand it out.
        Conflict: somebody with that address is there already.
        LogUnavailable: nobody was added because it could not be logged.
    """
    check_member_can_have(caller.member, role)
    check_can_hand_out(caller, role)
    _check_is_new(parts, caller, email)
    person = Person(secrets.token_hex(ID_BYTES), caller.member.id, name.strip(), email, role, parts.clock())
    details: dict[str, str | int] = {"role": role.value}
    parts.journal.append(caller.event(Act.PERSON_INVITED, f"person/{person.id}", details=details))
    with together(parts.engine):
        parts.people.add(person)
        return _invitation(parts, person)


def invite_anew(parts: Parts, caller: Caller, person_id: str) -> Invitation:
    """A new link for somebody whose devices are lost, or whose first link was, and who is signed out everywhere by it.

    Only for the member's key.

    Raises:
        NotFound: no such person of the caller's member.
        Denied: the caller is a person; with such a link they could become the other.
        LogUnavailable: no link was made because it could not be logged.
    """
    person = _own_person(parts, caller, person_id)
    if caller.person is not None:
        raise Denied(
            "a new link for somebody who was invited before is made with your organisation's key only",
            hint="Ask whoever keeps the key: 'headcount open' on that computer, then the page People.",
        )
    parts.journal.append(caller.event(Act.SIGN_IN_OFFERED, f"person/{person.id}", purpose="sign-in"))
    with together(parts.engine):
        parts.sessions.close_all_of_person(person.id)  # the lost device may still be signed in
        return _invitation(parts, person)


def shut_out(parts: Parts, caller: Caller, person_id: str) -> Person:
    """Revoke a person: their sessions end and their link is taken back at once.

    Raises:
        NotFound: no such person of the caller's member.
        Denied: the caller cannot take that role away.
        LogUnavailable: nothing was done because it could not be logged.
    """
    person = _own_person(parts, caller, person_id)
    check_can_hand_out(caller, person.role)
    parts.journal.append(caller.event(Act.PERSON_REVOKED, f"person/{person.id}"))
    with together(parts.engine):
        parts.people.revoke(person.id, now=parts.clock())
        parts.sessions.close_all_of_person(person.id)
    return person


def check_can_hand_out(caller: Caller, role: PersonRole) -> None:
    """Nobody gives or takes what they do not have themselves; the member's key has everything.

    Raises:
        Denied: *caller* is a person with another role.
    """
    if not can_hand_out(caller, role):
        raise Denied(
            f"a person cannot invite or shut out somebody with the role '{role}' without having it",
            hint="Ask whoever keeps your organisation's key.",
        )


def can_hand_out(caller: Caller, role: PersonRole) -> bool:
    """Whether `check_can_hand_out` lets *caller* through."""
    return caller.person is None or caller.person.role is role


def _own_person(parts: Parts, caller: Caller, person_id: str) -> Person:
    """Of another member, shut out or nowhere: one answer."""
    person = parts.people.find(caller.member.id, person_id)
    if person is None or person.revoked is not None:
        raise not_there()
    return person


def _check_is_new(parts: Parts, caller: Caller, email: str) -> None:
    for person in parts.people.of(caller.member.id):
        if person.revoked is None and person.email.lower() == email.lower():
            raise Conflict(
                "somebody with this e-mail address was invited already",
                hint="Make them a new link instead, or shut the earlier one out first.",
            )


def _invitation(parts: Parts, person: Person) -> Invitation:
    token, expires = parts.sessions.offer_link(person.member, person=person.id, now=parts.clock())
    return Invitation(person, token, expires)
