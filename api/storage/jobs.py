"""The table of jobs that members asked for: files to check, releases, purges. Linkages have a table of their own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Engine, Row, insert, select, update

from api.storage.runs import State
from api.storage.tables import JOB


class Kind(StrEnum):
    """What a job does."""

    UPLOAD = "upload"
    RELEASE = "release"
    PURGE = "purge"
    MAIL = "mail"


@dataclass(frozen=True, slots=True)
class Job:
    """One thing to do in the background, for whom, and how it ended."""

    id: str
    kind: Kind
    member: str
    asked: str  # JSON
    signature: str
    person: str | None  # who of the member's people asked, on a page; whom a letter is to
    state: State
    started: datetime
    ended: datetime | None = None
    result: str | None = None  # JSON
    failure: str | None = None
    hint: str | None = None


class JobTable:
    """Every job, failed ones too; how one ended never changes again."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, job: Job) -> None:
        """Keep a new job."""
        with self._engine.begin() as connection:
            connection.execute(insert(JOB).values({column.name: getattr(job, column.name) for column in JOB.columns}))

    def begin(self, job_id: str) -> bool:
        """Say that a job is under way; False when it has ended already."""
        return self._change(job_id, state=State.RUNNING)

    def finish(self, job_id: str, result: str, *, now: datetime) -> bool:
        """The job is done, with this *result* (JSON)."""
        return self._change(job_id, state=State.FINISHED, ended=now, result=result)

    def fail(self, job_id: str, *, what: str, hint: str, now: datetime) -> bool:
        """The job ended without a result, and why."""
        return self._change(job_id, state=State.FAILED, ended=now, failure=what[:500], hint=hint[:500])

    def cancel(self, job_id: str, *, now: datetime) -> bool:
        """Nobody wants the job any more; False when it is under way or has ended already."""
        told = {"failure": "cancelled", "hint": "Ask for it again."}
        return self._change(job_id, JOB.c.state == State.WAITING, state=State.CANCELLED, ended=now, **told)

    def find(self, job_id: str) -> Job | None:
        """The job of that id."""
        found = self._where(JOB.c.id == job_id, 1)
        return found[0] if found else None

    def all(self) -> tuple[Job, ...]:
        """The jobs of everybody, the newest first."""
        return self._where(JOB.c.id.is_not(None))

    def all_of(self, member: str) -> tuple[Job, ...]:
        """The jobs that *member* asked for, the newest first."""
        return self._where(JOB.c.member == member)

    def letters_to(self, person: str, *, since: datetime) -> tuple[Job, ...]:
        """The jobs of mail to a *person* that were begun after that and did not fail."""
        lately = (JOB.c.kind == Kind.MAIL) & (JOB.c.person == person) & (JOB.c.started > since)
        return self._where(lately & JOB.c.state.not_in([State.FAILED, State.CANCELLED]))

    def unfinished(self) -> tuple[Job, ...]:
        """The jobs that have not ended yet."""
        return self._where(JOB.c.ended.is_(None))

    def _change(self, job_id: str, *also: ColumnElement[bool], **values: object) -> bool:
        statement = update(JOB).where(JOB.c.id == job_id, JOB.c.ended.is_(None), *also).values(values)
        with self._engine.begin() as connection:
            return connection.execute(statement).rowcount == 1

    def _where(self, condition: ColumnElement[bool], limit: int | None = None) -> tuple[Job, ...]:
        statement = select(JOB).where(condition).order_by(JOB.c.started.desc(), JOB.c.id).limit(limit)
        with self._engine.begin() as connection:
            return tuple(map(_job, connection.execute(statement)))


def _job(row: Row[Any]) -> Job:
    return Job(**{**row._asdict(), "kind": Kind(row.kind), "state": State(row.state)})
