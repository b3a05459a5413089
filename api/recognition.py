"""A person vouched for by a passkey: at sign-in, again before what matters, and when a passkey is added or taken away.

Every refusal of an answer that came from a passkey of ours is in the log, with its reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from api.callers import Caller
from api.errors import Conflict, NotSigned, PasskeyRefused, Refused, not_there
from api.parts import Parts
from api.passkeys import Site
from api.people import Person
from api.storage.passkeys import Passkey, Purpose
from api.storage.sessions import Holder, OpenedBy, Session
from api.storage.together import together
from audit.events import Act

PURPOSE = "sign-in"
RULE = "passkey"


@dataclass(frozen=True, slots=True)
class Answer:
    """What an authenticator answered, as JSON, and the site that asked."""

    text: str
    site: Site


def sign_in(parts: Parts, answer: Answer, *, instead_of: str | None) -> str:
    """Open a session for whose passkey gave *answer*: the token for the cookie.

    Raises:
        PasskeyRefused: the answer does not count, or the person was shut out.
        LogUnavailable: nobody was signed in because it could not be logged.
    """
    passkey = parts.ceremonies.known(answer.text)
    caller = _owner(parts, passkey)
    with _refusals_logged(parts, caller):
        if caller.person is None or caller.person.revoked is not None:
            raise PasskeyRefused(Refused.SHUT_OUT)
        count = parts.ceremonies.check(passkey, answer.text, answer.site, purpose=Purpose.SIGN_IN, now=parts.clock())
        parts.journal.append(caller.event(Act.SIGN_IN, "pages", purpose=PURPOSE, rule=RULE))
        _note_use(parts, passkey, count)
    now = parts.clock()
    session = Session(Holder(caller.member.id, passkey.person), OpenedBy.PASSKEY, confirmed=now)
    return parts.sessions.open(session, instead_of=instead_of, now=now)


def confirm(parts: Parts, caller: Caller, answer: Answer, *, token: str) -> str:
    """The caller's passkey vouches once more for who sits there: the new token of the session.

    Raises:
        PasskeyRefused: the answer does not count, or is by a passkey of somebody else.
        LogUnavailable: nothing was confirmed because it could not be logged.
    """
    person = person_of(caller)
    with _refusals_logged(parts, caller):
        passkey = parts.ceremonies.known(answer.text)
        if passkey.person != person.id:
            raise PasskeyRefused(Refused.UNKNOWN)
        count = parts.ceremonies.check(passkey, answer.text, answer.site, purpose=Purpose.CONFIRM, now=parts.clock())
        parts.journal.append(caller.event(Act.CONFIRMED, "pages", purpose=PURPOSE, rule=RULE))
        _note_use(parts, passkey, count)
    return _rotated(parts, token)


def enrol(parts: Parts, caller: Caller, answer: Answer, *, name: str, token: str) -> str:
    """Keep the passkey that *answer* brings, under *name*: the new token of the session.

    Raises:
        PasskeyRefused: the answer does not count.
        LogUnavailable: nothing was kept because it could not be logged.
    """
    person = person_of(caller)
    with _refusals_logged(parts, caller):
        passkey = parts.ceremonies.enrolled(person, answer.text, answer.site, name=name, now=parts.clock())
    parts.journal.append(caller.event(Act.PASSKEY_ADDED, f"passkey/{passkey.id}", purpose=PURPOSE))
    with together(parts.engine):
        parts.ceremonies.passkeys.add(passkey)
        return _rotated(parts, token)


def rename(parts: Parts, caller: Caller, passkey_id: str, name: str) -> None:
    """Call one of the caller's passkeys *name*.

    Raises:
        NotFound: the caller has no such passkey.
        LogUnavailable: nothing was changed because it could not be logged.
    """
    passkey = _own_passkey(parts, caller, passkey_id)
    parts.journal.append(caller.event(Act.SETTINGS_CHANGED, f"passkey/{passkey.id}"))
    parts.ceremonies.passkeys.rename(passkey.id, name)


def remove(parts: Parts, caller: Caller, passkey_id: str, *, token: str) -> None:
    """Forget one of the caller's passkeys, and end their sessions but the one of *token*: the device may be lost.

    Raises:
        NotFound: the caller has no such passkey.
        Conflict: it is their last one.
        LogUnavailable: nothing was changed because it could not be logged.
    """
    passkey = _own_passkey(parts, caller, passkey_id)
    if len(parts.ceremonies.passkeys.of(passkey.person)) == 1:
        raise Conflict("this is your only passkey", hint="Add another one first; without any you could not come back.")
    parts.journal.append(caller.event(Act.PASSKEY_REMOVED, f"passkey/{passkey.id}", purpose=PURPOSE))
    with together(parts.engine):
        parts.ceremonies.passkeys.remove(passkey.id)
        parts.sessions.close_others_of_person(passkey.person, but=token)


def person_of(caller: Caller) -> Person:
    """The person who asks.

    Raises:
        Conflict: it is whoever holds the member's key.
    """
    if caller.person is None:
        raise Conflict(
            "you came in with your organisation's key, which has no passkeys",
            hint="Invite yourself on the page People, and open the link that it makes.",
        )
    return caller.person


def needs_second_passkey(parts: Parts, caller: Caller) -> bool:
    """Whether losing one device would lock the caller out."""
    return caller.person is not None and len(parts.ceremonies.passkeys.of(caller.person.id)) == 1


@contextmanager
def _refusals_logged(parts: Parts, caller: Caller) -> Iterator[None]:
    try:
        yield
    except PasskeyRefused as refused:
        told = caller.event(Act.REFUSED, "passkey", purpose=PURPOSE, outcome="refused", rule=refused.reason)
        parts.journal.append(told)
        raise


def _owner(parts: Parts, passkey: Passkey) -> Caller:
    person = parts.people.holder(passkey.person)
    member = None if person is None else parts.members.find(person.member)
    if person is None or member is None:
        raise PasskeyRefused(Refused.UNKNOWN)
    return Caller(member, person=person)


def _note_use(parts: Parts, passkey: Passkey, count: int) -> None:
    if not parts.ceremonies.passkeys.note_use(passkey, sign_count=count, now=parts.clock()):
        raise PasskeyRefused(Refused.COUNTER)  # another answer of the same passkey was counted meanwhile


def _own_passkey(parts: Parts, caller: Caller, passkey_id: str) -> Passkey:
    for passkey in parts.ceremonies.passkeys.of(person_of(caller).id):
        if passkey.id == passkey_id:
            return passkey
    raise not_there()


def _rotated(parts: Parts, token: str) -> str:
    new = parts.sessions.rotate(token, OpenedBy.PASSKEY, now=parts.clock())
    if new is None:
        raise NotSigned("your session has ended meanwhile", hint="Sign in again.")
    return new
