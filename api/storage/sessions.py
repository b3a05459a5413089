"""One-time sign-in links and sessions; only hashes of the tokens are kept."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Connection, Engine, delete, insert, select, update

from api.storage.tables import SESSION, SIGN_IN_LINK

LINK_LIFE = timedelta(minutes=2)
INVITATION_LIFE = timedelta(days=3)
IDLE = timedelta(minutes=15)
ABSOLUTE = timedelta(hours=8)
TOKEN_BYTES = 32


class OpenedBy(StrEnum):
    """What let somebody in."""

    KEY_LINK = "key-link"  # a link that was made with the member's key: no person
    INVITATION = "invitation"  # a person's link: to enrol, and nothing else
    PASSKEY = "passkey"
    OPENID = "openid"


@dataclass(frozen=True, slots=True)
class Holder:
    """Who a link or a session is for: a member, and a person of it unless whoever holds the member's key."""

    member: str
    person: str | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """An open session; *confirmed* is when a passkey or a provider last vouched for who sits there."""

    holder: Holder
    opened_by: OpenedBy
    confirmed: datetime | None


class Sessions:
    """Who is signed in to the pages."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def offer_link(self, member: str, *, person: str | None = None, now: datetime) -> tuple[str, datetime]:
        """A token that signs in once, and until when; a person's new link takes the place of its earlier one."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        expires = now + (LINK_LIFE if person is None else INVITATION_LIFE)
        values = {"token_hash": _hash(token), "member": member, "person": person, "expires": expires}
        with self._engine.begin() as connection:
            connection.execute(delete(SIGN_IN_LINK).where(SIGN_IN_LINK.c.expires < now))
            if person is not None:
                connection.execute(delete(SIGN_IN_LINK).where(SIGN_IN_LINK.c.person == person))
            connection.execute(insert(SIGN_IN_LINK).values(values))
        return token, expires

    def link_of(self, token: str, *, now: datetime) -> Holder | None:
        """Whom `enter` would let in by the link; looking does not use it up."""
        statement = select(SIGN_IN_LINK.c.member, SIGN_IN_LINK.c.person).where(_good(token, now))
        with self._engine.begin() as connection:
            row = connection.execute(statement).one_or_none()
        return None if row is None else Holder(row.member, row.person)

    def enter(self, token: str, *, now: datetime, before: Callable[[], object]) -> str | None:
        """Use up a link and open a session, in one step: the token for the cookie.

        None where the link is spent, expired or was never offered. *before* is called when it is certain that the link
        is good; if it raises, the link is as it was and nobody is signed in.
        """
        statement = delete(SIGN_IN_LINK).where(_good(token, now))
        with self._engine.begin() as connection:
            row = connection.execute(statement.returning(SIGN_IN_LINK.c.member, SIGN_IN_LINK.c.person)).one_or_none()
            if row is None:
                return None
            before()
            opened_by = OpenedBy.KEY_LINK if row.person is None else OpenedBy.INVITATION
            return _open(connection, Session(Holder(row.member, row.person), opened_by, None), now)

    def open(self, session: Session, *, instead_of: str | None, now: datetime) -> str:
        """Open a session for who has just signed in, and end the one of the same browser: the token for the cookie."""
        with self._engine.begin() as connection:
            if instead_of is not None:
                connection.execute(delete(SESSION).where(SESSION.c.token_hash == _hash(instead_of)))
            return _open(connection, session, now)

    def rotate(self, token: str, opened_by: OpenedBy, *, now: datetime) -> str | None:
        """Confirmed anew: the same session under a new token, and not a minute longer; None if it has ended."""
        new = secrets.token_urlsafe(TOKEN_BYTES)
        values = {"token_hash": _hash(new), "opened_by": opened_by, "confirmed": now, "seen": now}
        with self._engine.begin() as connection:
            done = connection.execute(update(SESSION).where(SESSION.c.token_hash == _hash(token)).values(values))
            return new if done.rowcount == 1 else None

    def find(self, token: str, *, now: datetime) -> Session | None:
        """The session of a token, if it is neither idle too long nor too old; asking keeps it awake."""
        awake = (SESSION.c.seen >= now - IDLE) & (SESSION.c.opened >= now - ABSOLUTE)
        statement = update(SESSION).where(SESSION.c.token_hash == _hash(token), awake).values(seen=now)
        columns = (SESSION.c.member, SESSION.c.person, SESSION.c.opened_by, SESSION.c.confirmed)
        with self._engine.begin() as connection:
            row = connection.execute(statement.returning(*columns)).one_or_none()
        return None if row is None else Session(Holder(row.member, row.person), OpenedBy(row.opened_by), row.confirmed)

    def close(self, token: str) -> None:
        """End a session."""
        with self._engine.begin() as connection:
            connection.execute(delete(SESSION).where(SESSION.c.token_hash == _hash(token)))

    def close_all_of(self, member: str) -> None:
        """End every session of *member* and of its people, and take back their links."""
        self._close(SESSION.c.member == member, SIGN_IN_LINK.c.member == member)

    def close_all_of_person(self, person: str) -> None:
        """End every session of *person* and take back its link."""
        self._close(SESSION.c.person == person, SIGN_IN_LINK.c.person == person)

    def close_others_of_person(self, person: str, *, but: str) -> None:
        """End every session of *person* except the one whose token is *but*."""
        with self._engine.begin() as connection:
            others = (SESSION.c.person == person) & (SESSION.c.token_hash != _hash(but))
            connection.execute(delete(SESSION).where(others))

    def _close(self, sessions: ColumnElement[bool], links: ColumnElement[bool]) -> None:
        with self._engine.begin() as connection:
            connection.execute(delete(SESSION).where(sessions))
            connection.execute(delete(SIGN_IN_LINK).where(links))


def _good(token: str, now: datetime) -> ColumnElement[bool]:
    return (SIGN_IN_LINK.c.token_hash == _hash(token)) & (SIGN_IN_LINK.c.expires >= now)


def _open(connection: Connection, session: Session, now: datetime) -> str:
    token = secrets.token_urlsafe(TOKEN_BYTES)
    values = {
        "token_hash": _hash(token),
        "member": session.holder.member,
        "person": session.holder.person,
        "opened_by": session.opened_by,
        "confirmed": session.confirmed,
        "opened": now,
        "seen": now,
    }
    connection.execute(delete(SESSION).where(SESSION.c.opened < now - ABSOLUTE))
    connection.execute(insert(SESSION).values(values))
    return token


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
