"""The roster's table, and with it the keys by which its members are known."""

from __future__ import annotations

import base64
import threading
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, select, update
from sqlalchemy.dialects.sqlite import insert

from api.roster import Member, MemberKey, Role
from api.storage.tables import MEMBER, MEMBER_KEY
from hashing.schema import AgencyKind, ServiceArea


class Members:
    """Every member; the only place that turns a key into a name."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.changing = threading.Lock()  # one change at a time: what was checked is still so when it is written

    def put(self, member: Member, *, now: datetime) -> None:
        """Add *member*, or replace what is held under its id; another key than before ends all others *now*."""
        values = _values(member)
        statement = insert(MEMBER).values(values).on_conflict_do_update(index_elements=["id"], set_=values)
        with self._engine.begin() as connection:
            before = connection.execute(select(MEMBER.c.keyid).where(MEMBER.c.id == member.id)).scalar_one_or_none()
            connection.execute(statement)
            if before != member.key.keyid:
                put_key(connection, member.id, member.key, now=now, others_end=now)

    def find(self, member_id: str) -> Member | None:
        """The member of that id."""
        return self._one(MEMBER.c.id == member_id)

    def find_by_keyid(self, keyid: str) -> Member | None:
        """The member whose key that is, or ever was."""
        return self._one(
            MEMBER.c.id == select(MEMBER_KEY.c.member).where(MEMBER_KEY.c.keyid == keyid).scalar_subquery()
        )

    def all(self) -> tuple[Member, ...]:
        """Every member in the order of their ids."""
        with self._engine.begin() as connection:
            return tuple(_member(row) for row in connection.execute(select(MEMBER).order_by(MEMBER.c.id)))

    def _one(self, condition: ColumnElement[bool]) -> Member | None:
        with self._engine.begin() as connection:
            row = connection.execute(select(MEMBER).where(condition)).one_or_none()
        return None if row is None else _member(row)


def put_key(connection: Connection, member: str, key: MemberKey, *, now: datetime, others_end: datetime) -> None:
    """Make *key* the one of the roster, good from *now* on; those beside it end, unless they do so earlier."""
    others = (MEMBER_KEY.c.member == member) & (MEMBER_KEY.c.keyid != key.keyid)
    lasting = MEMBER_KEY.c.retires.is_(None) | (MEMBER_KEY.c.retires > others_end)
    connection.execute(update(MEMBER_KEY).where(others, lasting).values(retires=others_end))
    values = {"keyid": key.keyid, "member": member, "public_key": _text(key), "added": now, "retires": None}
    statement = insert(MEMBER_KEY).values(values)
    connection.execute(statement.on_conflict_do_update(index_elements=["keyid"], set_={"retires": None}))
    connection.execute(update(MEMBER).where(MEMBER.c.id == member).values(public_key=_text(key), keyid=key.keyid))


def _text(key: MemberKey) -> str:
    return base64.b64encode(key.raw).decode("ascii")


def _values(member: Member) -> dict[str, str | date | None]:
    return {
        "id": member.id,
        "name": member.name,
        "role": member.role,
        "kind": member.kind,
        "areas": ",".join(member.areas),
        "contact": member.contact,
        "public_key": _text(member.key),
        "keyid": member.key.keyid,
        "agreement_from": member.agreement_from,
        "agreement_until": member.agreement_until,
    }


def _member(row: Row[Any]) -> Member:
    return Member(
        id=row.id,
        name=row.name,
        role=Role(row.role),
        key=MemberKey(base64.b64decode(row.public_key)),
        kind=None if row.kind is None else AgencyKind(row.kind),
        areas=tuple(ServiceArea(area) for area in row.areas.split(",") if area),
        contact=row.contact,
        agreement_from=row.agreement_from,
        agreement_until=row.agreement_until,
    )
