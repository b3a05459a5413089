"""Everything that a request may need, opened once at start and closed in order at the end."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import version

from limits.storage import MemoryStorage
from sqlalchemy import Engine

from api.agreement import check_log_agrees
from api.callers import Tell, own_event
from api.clock import Clock
from api.disclosures import Disclosures
from api.errors import StartError
from api.intake import Intake
from api.jobs import Jobs, Linkages
from api.journal import Journal
from api.linking import Linking
from api.mail import Post, opened_post
from api.packets import Packets
from api.passkeys import Ceremonies
from api.pieces import Pieces, Quota
from api.rates import MovingWindows, Rates
from api.readiness import Readiness
from api.regularly import regularly
from api.settings import Settings
from api.storage.engine import close_database, database_address, is_sqlite, open_database, sole_service
from api.storage.epochs import Epochs
from api.storage.jobs import JobTable
from api.storage.keys import Keys
from api.storage.members import Members
from api.storage.nonces import Nonces
from api.storage.openids import OpenIds
from api.storage.openings import Openings
from api.storage.passkeys import Passkeys
from api.storage.people import People
from api.storage.proposals import Proposals
from api.storage.releases import Releases
from api.storage.remembered import Remembered
from api.storage.runs import Runs
from api.storage.sessions import Sessions
from api.storage.upload_sessions import UploadSessions
from api.storage.uploads import Uploads
from api.tally import Tally
from api.tasks import Tasks
from api.turns import turns_in
from api.uploads import Files
from audit.bands import band_of
from audit.cosignature import TrustedWitness, parse_witnesses
from audit.errors import AuditError, LogInUse
from audit.events import Act, Event
from audit.log import AuditLog
from audit.signing import LogSigner

_log = logging.getLogger("headcount.parts")


@dataclass(frozen=True, slots=True)
class Parts:
    """What the routes work with."""

    settings: Settings
    clock: Clock
    journal: Journal
    engine: Engine
    members: Members
    keys: Keys
    nonces: Nonces
    epochs: Epochs
    uploads: Uploads
    runs: Runs
    sessions: Sessions
    people: People
    ceremonies: Ceremonies
    openids: OpenIds
    releases: Releases
    proposals: Proposals
    disclosures: Disclosures
    files: Files
    intake: Intake
    linking: Linking
    jobs: Jobs
    job_table: JobTable
    packets: Packets
    post: Post | None  # None: no letters are sent
    pieces: Pieces
    remembered: Remembered
    rates: Rates
    tally: Tally
    readiness: Readiness


@dataclass(frozen=True, slots=True)
class Shared:
    """What the processes of one service have in common beside log and database."""

    linking: Linking
    windows: MovingWindows
    jobs: Callable[[Linkages, Tasks], Jobs]


@contextmanager
def open_parts(settings: Settings, linking: Linking, clock: Clock) -> Iterator[Parts]:
    """Open the data folder of *settings*, yield the parts, and close them.

    Raises:
        StartError: another service has the folder, it is damaged, or it is new and no coordinator is given.
    """
    from api.founding import check_can_found, found  # which takes the parts

    check_can_found(settings)
    with ExitStack() as stack:
        journal = _open_journal(settings, clock)
        stack.callback(journal.close)
        engine = open_database(database_address(settings.data, settings.database_url))
        stack.callback(close_database, engine)
        stack.enter_context(sole_service(engine))
        parts = assemble(settings, clock, journal, engine, Shared(linking, MemoryStorage(), Jobs))
        parts.remembered.forget_unanswered()
        check_log_agrees(journal, parts.uploads, parts.disclosures.openings)
        found(parts)
        journal.append(_started(settings))
        stack.callback(journal.append, own_event(Act.STOPPED, "service"))
        _purge(parts)
        _sweep(parts)
        # Imported here, since what they do takes the parts.
        from api.background import deeds, take_up_uploads
        from api.notices import letters_of_linkage
        from api.retention import purge

        parts.jobs.start(_jobs_address(settings, engine), deeds(parts), lambda: letters_of_linkage(parts))
        stack.callback(parts.jobs.stop)
        take_up_uploads(parts)
        parts.jobs.take_up()
        purge(parts, own_event)
        stack.callback(regularly("the daily purge", timedelta(days=1), lambda: _tidy(parts, purge)))
        stack.callback(regularly("taking up jobs", timedelta(minutes=1), parts.jobs.take_up))
        stack.callback(parts.tally.settle)
        journal.sign_every(
            settings.checkpoint_seconds, checkpoint_failed, before=lambda: parts.tally.settle(now=clock())
        )
        yield parts


def _jobs_address(settings: Settings, engine: Engine) -> str:
    """SQLite: a file beside the database's, for each has one writer. PostgreSQL: a schema of the same database."""
    if is_sqlite(engine):
        return f"sqlite:///{settings.data / 'jobs.sqlite'}"
    return engine.url.render_as_string(hide_password=False)


