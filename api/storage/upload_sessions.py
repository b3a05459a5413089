"""The table of files on their way in pieces; what has arrived of them lies in a file each (api/pieces.py)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Engine, Row, delete, insert, select, update

from api.storage.tables import UPLOAD_SESSION


@dataclass(frozen=True, slots=True)
class UploadSession:
    """One file on its way: its digest and length as promised, and how much of it is on disk."""

    id: str
    agency: str
    digest: str  # SHA-256, hexadecimal
    length: int  # bytes
    received: int  # bytes
    touched: datetime
    sent: bool = False  # whole, and handed to a job


class UploadSessions:
    """Every file that is on its way."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, session: UploadSession) -> None:
        """Keep a new session."""
        values = {column.name: getattr(session, column.name) for column in UPLOAD_SESSION.columns}
        with self._engine.begin() as connection:
            connection.execute(insert(UPLOAD_SESSION).values(values))

    def advance(self, session_id: str, received: int, *, now: datetime) -> None:
        """So many bytes are on disk."""
        self._change(session_id, received=received, touched=now)

    def send(self, session_id: str) -> None:
        """The file is whole, and a job has it."""
        self._change(session_id, sent=True)

    def reopen(self, session_id: str) -> None:
        """No job has the file after all."""
        self._change(session_id, sent=False)

    def end(self, session_id: str) -> None:
        """Forget a session."""
        with self._engine.begin() as connection:
            connection.execute(delete(UPLOAD_SESSION).where(UPLOAD_SESSION.c.id == session_id))

    def find(self, session_id: str) -> UploadSession | None:
        """The session of that id."""
        found = self._where(UPLOAD_SESSION.c.id == session_id)
        return found[0] if found else None

    def of(self, agency: str) -> tuple[UploadSession, ...]:
        """What *agency* is sending."""
        return self._where(UPLOAD_SESSION.c.agency == agency)

    def all(self) -> tuple[UploadSession, ...]:
        """What anybody is sending."""
        return self._where(UPLOAD_SESSION.c.id.is_not(None))

    def abandoned(self, before: datetime) -> tuple[UploadSession, ...]:
        """The sessions of which nothing more arrived since *before*."""
        return self._where((UPLOAD_SESSION.c.touched < before) & UPLOAD_SESSION.c.sent.is_(False))

    def _change(self, session_id: str, **values: object) -> None:
        with self._engine.begin() as connection:
            connection.execute(update(UPLOAD_SESSION).where(UPLOAD_SESSION.c.id == session_id).values(values))

    def _where(self, condition: ColumnElement[bool]) -> tuple[UploadSession, ...]:
        statement = select(UPLOAD_SESSION).where(condition).order_by(UPLOAD_SESSION.c.touched, UPLOAD_SESSION.c.id)
        with self._engine.begin() as connection:
            return tuple(map(_session, connection.execute(statement)))


def _session(row: Row[Any]) -> UploadSession:
    return UploadSession(**row._asdict())
