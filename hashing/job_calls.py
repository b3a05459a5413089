"""What a service does in the background: how far it is, cancelling it, and removing what is old."""

from __future__ import annotations

from dataclasses import dataclass

from hashing.resumable import result_of
from hashing.service_answers import Job, Purged
from hashing.transport import Transport


@dataclass(frozen=True, slots=True)
class Jobs:
    """The jobs of one service; see `hashing.connection.Connection` for what every call raises."""

    to: Transport

    def all(self) -> tuple[Job, ...]:
        """The jobs, the newest first: an agency's own, everybody's for the others."""
        return self.to.each(Job, "/api/v1/jobs")

    def find(self, job: str) -> Job:
        """How far a job is, or how it ended."""
        return self.to.ask(Job, "GET", f"/api/v1/jobs/{job}")

    def cancel(self, job: str) -> Job:
        """Cancel a job: a linkage stops at its next step, any other if it has not begun."""
        return self.to.ask(Job, "DELETE", f"/api/v1/jobs/{job}")

    def purge(self, *, pause: float = 0.3) -> Purged:
        """Remove what is older than the service's settings let it be; asks every *pause* seconds whether that is done.

        Raises:
            ConnectionFailed: it failed.
        """
        job = self.to.ask(Job, "POST", "/api/v1/purges")
        while job.ended is None:
            self.to.pause(pause)
            job = self.find(job.job)
        return result_of(job, Purged)
