"""Answers to requests with an Idempotency-Key, remembered for a day."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, delete, select, update
from sqlalchemy.dialects.sqlite import insert

from api.storage.tables import IDEMPOTENT

KEPT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it was sent; without a body where it may not be written down."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes | None


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier request with the same key; without an answer while it is being answered."""

    request: str
    answer: Answer | None


class Remembered:
    """One answer a member and key."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        with engine.begin() as connection:  # what a crash interrupted was never answered
            connection.execute(delete(IDEMPOTENT).where(IDEMPOTENT.c.status.is_(None)))

    def claim(self, member: str, key: str, request: str, *, now: datetime) -> Earlier | None:
        """Take *key* for *request*; the request that had it earlier, if one had."""
        mine = (IDEMPOTENT.c.member == member) & (IDEMPOTENT.c.key == key)
        values = {"member": member, "key": key, "request": request, "made": now}
        with self._engine.begin() as connection:
            connection.execute(delete(IDEMPOTENT).where(IDEMPOTENT.c.made < now - KEPT))
            if connection.execute(insert(IDEMPOTENT).values(values).on_conflict_do_nothing()).rowcount == 1:
                return None
            row = connection.execute(select(IDEMPOTENT).where(mine)).one()
        if row.status is None:
            return Earlier(row.request, None)
        headers = tuple((name, value) for name, value in json.loads(row.headers))
        return Earlier(row.request, Answer(row.status, headers, row.body))

    def keep(self, member: str, key: str, answer: Answer) -> None:
        """Remember the answer to the request that took *key*."""
        mine = (IDEMPOTENT.c.member == member) & (IDEMPOTENT.c.key == key)
        values = {"status": answer.status, "headers": json.dumps(answer.headers), "body": answer.body}
        with self._engine.begin() as connection:
            connection.execute(update(IDEMPOTENT).where(mine).values(values))

    def forget(self, member: str, key: str) -> None:
        """Give *key* free: its request was not done."""
        mine = (IDEMPOTENT.c.member == member) & (IDEMPOTENT.c.key == key)
        with self._engine.begin() as connection:
            connection.execute(delete(IDEMPOTENT).where(mine))
