"""The table of releases: numbered from 0 without a gap, never changed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, Row, insert, select
from sqlalchemy.exc import IntegrityError

from api.errors import Conflict
from api.storage.tables import RELEASE
from linkage.disclosure import Released


@dataclass(frozen=True, slots=True)
class KeptRelease:
    """A release, and what it was made for, of which run and when."""

    number: int
    purpose: str
    run: str
    made: datetime
    released: Released

    @property
    def digest(self) -> str:
        """SHA-256 of its text, hex: what the log holds of it."""
        return digest_of(self.released)


def digest_of(released: Released) -> str:
    """SHA-256 of a release's text, hex."""
    return hashlib.sha256(released.to_json()).hexdigest()


class Releases:
    """Every release that was ever made."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def all(self) -> tuple[KeptRelease, ...]:
        """In their order.

        Raises:
            LedgerError: one of them has been altered.
        """
        with self._engine.connect() as connection:
            rows = connection.execute(select(RELEASE).order_by(RELEASE.c.number)).all()
        return tuple(map(_kept, rows))

    def find(self, number: int) -> KeptRelease | None:
        """The release of that number, if there is one.

        Raises:
            LedgerError: it has been altered.
        """
        with self._engine.connect() as connection:
            row = connection.execute(select(RELEASE).where(RELEASE.c.number == number)).one_or_none()
        return None if row is None else _kept(row)

    def add(self, release: KeptRelease) -> None:
        """Keep a release behind all others.

        Raises:
            Conflict: another one was kept since these were read.
        """
        values = {
            "number": release.number,
            "period": release.released.period,
            "revision": release.released.revision,
            "purpose": release.purpose,
            "run": release.run,
            "made": release.made,
            "digest": release.digest,
            "text": release.released.to_json(),
        }
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(RELEASE).values(values))
        except IntegrityError as error:
            raise Conflict(
                "another release was made in the meantime", hint="Ask again: it is protected beside that one."
            ) from error


def position(kept: Sequence[KeptRelease], released: Released) -> int | None:
    """The number of an equal release among those that are kept."""
    return next((each.number for each in kept if each.released == released), None)


def _kept(row: Row[tuple[object, ...]]) -> KeptRelease:
    return KeptRelease(row.number, row.purpose, row.run, row.made, Released.from_json(row.text))
