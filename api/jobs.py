"""Linkages in the background: durable DBOS workflows that go on after a crash (docs/adr/0007-dbos-jobs.md)."""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dbos import DBOS, SetWorkflowID, StepOptions, WorkflowSerializationFormat

from api.callers import own_event
from api.clock import Clock
from api.journal import Journal
from api.linking import Link
from api.storage.runs import Run, Runs
from api.storage.uploads import Uploads
from api.uploads import Files
from audit.events import Act
from hashing.schema import HeadcountError

Outcome = dict[str, str]  # empty: it worked; else what and hint. JSON, because DBOS keeps it

QUEUE = PURPOSE = "linkage"
# Fixed: DBOS takes up only what a process of the same version and executor left, and that is always this one.
APPLICATION, VERSION, EXECUTOR = "headcount", "1", "headcount"
MAX_ATTEMPTS = 3
RESULTS = "results"  # the folder that linkage writes, within the run's own
GIVEN_UP = ("ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")
UNTOLD = {"what": "how this run ended could not be logged", "hint": "Start a new run."}
_CONCLUDE: StepOptions = {"name": "conclude", "retries_allowed": True, "max_attempts": 5}
_log = logging.getLogger("headcount.jobs")


@dataclass(frozen=True, slots=True)
class Linkages:
    """The steps of a linkage; each may be done again after a crash, with the same result."""

    folder: Path
    link: Link
    files: Files
    runs: Runs
    uploads: Uploads
    journal: Journal
    clock: Clock
    one_at_a_time: threading.Lock

    def results(self, run_id: str) -> Path:
        """The folder of a finished run's results."""
        return self.folder / run_id / RESULTS

    def attempt(self, run_id: str) -> Outcome:
        """Link the files of a run; what an earlier attempt left half done is removed first."""
        with self.one_at_a_time:
            try:
                self._check_attempts(self.runs.attempt(run_id))
                self._link(run_id)
            except HeadcountError as error:
                return {"what": error.what, "hint": error.hint}
            except Exception as error:
                # Whatever linkage stumbles over, the run fails with a reason and the service goes on.
                _log.exception("run %s failed", run_id)
                return {
                    "what": f"the linkage stopped with an unexpected error ({type(error).__name__})",
                    "hint": "Ask the operator to look at the service's own log, then start a new run.",
                }
        return {}

    def conclude(self, run_id: str, outcome: Outcome) -> None:
        """Log how a run ended, then say so to those who ask for it."""
        epoch = self._run(run_id).epoch
        if outcome:
            reason = "".join(letter if letter.isprintable() else " " for letter in outcome["what"])
            details: dict[str, str | int] = {"reason": reason[:200]}
            failed = own_event(
                Act.RUN_FAILED, f"run/{run_id}", purpose=PURPOSE, outcome="failed", epoch=epoch, details=details
            )
            self.journal.append(failed)
            self.runs.fail(run_id, what=outcome["what"], hint=outcome["hint"], now=self.clock())
        else:
            self.journal.append(own_event(Act.RUN_FINISHED, f"run/{run_id}", purpose=PURPOSE, epoch=epoch))
            self.runs.finish(run_id, now=self.clock())

    def _link(self, run_id: str) -> None:
        run = self._run(run_id)
        out = self.results(run_id)
        if out.parent.exists():
            shutil.rmtree(out.parent)
        out.parent.mkdir(parents=True)
        files = [self.files.path(upload.digest) for upload in self.uploads.by_ids(run.uploads)]
        self.link(files, out, progress=self._progress(run_id))

    def _run(self, run_id: str) -> Run:
        run = self.runs.find(run_id)
        if run is None:
            raise HeadcountError("the run is not in the database", hint="Start a new run.")
        return run

    def _progress(self, run_id: str) -> Callable[[str, float], None]:
        return lambda stage, fraction: self.runs.note_progress(run_id, stage, fraction)

    @staticmethod
    def _check_attempts(attempt: int) -> None:
        if attempt > MAX_ATTEMPTS:
            raise HeadcountError(
                f"the service stopped {MAX_ATTEMPTS} times in the middle of this run",
                hint="Ask the operator whether the computer has enough memory, then start a new run.",
            )


class Jobs:
    """Hands runs to DBOS and lets it take up again what a crash interrupted; one such object a process."""

    def __init__(self, linkages: Linkages) -> None:
        self.linkages = linkages

    def start(self, database: str) -> None:
        """Open the job database at that URL; what a crash interrupted goes on by itself."""
        logging.getLogger("dbos").setLevel(logging.WARNING)
        DBOS(
            config={
                "name": APPLICATION,
                "system_database_url": database,
                "application_version": VERSION,
                "executor_id": EXECUTOR,
                "log_level": "WARNING",
                "scheduler_polling_interval_sec": 3600.0,  # nothing is scheduled
                "notification_listener_polling_interval_sec": 0.2,  # also how long a stop waits for it
            }
        )
        linkages = self.linkages

        def linkage(run_id: str) -> None:
            outcome = DBOS.run_step({"name": "attempt"}, linkages.attempt, run_id)
            DBOS.run_step(_CONCLUDE, linkages.conclude, run_id, outcome)

        # Portable: the job database holds JSON, and nothing is ever unpickled from it.
        self._workflow = DBOS.workflow(name="linkage", serialization_type=WorkflowSerializationFormat.PORTABLE)(linkage)
        DBOS.launch()
        DBOS.register_queue(QUEUE, worker_concurrency=1, polling_interval_sec=0.2, on_conflict="always_update")

    def take_up(self) -> None:
        """Settle the runs on which the service's database and the job database differ after a crash."""
        for run in self.linkages.runs.unfinished():
            status = DBOS.get_workflow_status(run.id)
            if status is None:
                self.submit(run.id)
            elif status.status in GIVEN_UP:
                self.linkages.conclude(run.id, UNTOLD)

    def submit(self, run_id: str) -> None:
        """Queue a run; it is durable when this returns."""
        with SetWorkflowID(run_id):
            DBOS.enqueue_workflow(QUEUE, self._workflow, run_id)

    @property
    def busy(self) -> bool:
        """Whether a linkage is under way at this moment."""
        return self.linkages.one_at_a_time.locked()

    @staticmethod
    def stop() -> None:
        """Take up nothing more; what is under way is done again at the next start."""
        DBOS.destroy(destroy_registry=True)
