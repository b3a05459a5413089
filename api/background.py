"""What each kind of job does, and how one is asked for and cancelled."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from contextlib import suppress

from api.answers import ReceiptOut, UploadOut
from api.approvals import ApprovalNeeded
from api.callers import Caller
from api.errors import Conflict, not_there
from api.inputs import ReleaseIn
from api.notices import send_letter
from api.parts import Parts
from api.releasing import check_may_release, make_release
from api.retention import purge
from api.roster import Role
from api.storage.jobs import Job, Kind
from api.storage.runs import Run, State
from api.storage.together import together
from api.storage.upload_sessions import UploadSession
from api.tasks import Do
from audit.events import Act, Event
from hashing.schema import HeadcountError

PURPOSES = {Kind.UPLOAD: "linkage", Kind.RELEASE: "count", Kind.PURGE: "retention"}


def deeds(parts: Parts) -> dict[Kind, Do]:
    """What each kind of job does."""
    return {
        Kind.UPLOAD: lambda caller, job: _take_in(parts, caller, job),
        Kind.RELEASE: lambda caller, job: _release(parts, caller, job),
        Kind.PURGE: lambda caller, job: _purge(parts, caller),
        Kind.MAIL: lambda caller, job: send_letter(parts, job),
    }


def _take_in(parts: Parts, caller: Caller, job: Job) -> Mapping[str, object]:
    session = parts.pieces.sessions.find(job.id)
    if session is None:  # done before a crash, all but the saying so
        return _already(parts, caller, json.loads(job.asked)["digest"])
    try:
        accepted = parts.intake.take_in(caller, parts.pieces.lies_at(session), session.digest)
    finally:
        parts.pieces.end(session)
    return UploadOut.of(accepted.upload).model_dump(mode="json")


def _already(parts: Parts, caller: Caller, digest: str) -> Mapping[str, object]:
    current = parts.uploads.current_of(caller.member.id)
    if current is None or current.digest != digest:
        raise Conflict("the file was not kept", hint="Send it again to be told why.")
    return UploadOut.of(current).model_dump(mode="json")


def _release(parts: Parts, caller: Caller, job: Job) -> Mapping[str, object]:
    try:
        made = make_release(parts, caller, ReleaseIn.model_validate_json(job.asked))
    except ApprovalNeeded as needed:
        raise Conflict(
            "the newest linkage is no longer the one whose release was approved",
            hint=f"Have proposal {needed.proposal.id} approved, then ask again.",
        ) from needed
    with suppress(HeadcountError):  # the release stands; what its packet lacks is told to whoever wants it
        parts.packets.of(made.release)
    receipts = {"read": ReceiptOut.of(made.read), "released": ReceiptOut.of(made.released)}
    told = {name: receipt.model_dump(mode="json") for name, receipt in receipts.items()}
    return {"release": made.release.number, **told}


def _purge(parts: Parts, caller: Caller) -> Mapping[str, object]:
    purged = purge(parts, caller.event)
    receipt = None if purged.receipt is None else ReceiptOut.of(purged.receipt).model_dump(mode="json")
    return {"files": purged.files, "runs": purged.runs, "receipt": receipt}


def start_job(parts: Parts, caller: Caller, kind: Kind, asked: str) -> Job:
    """Log that a job was asked for, and queue it.

    Raises:
        LogUnavailable: it could not be logged, so nothing was started.
    """
    job_id = secrets.token_hex(16)
    event = caller.event(Act.JOB_STARTED, f"job/{job_id}", purpose=PURPOSES[kind], details={"kind": kind.value})
    parts.journal.append(event)
    return _queue(parts, caller, job_id, kind, asked)


def start_release(parts: Parts, caller: Caller, asked: ReleaseIn) -> Job:
    """Queue a release.

    Raises:
        Conflict: there is no finished linkage yet.
        ApprovalNeeded: it is the first of all, and waits for a second person.
        LogUnavailable: it could not be logged, so nothing was started.
    """
    check_may_release(parts, caller, asked)
    return start_job(parts, caller, Kind.RELEASE, asked.model_dump_json())


def finish_upload(parts: Parts, caller: Caller, session_id: str) -> Job:
    """Hand a file that arrived whole to the job that checks it; asked again, the same job.

    Raises:
        NotFound: no session of the caller's.
        Conflict: bytes are missing.
        LogUnavailable: it could not be logged.
    """
    known = parts.job_table.find(session_id)
    if known is not None and known.member == caller.member.id:
        parts.journal.append(_sent(caller, json.loads(known.asked)["digest"], outcome="unchanged"))
        return known
    session = parts.pieces.find(caller, session_id)
    parts.pieces.check_is_whole(session)
    parts.journal.append(_sent(caller, session.digest, outcome="allowed"))
    with together(parts.engine):
        parts.pieces.sessions.send(session.id)
        job = _new(parts, caller, session.id, Kind.UPLOAD, _asked(session))
    parts.jobs.submit_task(job.id)
    return job


def take_up_uploads(parts: Parts) -> None:
    """Open again the sessions that a crash left between being sent and their job: the agency may finish them again."""
    for session in parts.pieces.sessions.all():
        if session.sent and parts.job_table.find(session.id) is None:
            parts.pieces.sessions.reopen(session.id)


def _sent(caller: Caller, digest: str, *, outcome: str) -> Event:
    return caller.event(Act.UPLOAD_SENT, f"upload/{digest}", purpose="linkage", outcome=outcome)


def _asked(session: UploadSession) -> str:
    return json.dumps({"digest": session.digest, "length": session.length})


def _queue(parts: Parts, caller: Caller, job_id: str, kind: Kind, asked: str) -> Job:
    job = _new(parts, caller, job_id, kind, asked)
    parts.jobs.submit_task(job.id)
    return job


def _new(parts: Parts, caller: Caller, job_id: str, kind: Kind, asked: str) -> Job:
    person = None if caller.person is None else caller.person.id
    asker = (caller.member.id, asked, caller.request_signature, person)
    job = Job(job_id, kind, *asker, State.WAITING, parts.clock())
    parts.job_table.add(job)
    return job


def find_job(parts: Parts, caller: Caller, job_id: str) -> Job | Run:
    """A job that the caller may know of: an agency its own, others every one.

    Raises:
        NotFound: there is none.
    """
    job = parts.job_table.find(job_id)
    if caller.member.role is Role.AGENCY:
        if job is None or job.member != caller.member.id:
            raise not_there()
        return job
    found = job or parts.runs.find(job_id)
    if found is None:
        raise not_there()
    return found


def list_jobs(parts: Parts, caller: Caller) -> tuple[Job | Run, ...]:
    """The jobs that the caller may know of, the newest first."""
    if caller.member.role is Role.AGENCY:
        return parts.job_table.all_of(caller.member.id)
    found: list[Job | Run] = [*parts.job_table.all(), *parts.runs.latest(None)]
    return tuple(sorted(found, key=lambda job: job.started, reverse=True))


def cancel_job(parts: Parts, caller: Caller, job_id: str) -> Job | Run:
    """Cancel a job: a linkage stops at its next step, any other if it has not begun.

    Raises:
        NotFound: there is none that the caller may know of.
        Conflict: it is too late.
        LogUnavailable: it could not be logged, so it goes on.
    """
    found = find_job(parts, caller, job_id)
    check_can_cancel(found)
    thing = "run" if isinstance(found, Run) else "job"
    parts.journal.append(caller.event(Act.JOB_CANCELLED, f"{thing}/{job_id}"))
    with together(parts.engine):
        if isinstance(found, Run):
            parts.jobs.linkages.cancel(job_id)
        elif not parts.job_table.cancel(job_id, now=parts.clock()):
            raise _too_late()
        session = parts.pieces.sessions.find(job_id)
        parts.pieces.sessions.end(job_id)
        cancelled = find_job(parts, caller, job_id)
    if session is not None:
        parts.pieces.discard(session)
    return cancelled


def check_can_cancel(job: Job | Run) -> None:
    """A linkage can be cancelled until it has ended, any other job until it has begun.

    Raises:
        Conflict: it is too late.
    """
    if job.ended is not None or (isinstance(job, Job) and job.state is not State.WAITING):
        raise _too_late()


def _too_late() -> Conflict:
    return Conflict("the job has ended, or cannot be stopped any more", hint="Look at how it ended.")
