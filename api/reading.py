"""What members read: each reading is in the log before the first byte of data is opened."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from api.callers import Caller
from api.disclosures import CONSENT_RULE
from api.errors import Conflict, Denied, not_there
from api.inputs import CarePurpose, CountPurpose
from api.parts import Parts
from api.roster import Member, Role, can_send_rows, check_can_see_matches
from api.storage.runs import Run, State
from api.storage.uploads import Upload
from audit.events import Act, Receipt
from linkage.breakdown import Breakdown
from linkage.disclosure import CMS11, SafeTable
from linkage.matches import CareMatch
from linkage.store import read_report


@dataclass(frozen=True, slots=True)
class Basis:
    """What a count rests on."""

    run: Run
    included: tuple[Upload, ...]
    missing: tuple[Member, ...]  # agencies that may send and are not in the run
    newer: tuple[Upload, ...]  # files that were sent since and are not in it

    @property
    def remarks(self) -> tuple[str, ...]:
        """What a reader must know of files that are not in the run."""
        if not self.newer:
            return ()
        agencies = ", ".join(upload.agency for upload in self.newer)
        return (f"Files sent since this linkage, and not in these counts before the next: {agencies}.",)


@dataclass(frozen=True, slots=True)
class Count:
    """A safe table, what it rests on, and the log's promises about it."""

    table: SafeTable
    basis: Basis
    read: Receipt
    released: Receipt


def count(parts: Parts, caller: Caller, by: Breakdown, purpose: CountPurpose) -> Count:
    """Count people by *by* on the newest finished run.

    Raises:
        Conflict: there is no finished run yet.
        LogUnavailable: it could not be logged, so nothing was read or released.
    """
    run, rule = latest_run(parts, caller), parts.settings.rule
    basis = rests_on(parts, run)
    thing = f"run/{run.id}"
    details: dict[str, str | int] = {"by": by.value}
    read = parts.journal.append(
        caller.event(Act.COUNT_READ, thing, purpose=purpose, epoch=run.epoch, rule=rule.name, details=details)
    )
    table = parts.linking.count(parts.jobs.linkages.results(run.id), by, rule=rule, remarks=basis.remarks)
    digest = hashlib.sha256(json.dumps(table.to_json(), sort_keys=True).encode()).hexdigest()
    released = parts.journal.append(
        caller.event(
            Act.COUNT_RELEASED,
            thing,
            purpose=purpose,
            epoch=run.epoch,
            rule=rule.name,
            details=details | {"table_sha256": digest},
        )
    )
    return Count(table, basis, read, released)


@dataclass(frozen=True, slots=True)
class Matches:
    """The matches that may be shown, on which run, and the log's promises about it."""

    run: Run
    shown: tuple[CareMatch, ...]
    read: Receipt
    released: tuple[Receipt, ...]  # one for each other agency


def care_matches(parts: Parts, caller: Caller, purpose: CarePurpose) -> Matches:
    """The matches that the caller's agency may see today, on the newest finished run.

    Raises:
        Denied: the agency takes no part in care matches; the log has it.
        Conflict: there is no finished run yet.
        LogUnavailable: it could not be logged, so nothing was read or shown.
    """
    try:
        check_can_see_matches(caller.member)
    except Denied:
        parts.journal.append(caller.event(Act.DENIED, "matches", purpose=purpose, outcome="refused", rule="kind"))
        raise
    run = latest_run(parts, caller)
    read = parts.journal.append(
        caller.event(Act.MATCHES_READ, f"run/{run.id}", purpose=purpose, epoch=run.epoch, rule=CONSENT_RULE)
    )
    found = parts.linking.care_matches(
        parts.jobs.linkages.results(run.id),
        caller.member.id,
        today=parts.clock().date(),
        uploads=_consents_of(parts, run),
        kinds={member.id: member.kind for member in parts.members.all() if member.kind is not None},
    )
    released = parts.disclosures.matches(caller, run, purpose, found)
    return Matches(run, tuple(sighting.card for sighting in found), read, released)


def _consents_of(parts: Parts, run: Run) -> list[Path]:
    """The current files, whose consents count; where a disk lost one, its agency's clients are in no match."""
    paths = (parts.files.path(upload.digest) for upload in parts.uploads.current(run.epoch))
    return [path for path in paths if path.exists()]


def report(parts: Parts, caller: Caller, run_id: str) -> tuple[dict[str, object], Receipt]:
    """What the finished linkage *run_id* says of itself.

    Raises:
        NotFound: there is no such finished run.
        Conflict: its results were purged.
        LogUnavailable: it could not be logged, so nothing was read.
    """
    run = parts.runs.find(run_id)
    if run is None or run.state is not State.FINISHED:
        raise not_there()
    if not parts.jobs.linkages.results(run.id).exists():
        raise Conflict("the results of this linkage were removed, as the service's settings say", hint="Link anew.")
    event = caller.event(Act.REPORT_READ, f"run/{run.id}", purpose="quality-check", epoch=run.epoch, rule=CMS11.name)
    receipt = parts.journal.append(event)
    return read_report(parts.jobs.linkages.results(run.id)), receipt


def senders(parts: Parts) -> tuple[Member, ...]:
    """The agencies that may send files; a victim service provider reports totals elsewhere."""
    return tuple(member for member in parts.members.all() if member.role is Role.AGENCY and can_send_rows(member))


def rests_on(parts: Parts, run: Run) -> Basis:
    """Whose files a run holds, whose it lacks, and which came since."""
    included = parts.uploads.by_ids(run.linked)
    agencies, digests = {upload.agency for upload in included}, {upload.digest for upload in included}
    missing = tuple(agency for agency in senders(parts) if agency.id not in agencies)
    newer = tuple(upload for upload in parts.uploads.current(run.epoch) if upload.digest not in digests)
    return Basis(run, included, missing, newer)


def latest_run(parts: Parts, caller: Caller) -> Run:
    """The newest finished run of the open epoch.

    Raises:
        Conflict: there is none.
    """
    epoch = parts.epochs.current()
    run = None if epoch is None else parts.runs.latest_finished(epoch.number)
    if run is None:
        start = "Start one with 'headcount service link' or on the page Files"
        hint = start if caller.member.role is Role.COORDINATOR else "The coordinator starts one"
        raise Conflict(
            "there is no finished linkage to read from yet", hint=f"{hint}, as soon as an agency has sent its file."
        )
    return run
