"""The newest entry of the log that the database was told of, so that a log put back from an older copy is noticed."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine, select

from api.storage.engine import insert_into
from api.storage.tables import LOG_SEEN

_ONLY = 1


@dataclass(frozen=True, slots=True)
class Seen:
    """An entry's number, from 0, and the hash of its leaf in hexadecimal."""

    entry: int
    leaf: str


class LogSeen:
    """What is remembered of the log; one row."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def find(self) -> Seen | None:
        """What was remembered last."""
        with self._engine.begin() as connection:
            row = connection.execute(select(LOG_SEEN.c.entry, LOG_SEEN.c.leaf)).one_or_none()
        return None if row is None else Seen(row.entry, row.leaf)

    def remember(self, seen: Seen) -> None:
        """Put this in the place of what was remembered before."""
        values = {"entry": seen.entry, "leaf": seen.leaf}
        with self._engine.begin() as connection:
            statement = insert_into(LOG_SEEN, connection).values(id=_ONLY, **values)
            connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values))
