"""The table of linkage runs: what was asked, how far it is, how it ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Engine, Row, insert, select, update

from api.storage.tables import RUN, RUN_UPLOAD, UPLOAD
from hashing.schema import HeadcountError


class State(StrEnum):
    """Where a run is in its life."""

    WAITING = "waiting"
    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A file that could not be linked, and why."""

    upload: int
    agency: str
    reason: str


@dataclass(frozen=True, slots=True)
class Run:
    """One linkage over the files that were current when it was asked for."""

    id: str
    epoch: int
    state: State
    started: datetime
    uploads: tuple[int, ...]  # as asked for
    stage: str = ""
    progress: float = 0.0
    attempts: int = 0
    ended: datetime | None = None
    failure: str | None = None
    hint: str | None = None
    left_out: tuple[LeftOut, ...] = ()

    @property
    def linked(self) -> tuple[int, ...]:
        """The files that are in it."""
        out = {one.upload for one in self.left_out}
        return tuple(upload for upload in self.uploads if upload not in out)


class Runs:
    """Every run, failed ones too."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, run: Run) -> None:
        """Keep a new run together with the files it is to link."""
        values = {column.name: getattr(run, column.name) for column in RUN.columns}
        files = [{"run": run.id, "upload": upload} for upload in run.uploads]
        with self._engine.begin() as connection:
            connection.execute(insert(RUN).values(values))
            connection.execute(insert(RUN_UPLOAD), files)

    def attempt(self, run_id: str) -> int:
        """Count one more attempt at a run and say which it is, from 1.

        Raises:
            HeadcountError: the run was cancelled.
        """
        statement = (
            update(RUN)
            .where((RUN.c.id == run_id) & RUN.c.ended.is_(None))
            .values(attempts=RUN.c.attempts + 1, state=State.RUNNING, stage="", progress=0.0)
            .returning(RUN.c.attempts)
        )
        with self._engine.begin() as connection:
            attempt = connection.execute(statement).scalar_one_or_none()
        if attempt is None:
            raise HeadcountError("the run has ended already", hint="Start a new run.")
        return int(attempt)

    def leave_out(self, run_id: str, upload: int, reason: str) -> None:
        """A file of the run cannot be linked, and why; the others are."""
        of_run = (RUN_UPLOAD.c.run == run_id) & (RUN_UPLOAD.c.upload == upload)
        with self._engine.begin() as connection:
            connection.execute(update(RUN_UPLOAD).where(of_run).values(left_out=reason[:200]))

    def cancel(self, run_id: str, *, now: datetime) -> None:
        """Nobody wants the run any more."""
        hint = "Start a new run."
        self._change(run_id, state=State.CANCELLED, ended=now, failure="cancelled", hint=hint)

    def note_progress(self, run_id: str, stage: str, progress: float) -> None:
        """Say how far a run is; *progress* from 0 to 1."""
        self._change(run_id, stage=stage[:64], progress=progress)

    def finish(self, run_id: str, *, now: datetime) -> None:
        """The run's results are complete and may be asked for."""
        self._change(run_id, state=State.FINISHED, progress=1.0, ended=now)

    def fail(self, run_id: str, *, what: str, hint: str, now: datetime) -> None:
        """The run ended without results, and why."""
        self._change(run_id, state=State.FAILED, ended=now, failure=what[:500], hint=hint[:500])

    def find(self, run_id: str) -> Run | None:
        """The run of that id."""
        found = self._where(RUN.c.id == run_id)
        return found[0] if found else None

    def latest(self, limit: int | None = 20) -> tuple[Run, ...]:
        """The newest runs, the newest first; without a *limit* all of them."""
        return self._where(RUN.c.id.is_not(None), limit)

    def unfinished(self) -> tuple[Run, ...]:
        """The runs that have not ended yet."""
        return self._where(RUN.c.ended.is_(None))

    def ended_before(self, before: datetime) -> tuple[Run, ...]:
        """The runs that ended before that."""
        return self._where(RUN.c.ended < before)

    def ended_in(self, *states: State) -> tuple[Run, ...]:
        """The runs that ended in one of those states."""
        return self._where(RUN.c.state.in_(states))

    def latest_finished(self, epoch: int) -> Run | None:
        """The newest run of *epoch* that has results."""
        found = self._where((RUN.c.state == State.FINISHED) & (RUN.c.epoch == epoch), 1)
        return found[0] if found else None

    def _change(self, run_id: str, **values: object) -> None:
        with self._engine.begin() as connection:
            going_on = (RUN.c.id == run_id) & RUN.c.ended.is_(None)  # how a run ended never changes again
            connection.execute(update(RUN).where(going_on).values(values))

    def _where(self, condition: ColumnElement[bool], limit: int | None = None) -> tuple[Run, ...]:
        statement = select(RUN).where(condition).order_by(RUN.c.started.desc(), RUN.c.id).limit(limit)
        with self._engine.begin() as connection:
            rows = connection.execute(statement).all()
            of_these = RUN_UPLOAD.c.run.in_([row.id for row in rows])
            linked = select(RUN_UPLOAD, UPLOAD.c.agency).join(UPLOAD).where(of_these).order_by(RUN_UPLOAD.c.upload)
            files = connection.execute(linked).all()
        return tuple(_run(row, [file for file in files if file.run == row.id]) for row in rows)


def _run(row: Row[Any], files: Sequence[Row[Any]]) -> Run:
    left_out = tuple(LeftOut(file.upload, file.agency, file.left_out) for file in files if file.left_out)
    uploads = tuple(file.upload for file in files)
    return Run(**{**row._asdict(), "state": State(row.state), "uploads": uploads, "left_out": left_out})
