"""Accounts of an OpenID provider that are bound to people, and the sign-ins there that are under way."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, delete, insert, select

from api.storage.tables import OPENID_STATE, OPENID_SUBJECT

STATE_LIFE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Started:
    """A sign-in that was sent to the provider; *person* is whom an invitation will bind."""

    nonce: str
    verifier: str
    person: str | None


class OpenIds:
    """Whose account is whose."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def start(self, state: str, started: Started, *, now: datetime) -> None:
        """Remember a sign-in under way, for ten minutes; only the hash of its state is kept."""
        values = {
            "state_hash": _hash(state),
            "nonce": started.nonce,
            "verifier": started.verifier,
            "person": started.person,
            "expires": now + STATE_LIFE,
        }
        with self._engine.begin() as connection:
            connection.execute(delete(OPENID_STATE).where(OPENID_STATE.c.expires < now))
            connection.execute(insert(OPENID_STATE).values(values))

    def take(self, state: str, *, now: datetime) -> Started | None:
        """The sign-in of that state, which is used up; None if there is none."""
        statement = delete(OPENID_STATE).where(OPENID_STATE.c.state_hash == _hash(state)).returning(OPENID_STATE)
        with self._engine.begin() as connection:
            row = connection.execute(statement).one_or_none()
        if row is None or row.expires < now:
            return None
        return Started(row.nonce, row.verifier, row.person)

    def bind(self, issuer: str, subject: str, person: str) -> None:
        """From now on this account signs *person* in, and no other does."""
        with self._engine.begin() as connection:
            connection.execute(delete(OPENID_SUBJECT).where(OPENID_SUBJECT.c.person == person))
            connection.execute(insert(OPENID_SUBJECT).values(issuer=issuer, subject=subject, person=person))

    def person_of(self, issuer: str, subject: str) -> str | None:
        """Whom the account signs in."""
        same = (OPENID_SUBJECT.c.issuer == issuer) & (OPENID_SUBJECT.c.subject == subject)
        with self._engine.begin() as connection:
            return connection.execute(select(OPENID_SUBJECT.c.person).where(same)).scalar_one_or_none()


def _hash(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()
