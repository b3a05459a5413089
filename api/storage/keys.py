"""The keys of members: at most two at a time, so that one can follow the other without a gap."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Row, select, update

from api.roster import MemberKey
from api.storage.members import put_key
from api.storage.tables import MEMBER, MEMBER_KEY


@dataclass(frozen=True, slots=True)
class KeptKey:
    """A key of *member*; good until it *retires*, which may lie in the past."""

    key: MemberKey
    member: str
    added: datetime | None
    retires: datetime | None

    def is_good(self, now: datetime) -> bool:
        """Whether what is signed with it counts *now*."""
        return self.retires is None or self.retires > now


class Keys:
    """Every key that a member has or had."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def find(self, keyid: str) -> KeptKey | None:
        """The key of that name, retired or not."""
        with self._engine.begin() as connection:
            row = connection.execute(select(MEMBER_KEY).where(MEMBER_KEY.c.keyid == keyid)).one_or_none()
        return None if row is None else _kept(row)

    def find_good(self, keyid: str, *, now: datetime) -> MemberKey | None:
        """The key of that name, if what is signed with it counts *now*."""
        found = self.find(keyid)
        return found.key if found is not None and found.is_good(now) else None

    def good_of(self, member: str, *, now: datetime) -> tuple[KeptKey, ...]:
        """The keys of *member* that count *now*; the one of the roster, which is the newest, comes last."""
        newest = MEMBER_KEY.c.keyid == select(MEMBER.c.keyid).where(MEMBER.c.id == member).scalar_subquery()
        statement = select(MEMBER_KEY).where(MEMBER_KEY.c.member == member).order_by(newest, MEMBER_KEY.c.keyid)
        with self._engine.begin() as connection:
            found = tuple(_kept(row) for row in connection.execute(statement))
        return tuple(key for key in found if key.is_good(now))

    def add(self, member: str, key: MemberKey, *, now: datetime, others_end: datetime) -> None:
        """Make *key* the newest of *member*; the other one counts until *others_end*, or until it was to end before."""
        with self._engine.begin() as connection:
            put_key(connection, member, key, now=now, others_end=others_end)

    def retire(self, member: str, keyid: str, *, left: MemberKey, now: datetime) -> None:
        """End a key of *member* at once; *left* stays for good, and is the one of the roster."""
        with self._engine.begin() as connection:
            connection.execute(update(MEMBER_KEY).where(MEMBER_KEY.c.keyid == keyid).values(retires=now))
            put_key(connection, member, left, now=now, others_end=now)


def _kept(row: Row[Any]) -> KeptKey:
    return KeptKey(MemberKey(base64.b64decode(row.public_key)), row.member, row.added, row.retires)
