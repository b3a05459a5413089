"""A backup put back: every file compared with the manifest, the log verified as an auditor would, then one rename."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

from sqlalchemy import URL

from api.backup import FORMAT, LOG_FILES, MANIFEST, kept_at
from api.clock import Clock
from api.errors import BackupError
from api.outside import leave_note
from api.storage.copying import check_is_empty, copy_in
from api.storage.engine import SQLITE_FILE, connect_database, database_address, is_sqlite, open_database
from api.storage.uploads import Uploads
from audit.errors import AuditError
from audit.events import Act, Receipt
from audit.log import AuditLog
from audit.signing import LogSigner
from audit.verify import VerifiedLog, verify_bundle

_PIECE = 1024**2
_DAMAGED = "Take another copy of this backup, or an older backup."
_OLDER = "Look for a newer backup. If there is none, tell the auditors which entries are lost before you start it."


@dataclass(frozen=True, slots=True)
class Restored:
    """What is there again, and what was found to be true of its log."""

    files: int
    made: datetime
    log: VerifiedLog


def restore(backup: Path, data: Path, database: URL, *, signed: Sequence[str] = (), clock: Clock) -> Restored:
    """Put *backup* into the new folder *data*, and into the empty PostgreSQL *database* where that is one.

    *signed* are checkpoints that somebody kept elsewhere, which the log must still hold. All is checked before
    *data* exists.

    Raises:
        BackupError: *data* or the database is not empty; the backup is damaged; or its log is older than *signed*.
    """
    if data.exists() and (not data.is_dir() or any(data.iterdir())):
        raise BackupError(f"{data} is not empty", hint="Nothing is overwritten: give --data a new folder.")
    fresh = data.absolute().with_name(f".{data.absolute().name}.restoring")
    shutil.rmtree(fresh, ignore_errors=True)  # left by an attempt that was cut off
    try:
        fresh.mkdir(mode=0o700, parents=True)
        made, files = _unpack(backup, fresh)
        log = _check(fresh, signed, clock)
        _fill(database, fresh)
        leave_note(fresh, Act.RESTORED, now=clock())  # the service logs it
        if data.exists():
            data.rmdir()
        fresh.rename(data)
    except OSError as error:
        raise BackupError(
            f"the backup cannot be put back: {error.strerror or type(error).__name__}",
            hint="See that the backup can be read and that there is room at --data.",
        ) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return Restored(files, made, log)


def _unpack(backup: Path, fresh: Path) -> tuple[datetime, int]:
    """Write every file and compare all of them with the manifest."""
    if not backup.exists():
        raise BackupError(f"there is no file {backup}", hint="Give the file that 'headcount backup' wrote.")
    digests: dict[str, str] = {}
    try:
        with tarfile.open(backup, mode="r:") as archive:
            for member in archive:
                digests[member.name] = _take(archive, member, fresh)
        told = json.loads((fresh / MANIFEST).read_bytes())
        made, expected = datetime.fromisoformat(told["made"]), told["files"]
        known = told["format"] == FORMAT
    except (tarfile.TarError, ValueError, KeyError, TypeError, FileNotFoundError) as error:
        raise BackupError("this is no backup, or it was cut short", hint=_DAMAGED) from error
    del digests[MANIFEST]
    (fresh / MANIFEST).unlink()
    if not known:
        raise BackupError("this backup is of another format", hint="Restore it with the version that wrote it.")
    wrong = sorted(name for name in expected.keys() | digests.keys() if expected.get(name) != digests.get(name))
    if wrong:
        raise BackupError(f"{len(wrong)} files of the backup are not as they were written: {wrong[0]}", hint=_DAMAGED)
    missing = [name for name in (SQLITE_FILE, *LOG_FILES) if name not in digests]
    if missing:
        raise BackupError(f"the backup has no file {missing[0]}", hint=_DAMAGED)
    return made, len(digests)


def _take(archive: tarfile.TarFile, member: tarfile.TarInfo, fresh: Path) -> str:
    name = PurePosixPath(member.name)
    if not member.isfile() or name.is_absolute() or ".." in name.parts or "\\" in member.name or ":" in member.name:
        raise BackupError("the backup holds something that no backup of Headcount holds", hint=_DAMAGED)
    path, digest = fresh / name, hashlib.sha256()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    source = archive.extractfile(member)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400 if name.parts[0] == "uploads" else 0o600)
    with open(descriptor, "wb") as out:  # noqa: PTH123 (a descriptor)
        while source is not None and (piece := source.read(_PIECE)):
            digest.update(piece)
            out.write(piece)
        out.flush()
        os.fsync(out.fileno())
    return digest.hexdigest()


def _check(fresh: Path, signed: Sequence[str], clock: Clock) -> VerifiedLog:
    """The database names only files that are here, and the log holds every receipt and every kept checkpoint."""
    engine = open_database(database_address(fresh, ""))
    uploads = Uploads(engine).all()
    engine.dispose()
    for upload in uploads:
        path = kept_at(fresh, upload)
        if not path.exists() and upload.replaced is not None:
            continue  # removed when it was old enough
        if not path.exists() or hashlib.sha256(path.read_bytes()).hexdigest() != upload.digest:
            raise BackupError("an encoded file of an agency is missing or altered", hint=_DAMAGED)
    receipts = [Receipt(u.receipt_index, u.receipt_leaf, datetime.fromisoformat(u.receipt_time)) for u in uploads]
    export = fresh / "exported"
    try:
        with AuditLog.open(fresh / "log", LogSigner.load(fresh / "log.key"), clock=clock) as log:
            log.export(export)
        vkeys = (fresh / "log.vkey").read_text(encoding="utf-8")
        return verify_bundle(export, vkeys=vkeys, receipts=receipts, checkpoints=signed)
    except AuditError as error:
        raise BackupError(f"the log in this backup does not hold: {error.what}", hint=_OLDER) from error
    finally:
        shutil.rmtree(export, ignore_errors=True)


def _fill(database: URL, fresh: Path) -> None:
    """Move the rows to PostgreSQL, where that is the service's database."""
    engine = connect_database(database)
    try:
        if is_sqlite(engine):
            return
        check_is_empty(engine)
        copy_in(fresh, engine)
        for path in fresh.glob(f"{SQLITE_FILE}*"):
            path.unlink()
    finally:
        engine.dispose()
