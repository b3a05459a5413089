"""What is kept for how long, and the purge of what is older: logged with its numbers before anything is removed."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from api.callers import Tell
from api.parts import Parts
from api.storage.runs import State
from audit.events import Act, Receipt


@dataclass(frozen=True, slots=True)
class Purged:
    """How much went, and the log's promise about it; no receipt where there was nothing to remove."""

    files: int
    runs: int
    receipt: Receipt | None


def purge(parts: Parts, tell: Tell) -> Purged:
    """Remove replaced files and results of linkages that are older than the settings let them be.

    Raises:
        LogUnavailable: it could not be logged, so nothing was removed.
    """
    with parts.files.lock:
        files, runs = old_files(parts), old_runs(parts)
        receipt = _log(parts, tell, files, runs) if files or runs else None
        for path in files:
            path.unlink(missing_ok=True)
        for path in runs:
            shutil.rmtree(path)
    return Purged(len(files), len(runs), receipt)


def _log(parts: Parts, tell: Tell, files: list[Path], runs: list[Path]) -> Receipt:
    kept = parts.settings
    rule = f"replaced files {kept.keep_replaced_days} days, results {kept.keep_results_days} days"
    details: dict[str, str | int] = {"files": len(files), "runs": len(runs)}
    return parts.journal.append(tell(Act.CODES_PURGED, "data", purpose="retention", rule=rule, details=details))


def old_files(parts: Parts) -> list[Path]:
    """The files that no agency and no unfinished linkage needs, and that were replaced long enough ago."""
    before = parts.clock() - timedelta(days=parts.settings.keep_replaced_days)
    in_use = {upload for run in parts.runs.unfinished() for upload in run.uploads}
    every = parts.uploads.all()
    needed = {one.digest for one in every if one.replaced is None or one.replaced >= before or one.id in in_use}
    paths = {parts.files.path(one.digest) for one in every if one.digest not in needed}
    return sorted(path for path in paths if path.exists())


def old_runs(parts: Parts) -> list[Path]:
    """The folders of linkages that ended long enough ago, but for the newest finished one of the open epoch."""
    before = parts.clock() - timedelta(days=parts.settings.keep_results_days)
    epoch = parts.epochs.current()
    newest = None if epoch is None else parts.runs.latest_finished(epoch.number)
    old = [run for run in parts.runs.ended_before(before) if newest is None or run.id != newest.id]
    useless = parts.runs.ended_in(State.FAILED, State.CANCELLED)
    paths = {parts.jobs.linkages.folder / run.id for run in (*old, *useless)}
    return sorted(path for path in paths if path.exists())
