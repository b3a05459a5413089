"""The table of accepted files; the files themselves are in api/uploads.py."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Engine, Row, insert, select, update

from api.storage.members import wait_for_turn
from api.storage.openings import Sealed, keep_openings
from api.storage.tables import UPLOAD


@dataclass(frozen=True, slots=True)
class Upload:
    """One accepted file and the receipt that its agency was given for it."""

    digest: str
    agency: str
    epoch: int
    rows: int
    last_month: str | None
    accepted: datetime
    receipt_index: int
    receipt_leaf: str
    receipt_time: str
    replaced: datetime | None = None
    id: int | None = None  # given by the database


class Uploads:
    """Every accepted file; of each agency at most one is current."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, upload: Upload, consents: Sealed | None = None) -> None:
        """Keep *upload* as its agency's current file, with the consents that it changed; or nothing of either.

        The file before becomes history.
        """
        current = (UPLOAD.c.agency == upload.agency) & UPLOAD.c.replaced.is_(None)
        with self._engine.begin() as connection:
            wait_for_turn(connection, upload.agency)
            connection.execute(update(UPLOAD).where(current).values(replaced=upload.accepted))
            connection.execute(insert(UPLOAD).values(_values(upload)))
            if consents is not None:
                keep_openings(connection, consents)

    def current(self, epoch: int) -> tuple[Upload, ...]:
        """The current file of every agency that sent one in *epoch*, in the order of the agencies' ids."""
        return self._where((UPLOAD.c.epoch == epoch) & UPLOAD.c.replaced.is_(None))

    def current_of(self, agency: str) -> Upload | None:
        """The agency's current file."""
        found = self._where((UPLOAD.c.agency == agency) & UPLOAD.c.replaced.is_(None))
        return found[0] if found else None

    def holds(self, digest: str) -> bool:
        """Whether any agency ever sent the file of that digest."""
        return bool(self._where(UPLOAD.c.digest == digest))

    def of(self, agency: str) -> tuple[Upload, ...]:
        """Every file that *agency* sent, history and all."""
        return self._where(UPLOAD.c.agency == agency)

    def all(self) -> tuple[Upload, ...]:
        """Every file of every agency."""
        return self._where(UPLOAD.c.id.is_not(None))

    def latest(self) -> Upload | None:
        """The file of any agency with the newest receipt."""
        return max(self.all(), key=lambda upload: upload.receipt_index, default=None)

    def by_ids(self, ids: tuple[int, ...]) -> tuple[Upload, ...]:
        """The files of those ids."""
        return self._where(UPLOAD.c.id.in_(ids))

    def _where(self, condition: ColumnElement[bool]) -> tuple[Upload, ...]:
        statement = select(UPLOAD).where(condition).order_by(UPLOAD.c.agency, UPLOAD.c.id)
        with self._engine.begin() as connection:
            return tuple(_upload(row) for row in connection.execute(statement))


def _values(upload: Upload) -> dict[str, Any]:
    return {column.name: getattr(upload, column.name) for column in UPLOAD.columns if column.name != "id"}


def _upload(row: Row[Any]) -> Upload:
    return Upload(**row._asdict())
