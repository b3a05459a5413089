"""The shapes of what is told about jobs and about files on their way."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import Field

from api.callers import Caller
from api.inputs import Hex64, MemberId, Strict
from api.pieces import KEPT, PIECE_BYTES
from api.storage.jobs import Job
from api.storage.runs import Run, State
from api.storage.upload_sessions import UploadSession


class UploadSessionOut(Strict):
    """A file on its way: how much of it has arrived, and until when it waits for more."""

    session: Annotated[str, Field(examples=["0a1b" * 8])]
    digest: Hex64
    length: int  # bytes
    offset: int  # bytes that have arrived
    piece_bytes: int  # the largest piece
    expires: datetime
    sent: bool

    @classmethod
    def of(cls, session: UploadSession) -> Self:
        """The session as its own agency may see it."""
        return cls(
            session=session.id,
            digest=session.digest,
            length=session.length,
            offset=session.received,
            piece_bytes=PIECE_BYTES,
            expires=session.touched + KEPT,
            sent=session.sent,
        )


class LeftOutOut(Strict):
    """An agency whose file could not be linked, and why."""

    agency: MemberId
    reason: str


class RunOut(Strict):
    """A linkage: how far it is, or how it ended."""

    run: Annotated[str, Field(examples=["1f0e9d8c7b6a59483726150493827160"])]
    epoch: int
    state: State
    stage: str
    progress: Annotated[float, Field(ge=0, le=1)]
    started: datetime
    ended: datetime | None
    failure: str | None
    hint: str | None
    left_out: tuple[LeftOutOut, ...]

    @classmethod
    def of(cls, run: Run) -> Self:
        """The run without its results."""
        return cls(
            run=run.id,
            epoch=run.epoch,
            state=run.state,
            stage=run.stage,
            progress=run.progress,
            started=run.started,
            ended=run.ended,
            failure=run.failure,
            hint=run.hint,
            left_out=tuple(LeftOutOut(agency=one.agency, reason=one.reason) for one in run.left_out),
        )


class JobOut(Strict):
    """A job: how far it is, or how it ended; what came of it is for whoever asked."""

    job: str
    kind: Annotated[str, Field(examples=["linkage"])]
    member: MemberId | None
    state: State
    stage: str
    progress: Annotated[float, Field(ge=0, le=1)]
    started: datetime
    ended: datetime | None
    failure: str | None
    hint: str | None
    result: dict[str, Any] | None

    @classmethod
    def of(cls, job: Job | Run, caller: Caller) -> Self:
        """The job as *caller* may see it."""
        return cls.of_run(job) if isinstance(job, Run) else cls.of_job(job, caller)

    @classmethod
    def of_job(cls, job: Job, caller: Caller) -> Self:
        """Any job but a linkage."""
        is_own = job.member == caller.member.id
        return cls(
            job=job.id,
            kind=job.kind,
            member=job.member,
            state=job.state,
            stage="",
            progress=1.0 if job.state is State.FINISHED else 0.0,
            started=job.started,
            ended=job.ended,
            failure=job.failure if is_own else None,
            hint=job.hint if is_own else None,
            result=json.loads(job.result) if is_own and job.result else None,
        )

    @classmethod
    def of_run(cls, run: Run) -> Self:
        """A linkage."""
        return cls(
            job=run.id,
            kind="linkage",
            member=None,
            state=run.state,
            stage=run.stage,
            progress=run.progress,
            started=run.started,
            ended=run.ended,
            failure=run.failure,
            hint=run.hint,
            result={"run": run.id} if run.state is State.FINISHED else None,
        )
