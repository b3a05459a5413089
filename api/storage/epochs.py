"""Epochs: which profile and which secret the codes of a period were made with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Row, insert, select

from api.storage.tables import EPOCH


@dataclass(frozen=True, slots=True)
class Epoch:
    """What every upload must match, bit for bit; an epoch never changes once it is open."""

    number: int
    profile: str
    profile_digest: str
    key_check_value: str
    canaries: str
    opened: datetime


class Epochs:
    """Every epoch; the one with the highest number is open."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, epoch: Epoch) -> None:
        """Keep a new epoch; from now on it is the open one."""
        with self._engine.begin() as connection:
            connection.execute(
                insert(EPOCH).values(
                    number=epoch.number,
                    profile=epoch.profile,
                    profile_digest=epoch.profile_digest,
                    key_check_value=epoch.key_check_value,
                    canaries=epoch.canaries,
                    opened=epoch.opened,
                )
            )

    def all(self) -> tuple[Epoch, ...]:
        """Every epoch, the oldest first."""
        with self._engine.begin() as connection:
            return tuple(_epoch(row) for row in connection.execute(select(EPOCH).order_by(EPOCH.c.number)))

    def current(self) -> Epoch | None:
        """The open epoch; None before the coordinator opened the first."""
        epochs = self.all()
        return epochs[-1] if epochs else None


def _epoch(row: Row[Any]) -> Epoch:
    return Epoch(row.number, row.profile, row.profile_digest, row.key_check_value, row.canaries, row.opened)