def _started(settings: Settings) -> Event:
    details: dict[str, str | int] = {"version": version("headcount"), "approvals": settings.approvals}
    return own_event(Act.STARTED, "service", details=details)


def _open_journal(settings: Settings, clock: Clock) -> Journal:
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        log = AuditLog.open(settings.data / "log", _signer(settings), clock=clock, witnesses=read_witnesses(settings))
        (settings.data / "log.vkey").write_text(log.vkeys, encoding="utf-8")
    except LogInUse as error:
        raise StartError(
            f"another Headcount service already runs on {settings.data}",
            hint="Stop it first, or give --data another folder.",
        ) from error
    except AuditError as error:
        raise StartError(error.what, hint=error.hint) from error
    return Journal(log, clock)


def read_witnesses(settings: Settings) -> tuple[TrustedWitness, ...]:
    """The witnesses that may cosign the log.

    Raises:
        StartError: their file cannot be read.
    """
    if settings.witnesses is None:
        return ()
    try:
        return parse_witnesses(settings.witnesses.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise StartError(
            f"the witnesses' keys in {settings.witnesses} cannot be read", hint="Set HEADCOUNT_WITNESSES to that file."
        ) from error
    except AuditError as error:
        raise StartError(error.what, hint=error.hint) from error


def _signer(settings: Settings) -> LogSigner:
    path = settings.data / "log.key"
    if path.exists() or (settings.data / "log").exists():
        return LogSigner.load(path)
    signer = LogSigner.create(settings.name)
    signer.save(path)
    return signer


def assemble(settings: Settings, clock: Clock, journal: Journal, engine: Engine, shared: Shared) -> Parts:
    """The parts on an opened log and database."""
    turns = turns_in(settings)
    files = Files(settings.data, turn=turns.uploads)
    uploads, epochs, runs = Uploads(engine), Epochs(engine), Runs(engine)
    members, people, job_table = Members(engine, turn=turns.members), People(engine), JobTable(engine)
    quota = Quota(settings.upload_quota_sessions, settings.upload_quota_bytes)
    disclosures = Disclosures(journal, Openings(engine), clock)
    intake = Intake(files, uploads, epochs, journal, disclosures, clock, settings.max_upload_bytes)
    linkages = Linkages(
        folder=settings.data / "runs",
        link=shared.linking.link,
        files=files,
        runs=runs,
        uploads=uploads,
        journal=journal,
        clock=clock,
        one_at_a_time=threading.Lock(),
    )
    return Parts(
        settings=settings,
        clock=clock,
        journal=journal,
        engine=engine,
        members=members,
        keys=Keys(engine),
        nonces=Nonces(engine),
        epochs=epochs,
        uploads=uploads,
        runs=runs,
        sessions=Sessions(engine),
        people=people,
        ceremonies=Ceremonies(Passkeys(engine)),
        openids=OpenIds(engine),
        releases=Releases(engine),
        proposals=Proposals(engine),
        disclosures=disclosures,
        files=files,
        intake=intake,
        linking=shared.linking,
        jobs=shared.jobs(linkages, Tasks(job_table, members, people, journal, clock, threading.Lock())),
        job_table=job_table,
        post=opened_post(settings),
        packets=Packets(settings.data / "packets", settings.name, turn=turns.packets),
        pieces=Pieces(files, UploadSessions(engine), journal, clock, quota, turns.pieces),
        remembered=Remembered(engine),
        rates=Rates(settings, shared.windows),
        tally=Tally(journal),
        readiness=Readiness(settings.data, journal, Nonces(engine), clock),
    )


def _purge(parts: Parts) -> None:
    """Erase the openings that are older than they may be."""
    before = parts.clock() - timedelta(days=parts.settings.keep_openings_days)
    openings = parts.disclosures.openings
    found = openings.count_before(before)
    if found:
        rule = f"older than {parts.settings.keep_openings_days} days"
        told: dict[str, str | int] = {"openings": band_of(found)}
        parts.journal.append(own_event(Act.OPENINGS_ERASED, "openings", rule=rule, details=told))
        openings.erase_before(before)


def _sweep(parts: Parts) -> None:
    """Remove what nobody waits for: half files of broken requests, and what was abandoned on its way."""
    parts.pieces.sweep()
    arriving = parts.pieces.sessions.all()
    known = [*(upload.digest for upload in parts.uploads.all()), *(one.digest for one in arriving if one.sent)]
    parts.files.sweep(known, [one.id for one in arriving])


def _tidy(parts: Parts, purge: Callable[[Parts, Tell], object]) -> None:
    """What is done once a day."""
    parts.pieces.sweep()
    _purge(parts)
    purge(parts, own_event)


def checkpoint_failed(error: Exception) -> None:
    """Say so in the service's own log."""
    _log.error("the audit log could not be signed: %s", error)
