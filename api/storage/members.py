"""The roster's table."""

from __future__ import annotations

import base64
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Engine, Row, select
from sqlalchemy.dialects.sqlite import insert

from api.roster import Member, MemberKey, Role
from api.storage.tables import MEMBER
from hashing.schema import AgencyKind, ServiceArea


class Members:
    """Every member; the only place that turns a key into a name."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def put(self, member: Member) -> None:
        """Add *member*, or replace what is held under its id."""
        values = _values(member)
        statement = insert(MEMBER).values(values).on_conflict_do_update(index_elements=["id"], set_=values)
        with self._engine.begin() as connection:
            connection.execute(statement)

    def find(self, member_id: str) -> Member | None:
        """The member of that id."""
        return self._one(MEMBER.c.id == member_id)

    def find_by_keyid(self, keyid: str) -> Member | None:
        """The member that signs with the key of that name."""
        return self._one(MEMBER.c.keyid == keyid)

    def all(self) -> tuple[Member, ...]:
        """Every member in the order of their ids."""
        with self._engine.begin() as connection:
            return tuple(_member(row) for row in connection.execute(select(MEMBER).order_by(MEMBER.c.id)))

    def _one(self, condition: ColumnElement[bool]) -> Member | None:
        with self._engine.begin() as connection:
            row = connection.execute(select(MEMBER).where(condition)).one_or_none()
        return None if row is None else _member(row)


def _values(member: Member) -> dict[str, str | date | None]:
    return {
        "id": member.id,
        "name": member.name,
        "role": member.role,
        "kind": member.kind,
        "areas": ",".join(member.areas),
        "contact": member.contact,
        "public_key": base64.b64encode(member.key.raw).decode("ascii"),
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
