"""Nonces of signed requests, so that no request counts twice."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Engine, delete
from sqlalchemy.dialects.sqlite import insert

from api.storage.tables import NONCE

# Longer than the two minutes in which a signature can still be young enough, clock skew and all.
KEPT = timedelta(minutes=5)


class Nonces:
    """Each nonce once per key, within the time that a signature counts."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def take(self, keyid: str, nonce: str, *, now: datetime) -> bool:
        """Remember the nonce; False when it was already taken."""
        statement = insert(NONCE).values(keyid=keyid, nonce=nonce, seen=now).on_conflict_do_nothing()
        with self._engine.begin() as connection:
            connection.execute(delete(NONCE).where(NONCE.c.seen < now - KEPT))
            return connection.execute(statement).rowcount == 1

    def try_to_write(self, *, now: datetime) -> None:
        """Write and remove a row, to see whether the database takes anything.

        Raises:
            SQLAlchemyError: it does not.
        """
        row = {"keyid": "", "nonce": "readiness"}  # no key has an empty name
        with self._engine.begin() as connection:
            connection.execute(insert(NONCE).values(**row, seen=now).on_conflict_do_nothing())
            connection.execute(delete(NONCE).where(NONCE.c.keyid == "", NONCE.c.nonce == row["nonce"]))
