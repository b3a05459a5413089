"""Jobs in the background: durable DBOS workflows that go on after a crash (docs/adr/0007-dbos-jobs.md).

A linkage has five steps: its files are checked, linked, what came out is put in its place, the end is logged, and
people are told. A crash repeats the step that it interrupted, and none before. Every other job has one step and its
end.
"""

from __future__ import annotations

import logging
import shutil
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from dbos import DBOS, SetWorkflowID, StepOptions, WorkflowSerializationFormat
from sqlalchemy.exc import SQLAlchemyError

from api.callers import own_event
from api.clock import Clock
from api.journal import Journal
from api.linking import Link
from api.storage.jobs import Kind
from api.storage.runs import Run, Runs, State
from api.storage.uploads import Upload, Uploads
from api.taking_up import MAX_ATTEMPTS, TakingUp
from api.tasks import Do, Outcome, Tasks
from api.uploads import Files, sync_folder, sync_tree
from audit.events import Act
from hashing.schema import HeadcountError

QUEUE = PURPOSE = "linkage"
TASK_QUEUE = "tasks"  # apart, so that no file waits for a linkage and no linkage for a file
# Fixed: DBOS takes up only what a process of the same version and executor left, and that is always this one.
APPLICATION, VERSION, EXECUTOR = "headcount", "2", "headcount"
RESULTS = "results"  # the folder of what linkage wrote, within the run's own
WORKING = "working"  # where it is written
NOT_WHOLE = "the file is missing or damaged on the service's disk"
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

    def check(self, run_id: str) -> Outcome:
        """Leave out the files that are not there byte for byte; one bad file keeps nobody else from being linked."""
        return self._try(run_id, self._check_files)

    def attempt(self, run_id: str) -> Outcome:
        """Link the files of a run; what an earlier attempt left half done is removed first."""
        return self._try(run_id, self._link)

    def keep(self, run_id: str) -> Outcome:
        """Put what was linked in its place, on disk."""
        return self._try(run_id, self._keep)

    def cancel(self, run_id: str) -> None:
        """Nobody wants the run any more: it stops at its next step."""
        self.runs.cancel(run_id, now=self.clock())

    def _try(self, run_id: str, step: Callable[[str], None]) -> Outcome:
        with self.one_at_a_time:
            try:
                self._check_is_wanted(run_id)
                step(run_id)
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
        """Log how a run ended, then say so to those who ask for it; a cancelled one has ended already."""
        run = self._run(run_id)
        if run.ended is not None:
            if run.state is State.CANCELLED and (self.folder / run_id).exists():
                shutil.rmtree(self.folder / run_id)
            return
        epoch = run.epoch
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

    def _check_files(self, run_id: str) -> None:
        run = self._run(run_id)
        self.runs.note_progress(run_id, "checking the files", 0.0)
        uploads = self.uploads.by_ids(run.linked)
        bad = [upload for upload in uploads if not self.files.is_whole(upload.digest)]
        for upload in bad:
            self._leave_out(run, upload)
        if len(bad) == len(uploads):
            raise HeadcountError("none of the files is whole", hint="Ask the agencies to send their files again.")

    def _leave_out(self, run: Run, upload: Upload) -> None:
        event = own_event(
            Act.UPLOAD_REFUSED,
            f"upload/{upload.digest}",
            purpose=PURPOSE,
            outcome="failed",
            rule=NOT_WHOLE,
            agency=upload.agency,
            epoch=run.epoch,
        )
        self.journal.append(event)
        self.runs.leave_out(run.id, upload.id or 0, NOT_WHOLE)

    def _link(self, run_id: str) -> None:
        self._check_attempts(self.runs.attempt(run_id))
        run = self._run(run_id)
        out = self.folder / run_id / WORKING
        if out.parent.exists():
            shutil.rmtree(out.parent)
        out.parent.mkdir(parents=True)
        files = [self.files.path(upload.digest) for upload in self.uploads.by_ids(run.linked)]
        self.link(files, out, progress=self._progress(run_id))

    def _keep(self, run_id: str) -> None:
        working, results = self.folder / run_id / WORKING, self.results(run_id)
        if working.exists():
            sync_tree(working)
            working.rename(results)
        sync_folder(results.parent)

    def _check_is_wanted(self, run_id: str) -> None:
        if self._run(run_id).ended is not None:
            raise HeadcountError("the run was cancelled", hint="Start a new run.")

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
    """Hands jobs to DBOS and lets it take up what a crash or a full disk interrupted; one such object a process."""

    def __init__(self, linkages: Linkages, tasks: Tasks) -> None:
        self.linkages, self.tasks = linkages, tasks
        self._taking_up = TakingUp(VERSION)

    def start(self, database: str, do: Mapping[Kind, Do], linked: Callable[[], list[str]]) -> None:
        """Open the job database at that URL; what a crash interrupted goes on by itself.

        *do* says what each kind of job does, *linked* keeps the jobs that follow a linkage which ended well.
        """
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
        linkages, tasks = self.linkages, self.tasks

        def linkage(run_id: str) -> None:
            with self._taking_up.at_work(run_id):
                outcome = DBOS.run_step({"name": "check"}, linkages.check, run_id)
                outcome = outcome or DBOS.run_step({"name": "attempt"}, linkages.attempt, run_id)
                outcome = outcome or DBOS.run_step({"name": "keep"}, linkages.keep, run_id)
                DBOS.run_step(_CONCLUDE, linkages.conclude, run_id, outcome)
                if not outcome:
                    for job_id in DBOS.run_step({"name": "tell"}, linked):
                        self.submit_task(job_id)

        def task(job_id: str) -> None:
            with self._taking_up.at_work(job_id):
                outcome = DBOS.run_step({"name": "act"}, lambda: tasks.act(do, job_id))
                DBOS.run_step(_CONCLUDE, tasks.conclude, job_id, outcome)

        # Portable: the job database holds JSON, and nothing is ever unpickled from it.
        portable = WorkflowSerializationFormat.PORTABLE
        self._linkage = DBOS.workflow(name="linkage", serialization_type=portable)(linkage)
        self._task = DBOS.workflow(name="task", serialization_type=portable)(task)
        DBOS.launch()
        for queue in (QUEUE, TASK_QUEUE):
            DBOS.register_queue(queue, worker_concurrency=1, polling_interval_sec=0.2, on_conflict="always_update")

    def take_up(self) -> None:
        """Settle the jobs on which the service's database and the job database differ."""
        for run in self.linkages.runs.unfinished():
            self._taking_up.settle(run.id, self.submit, self.linkages.conclude)
        for job in self.tasks.jobs.unfinished():
            self._taking_up.settle(job.id, self.submit_task, self.tasks.conclude)

    def submit(self, run_id: str) -> None:
        """Queue a run."""
        self._queue(QUEUE, self._linkage, run_id)

    def submit_task(self, job_id: str) -> None:
        """Queue another job."""
        self._queue(TASK_QUEUE, self._task, job_id)

    @staticmethod
    def _queue(queue: str, workflow: Callable[[str], None], job_id: str) -> None:
        """Whoever asked has a job that is kept: where it cannot be queued now, `take_up` does it later."""
        try:
            with SetWorkflowID(job_id):
                DBOS.enqueue_workflow(queue, workflow, job_id)
        except SQLAlchemyError as error:
            kind = type(error).__name__
            _log.error("job %s waits, since it cannot be queued: %s", job_id, kind)

    @property
    def busy(self) -> bool:
        """Whether a job is under way at this moment."""
        return self.linkages.one_at_a_time.locked() or self.tasks.one_at_a_time.locked()

    @staticmethod
    def stop() -> None:
        """Take up nothing more; what is under way is done again at the next start."""
        DBOS.destroy(destroy_registry=True)
