"""The public halves of passkeys, and the challenges that they have to sign."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Engine, Row, delete, insert, select, update

from api.storage.tables import CHALLENGE, PASSKEY

CHALLENGE_LIFE = timedelta(minutes=5)
CHALLENGE_BYTES = 32


class Purpose(StrEnum):
    """What a challenge was made for; it counts for nothing else."""

    SIGN_IN = "sign-in"
    CONFIRM = "confirm"
    ENROL = "enrol"


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey of a person; *sign_count* is what its authenticator counted up to when it was last used."""

    id: str
    credential: bytes
    person: str
    name: str
    public_key: bytes
    sign_count: int
    added: datetime
    used: datetime | None = None


class Passkeys:
    """Every passkey and every open challenge."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def challenge(self, purpose: Purpose, person: str | None, *, now: datetime) -> bytes:
        """A fresh challenge, good once and for five minutes, for *person* or for whoever signs in."""
        made = secrets.token_bytes(CHALLENGE_BYTES)
        values = {"challenge": made, "purpose": purpose, "person": person, "expires": now + CHALLENGE_LIFE}
        with self._engine.begin() as connection:
            connection.execute(delete(CHALLENGE).where(CHALLENGE.c.expires < now))
            connection.execute(insert(CHALLENGE).values(values))
        return made

    def take(self, challenge: bytes, purpose: Purpose, person: str | None, *, now: datetime) -> bool:
        """Use a challenge up; False when it is not one of ours, was used, is too old or was made for another end."""
        statement = delete(CHALLENGE).where(CHALLENGE.c.challenge == challenge).returning(CHALLENGE)
        with self._engine.begin() as connection:
            row = connection.execute(statement).one_or_none()
        return row is not None and (row.purpose, row.person) == (purpose, person) and row.expires >= now

    def add(self, passkey: Passkey) -> None:
        """Keep a new passkey."""
        values = {
            "id": passkey.id,
            "credential": passkey.credential,
            "person": passkey.person,
            "name": passkey.name,
            "public_key": passkey.public_key,
            "sign_count": passkey.sign_count,
            "added": passkey.added,
        }
        with self._engine.begin() as connection:
            connection.execute(insert(PASSKEY).values(values))

    def of(self, person: str) -> tuple[Passkey, ...]:
        """The passkeys of *person*, the oldest first."""
        statement = select(PASSKEY).where(PASSKEY.c.person == person).order_by(PASSKEY.c.added, PASSKEY.c.id)
        with self._engine.begin() as connection:
            return tuple(_passkey(row) for row in connection.execute(statement))

    def find(self, credential: bytes) -> Passkey | None:
        """The passkey that its authenticator calls *credential*."""
        with self._engine.begin() as connection:
            row = connection.execute(select(PASSKEY).where(PASSKEY.c.credential == credential)).one_or_none()
        return None if row is None else _passkey(row)

    def note_use(self, passkey: Passkey, *, sign_count: int, now: datetime) -> bool:
        """Remember how far the authenticator counted; False when another answer was faster."""
        same = (PASSKEY.c.id == passkey.id) & (PASSKEY.c.sign_count == passkey.sign_count)
        with self._engine.begin() as connection:
            done = connection.execute(update(PASSKEY).where(same).values(sign_count=sign_count, used=now))
            return done.rowcount == 1

    def rename(self, passkey_id: str, name: str) -> None:
        """Call a passkey *name*."""
        with self._engine.begin() as connection:
            connection.execute(update(PASSKEY).where(PASSKEY.c.id == passkey_id).values(name=name))

    def remove(self, passkey_id: str) -> None:
        """Forget a passkey."""
        with self._engine.begin() as connection:
            connection.execute(delete(PASSKEY).where(PASSKEY.c.id == passkey_id))


def _passkey(row: Row[Any]) -> Passkey:
    return Passkey(row.id, row.credential, row.person, row.name, row.public_key, row.sign_count, row.added, row.used)
