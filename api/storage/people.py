"""The table of people; every question names the member whose they are, but for the one that a session asks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Engine, Row, insert, select, update

from api.people import Person, PersonRole
from api.storage.tables import PERSON


class People:
    """Who may sign in for a member."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, person: Person) -> None:
        """Keep a new person."""
        values = {
            "id": person.id,
            "member": person.member,
            "name": person.name,
            "email": person.email,
            "role": person.role,
            "invited": person.invited,
        }
        with self._engine.begin() as connection:
            connection.execute(insert(PERSON).values(values))

    def of(self, member: str) -> tuple[Person, ...]:
        """Everyone of *member*, revoked ones too, in the order in which they were invited."""
        statement = select(PERSON).where(PERSON.c.member == member).order_by(PERSON.c.invited, PERSON.c.id)
        with self._engine.begin() as connection:
            return tuple(_person(row) for row in connection.execute(statement))

    def find(self, member: str, person_id: str) -> Person | None:
        """That person, if it is one of *member*."""
        return self._one((PERSON.c.id == person_id) & (PERSON.c.member == member))

    def holder(self, person_id: str) -> Person | None:
        """Whose a session, a passkey or an OpenID subject is."""
        return self._one(PERSON.c.id == person_id)

    def revoke(self, person_id: str, *, now: datetime) -> None:
        """From now on this person cannot sign in."""
        with self._engine.begin() as connection:
            connection.execute(update(PERSON).where(PERSON.c.id == person_id).values(revoked=now))

    def _one(self, condition: ColumnElement[bool]) -> Person | None:
        with self._engine.begin() as connection:
            row = connection.execute(select(PERSON).where(condition)).one_or_none()
        return None if row is None else _person(row)


def _person(row: Row[Any]) -> Person:
    return Person(row.id, row.member, row.name, row.email, PersonRole(row.role), row.invited, row.revoked)
