"""A service begins: its data folder is opened, what was left undone is taken up, and what is done regularly begins."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from importlib.metadata import version

from limits.storage import MemoryStorage
from sqlalchemy import Engine

from api.agreement import check_log_agrees, remember_log
from api.background import deeds, take_up_uploads
from api.callers import own_event
from api.clock import Clock
from api.errors import StartError
from api.founding import check_can_found, found
from api.jobs import Jobs
from api.journal import Journal, checkpoint_failed
from api.linking import Linking
from api.notices import letters_of_linkage
from api.outside import take_up_notes
from api.parts import Parts, Shared, assemble
from api.regularly import regularly
from api.retention import purge
from api.settings import Settings
from api.storage.engine import close_database, database_address, is_sqlite, open_database, sole_service
from api.storage.log_seen import LogSeen
from audit.bands import band_of
from audit.cosignature import TrustedWitness, parse_witnesses
from audit.errors import AuditError, LogInUse
from audit.events import Act, Event
from audit.log import AuditLog
from audit.signing import LogSigner

_DAY, _MINUTE = timedelta(days=1), timedelta(minutes=1)


@contextmanager
def open_parts(settings: Settings, linking: Linking, clock: Clock) -> Iterator[Parts]:
    """Open the data folder of *settings*, yield the parts, and close them.

    Raises:
        StartError: another service has the folder, it is damaged, or it is new and no coordinator is given.
    """
    check_can_found(settings)
    with ExitStack() as stack:
        journal = _open_journal(settings, clock)
        stack.callback(journal.close)
        engine = open_database(database_address(settings.data, settings.database_url))
        stack.callback(close_database, engine)
        stack.enter_context(sole_service(engine))
        parts = assemble(settings, clock, journal, engine, Shared(linking, MemoryStorage(), Jobs))
        parts.remembered.forget_unanswered()
        seen = LogSeen(engine)
        check_log_agrees(journal, parts.uploads, parts.disclosures.openings, seen)
        stack.callback(remember_log, journal, seen)
        found(parts)
        journal.append(_started(settings))
        stack.callback(journal.append, own_event(Act.STOPPED, "service"))
        take_up_notes(settings.data, journal)
        _clear_up(parts)
        stack.enter_context(_jobs_at_work(parts))
        stack.enter_context(_regular_work(parts, seen))
        yield parts


@contextmanager
def _jobs_at_work(parts: Parts) -> Iterator[None]:
    address = _jobs_address(parts.settings, parts.engine)
    parts.jobs.start(address, deeds(parts), lambda: letters_of_linkage(parts))
    try:
        take_up_uploads(parts)
        parts.jobs.take_up()
        yield
    finally:
        parts.jobs.stop()


@contextmanager
def _regular_work(parts: Parts, seen: LogSeen) -> Iterator[None]:
    purge(parts, own_event)
    with ExitStack() as stack:
        stack.callback(regularly("the daily purge", _DAY, lambda: _tidy(parts)))
        stack.callback(regularly("taking up jobs", _MINUTE, parts.jobs.take_up))
        stack.callback(regularly("taking up notes", _MINUTE, lambda: take_up_notes(parts.settings.data, parts.journal)))
        stack.callback(regularly("remembering the log", _MINUTE, lambda: remember_log(parts.journal, seen)))
        stack.callback(parts.tally.settle)
        parts.journal.sign_every(
            parts.settings.checkpoint_seconds,
            checkpoint_failed,
            before=lambda: parts.tally.settle(now=parts.clock()),
        )
        yield


def _jobs_address(settings: Settings, engine: Engine) -> str:
    """SQLite: a file beside the database's, for each has one writer. PostgreSQL: a schema of the same database."""
    if is_sqlite(engine):
        return f"sqlite:///{settings.data / 'jobs.sqlite'}"
    return engine.url.render_as_string(hide_password=False)


def _started(settings: Settings) -> Event:
    details: dict[str, str | int] = {
        "version": version("headcount"),
        "approvals": settings.approvals,
        "threshold": settings.threshold,
        "witnesses": len(read_witnesses(settings)),
        "keep_openings_days": settings.keep_openings_days,
        "keep_replaced_days": settings.keep_replaced_days,
        "keep_results_days": settings.keep_results_days,
    }
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


def _erase_openings(parts: Parts) -> None:
    """Erase the openings that are older than they may be."""
    before = parts.clock() - timedelta(days=parts.settings.keep_openings_days)
    openings = parts.disclosures.openings
    found = openings.count_before(before)
    if found:
        rule = f"older than {parts.settings.keep_openings_days} days"
        told: dict[str, str | int] = {"openings": band_of(found)}
        parts.journal.append(own_event(Act.OPENINGS_ERASED, "openings", rule=rule, details=told))
        openings.erase_before(before)


def _clear_up(parts: Parts) -> None:
    """Remove what is too old or what nobody waits for: half files of broken requests, and what was abandoned."""
    _erase_openings(parts)
    parts.pieces.sweep()
    arriving = parts.pieces.sessions.all()
    known = [*(upload.digest for upload in parts.uploads.all()), *(one.digest for one in arriving if one.sent)]
    parts.files.sweep(known, [one.id for one in arriving])


def _tidy(parts: Parts) -> None:
    """What is done once a day."""
    parts.pieces.sweep()
    _erase_openings(parts)
    purge(parts, own_event)
