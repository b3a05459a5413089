"""What members ask for and do not wait for: one durable job each, done by the function of its kind."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from api.callers import Caller, own_event
from api.clock import Clock
from api.journal import Journal
from api.storage.jobs import Job, JobTable, Kind
from api.storage.members import Members
from api.storage.people import People
from audit.events import Act
from hashing.schema import HeadcountError

Outcome = dict[str, str]  # of a linkage that worked: empty; of a task: result (JSON); else what and hint
Do = Callable[[Caller, Job], Mapping[str, object]]
_log = logging.getLogger("headcount.tasks")


@dataclass(frozen=True, slots=True)
class Tasks:
    """The two steps of every job; each may be done again after a crash, with the same result."""

    jobs: JobTable
    members: Members
    people: People
    journal: Journal
    clock: Clock
    one_at_a_time: threading.Lock

    def act(self, do: Mapping[Kind, Do], job_id: str) -> Outcome:
        """Do what the job asks; how it went is what is handed back."""
        with self.one_at_a_time:
            job = self.jobs.find(job_id)
            if job is None or not self.jobs.begin(job_id):
                return {"what": "cancelled", "hint": "Ask for it again."}
            try:
                return {"result": json.dumps(do[job.kind](self._caller(job), job))}
            except HeadcountError as error:
                return {"what": error.what, "hint": error.hint}
            except Exception as error:
                # Whatever it stumbles over, the job fails with a reason and the service goes on.
                _log.exception("job %s failed", job_id)
                return {
                    "what": f"the job stopped with an unexpected error ({type(error).__name__})",
                    "hint": "Ask the operator to look at the service's own log, then ask again.",
                }

    def conclude(self, job_id: str, outcome: Outcome) -> None:
        """Say how the job ended; what it read, kept or released it logged itself."""
        if "result" in outcome:
            self.jobs.finish(job_id, outcome["result"], now=self.clock())
            return
        job = self.jobs.find(job_id)
        if job is not None and job.ended is None:
            details: dict[str, str | int] = {"kind": job.kind.value}
            event = own_event(Act.JOB_FAILED, f"job/{job_id}", outcome="failed", details=details)
            self.journal.append(event)
            self.jobs.fail(job_id, what=outcome["what"], hint=outcome["hint"], now=self.clock())

    def _caller(self, job: Job) -> Caller:
        member = self.members.find(job.member)
        if member is None:
            raise HeadcountError("whoever asked is no member any more", hint="Ask again as a member.")
        person = None if job.person is None else self.people.holder(job.person)
        if person is not None and person.revoked is not None:
            raise HeadcountError("whoever asked may not sign in any more", hint="Ask again yourself.")
        return Caller(member, job.signature, person=person)
