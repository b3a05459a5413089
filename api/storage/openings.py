"""What opens the commitments of the audit log; kept beside the log, and erased without a trace in it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Engine, Row, func, insert, select, update

from api.storage.engine import forget_old_pages
from api.storage.tables import OPENING
from audit.commitment import Fact, Kind, Opening, canonical

NONE = -1  # before the first entry of the log, which is number 0
_ERASED = {"row": None, "nonce": None, "fact": None}


@dataclass(frozen=True, slots=True)
class KeptList:
    """The list of one *entry* about one agency's rows: its commitments, and the openings that were not erased."""

    entry: int
    commitments: tuple[str, ...]
    openings: tuple[Opening, ...]


@dataclass(frozen=True, slots=True)
class Sealed:
    """The list of commitments that *entry* of the log stands for since the moment *made*, and what opens it."""

    entry: int
    openings: tuple[Opening, ...]
    made: datetime


def keep_openings(connection: Connection, sealed: Sealed) -> None:
    """Keep what opens a list of commitments, together with whatever else the transaction does."""
    lines = [
        {
            "entry": sealed.entry,
            "commitment": opening.commitment.hex(),
            "agency": opening.fact.agency,
            "made": sealed.made,
            "row": opening.fact.row,
            "nonce": opening.nonce,
            "fact": canonical(opening.fact).decode(),
        }
        for opening in sealed.openings
    ]
    if lines:
        connection.execute(insert(OPENING), lines)


class Openings:
    """Every commitment that the log stands for; of those that were not erased, the opening."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def keep(self, sealed: Sealed) -> None:
        """Keep what opens a list of commitments."""
        with self._engine.begin() as connection:
            keep_openings(connection, sealed)

    def of(self, agency: str) -> tuple[KeptList, ...]:
        """Every list about *agency*'s rows, in the order of the log."""
        lists: dict[int, list[Row[Any]]] = {}
        for line in self._lines(OPENING.c.agency == agency):
            lists.setdefault(line.entry, []).append(line)
        return tuple(_kept(entry, group) for entry, group in lists.items())

    def consents_of(self, agency: str) -> dict[str, Fact]:
        """The last consent that the log was told of, by row; without those whose opening was erased."""
        found = (_opening(line).fact for line in self._lines((OPENING.c.agency == agency) & _open()))
        return {fact.row: fact for fact in found if fact.kind is Kind.CONSENT}

    def count(self, agency: str, rows: Collection[str]) -> int:
        """How many openings there are about *rows* of *agency*."""
        about = (OPENING.c.agency == agency) & OPENING.c.row.in_(rows)
        return self._count(about)

    def erase(self, agency: str, rows: Collection[str]) -> None:
        """Erase every opening about *rows* of *agency*: nobody will ever tell what its commitments stood for."""
        self._erase((OPENING.c.agency == agency) & OPENING.c.row.in_(rows))

    def count_before(self, moment: datetime) -> int:
        """How many openings are older than *moment*."""
        return self._count((OPENING.c.made < moment) & _open())

    def erase_before(self, moment: datetime) -> None:
        """Erase every opening that is older than *moment*."""
        self._erase((OPENING.c.made < moment) & _open())

    def last_entry(self) -> int:
        """The number of the newest entry of the log that has openings here; -1 where none has."""
        with self._engine.begin() as connection:
            return int(connection.execute(select(func.coalesce(func.max(OPENING.c.entry), NONE))).scalar_one())

    def _count(self, condition: ColumnElement[bool]) -> int:
        with self._engine.begin() as connection:
            return connection.execute(select(func.count()).select_from(OPENING).where(condition)).scalar_one()

    def _erase(self, condition: ColumnElement[bool]) -> None:
        with self._engine.begin() as connection:
            connection.execute(update(OPENING).where(condition).values(_ERASED))
        forget_old_pages(self._engine)

    def _lines(self, condition: ColumnElement[bool]) -> Sequence[Row[Any]]:
        statement = select(OPENING).where(condition).order_by(OPENING.c.entry, OPENING.c.commitment)
        with self._engine.begin() as connection:
            return connection.execute(statement).all()


def _open() -> ColumnElement[bool]:
    return OPENING.c.nonce.is_not(None)


def _kept(entry: int, lines: Sequence[Row[Any]]) -> KeptList:
    held = (line for line in lines if line.nonce is not None)
    return KeptList(entry, tuple(line.commitment for line in lines), tuple(_opening(line) for line in held))


def _opening(line: Row[Any]) -> Opening:
    return Opening(line.nonce, msgspec.json.decode(line.fact, type=Fact))
