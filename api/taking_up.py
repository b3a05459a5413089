"""Jobs on which the service's database and the job database differ, after a crash or a full disk, and what is done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from dbos import DBOS

from api.tasks import Outcome

MAX_ATTEMPTS = 3
UNTOLD = {"what": "how this run ended could not be logged", "hint": "Start a new run."}
_GIVEN_UP = ("CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")


class TakingUp:
    """Knows which jobs this process works at, and takes up those that nobody works at any more.

    Every step of a job may be done again with the same result, so a job of which a record was refused begins anew.
    """

    def __init__(self, version: str) -> None:
        self._version = version
        self._under_way: set[str] = set()
        self._idle: set[str] = set()
        self._attempts: Counter[str] = Counter()

    @contextmanager
    def at_work(self, job_id: str) -> Iterator[None]:
        """While a job is done."""
        self._under_way.add(job_id)
        try:
            yield
        finally:
            self._under_way.discard(job_id)

    def settle(self, job_id: str, submit: Callable[[str], None], conclude: Callable[[str, Outcome], None]) -> None:
        """Queue a job that has not ended and of which the job database knows nothing, or nothing good."""
        status = DBOS.get_workflow_status(job_id)
        if status is None:
            submit(job_id)
        elif status.status in _GIVEN_UP or status.app_version not in {
            None,
            self._version,
        }:  # an earlier release's steps
            conclude(job_id, UNTOLD)
        elif status.status == "ERROR" or (status.status == "PENDING" and self._was_idle_before(job_id)):
            self._again(job_id, submit, conclude)

    def _was_idle_before(self, job_id: str) -> bool:
        """A job that is said to be under way may be about to begin: only when it is found idle twice it is not."""
        before = job_id in self._idle
        self._idle.discard(job_id)
        if job_id in self._under_way:
            return False
        self._idle.add(job_id)
        return before

    def _again(self, job_id: str, submit: Callable[[str], None], conclude: Callable[[str, Outcome], None]) -> None:
        self._idle.discard(job_id)
        if self._attempts[job_id] >= MAX_ATTEMPTS:
            conclude(job_id, UNTOLD)
        else:
            DBOS.delete_workflow(job_id)
            submit(job_id)
            self._attempts[job_id] += 1
