"""One-time sign-in links and the sessions they open; only hashes of the tokens are kept."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, delete, insert, select, update

from api.storage.tables import SESSION, SIGN_IN_LINK

LINK_LIFE = timedelta(minutes=2)
IDLE = timedelta(minutes=15)
ABSOLUTE = timedelta(hours=8)
TOKEN_BYTES = 32


class Sessions:
    """Who is signed in to the pages."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def offer_link(self, member: str, *, now: datetime) -> str:
        """A token that signs *member* in once, within two minutes."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        values = {"token_hash": _hash(token), "member": member, "expires": now + LINK_LIFE}
        with self._engine.begin() as connection:
            connection.execute(delete(SIGN_IN_LINK).where(SIGN_IN_LINK.c.expires < now))
            connection.execute(insert(SIGN_IN_LINK).values(values))
        return token

    def link_of(self, token: str, *, now: datetime) -> str | None:
        """Whom `enter` would let in by the link; looking does not use it up."""
        offered = (SIGN_IN_LINK.c.token_hash == _hash(token)) & (SIGN_IN_LINK.c.expires >= now)
        with self._engine.begin() as connection:
            return connection.execute(select(SIGN_IN_LINK.c.member).where(offered)).scalar_one_or_none()

    def enter(self, token: str, *, now: datetime, before: Callable[[], object]) -> str | None:
        """Use up a link and open a session, in one step: the token for the member's cookie.

        None where the link is spent, expired or was never offered. *before* is called when it is certain that the link
        is good; if it raises, the link is as it was and nobody is signed in.
        """
        statement = (
            delete(SIGN_IN_LINK)
            .where(SIGN_IN_LINK.c.token_hash == _hash(token), SIGN_IN_LINK.c.expires >= now)
            .returning(SIGN_IN_LINK.c.member)
        )
        with self._engine.begin() as connection:
            member = connection.execute(statement).scalar_one_or_none()
            if member is None:
                return None
            before()
            return _open(connection, member, now)

    def member_of(self, token: str, *, now: datetime) -> str | None:
        """Whose session this is, if it is neither idle too long nor too old; asking keeps it awake."""
        awake = (SESSION.c.seen >= now - IDLE) & (SESSION.c.opened >= now - ABSOLUTE)
        statement = (
            update(SESSION)
            .where(SESSION.c.token_hash == _hash(token), awake)
            .values(seen=now)
            .returning(SESSION.c.member)
        )
        with self._engine.begin() as connection:
            return connection.execute(statement).scalar_one_or_none()

    def close(self, token: str) -> None:
        """End a session."""
        with self._engine.begin() as connection:
            connection.execute(delete(SESSION).where(SESSION.c.token_hash == _hash(token)))

    def close_all_of(self, member: str) -> None:
        """End every session of *member* and take back its links."""
        with self._engine.begin() as connection:
            connection.execute(delete(SESSION).where(SESSION.c.member == member))
            connection.execute(delete(SIGN_IN_LINK).where(SIGN_IN_LINK.c.member == member))


def _open(connection: Connection, member: str, now: datetime) -> str:
    token = secrets.token_urlsafe(TOKEN_BYTES)
    values = {"token_hash": _hash(token), "member": member, "opened": now, "seen": now}
    connection.execute(delete(SESSION).where(SESSION.c.opened < now - ABSOLUTE))
    connection.execute(insert(SESSION).values(values))
    return token


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
