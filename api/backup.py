"""A backup: one file with everything that the service cannot make again, written while the service runs.

The order makes it whole. The database is copied first, as one moment saw it. The files it names never change. The log
is copied last: every act is in the log before it is done, so the copied log covers all that the copied database knows.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import IO

from sqlalchemy import URL

from api.errors import BackupError
from api.outside import leave_note
from api.storage.copying import copy_out
from api.storage.engine import SQLITE_FILE, connect_database, database_address
from api.storage.runs import Runs, State
from api.storage.uploads import Upload, Uploads
from audit.events import Act
from audit.kept import CHECKPOINTS, ENTRIES, LAST_SIGNED
from audit.witnessed import COSIGNATURES

FORMAT, MANIFEST = "headcount-backup/1", "manifest.json"
# Entries last: a log may be longer than what was signed, never shorter. Nor may the list be newer than the last state.
LOG_FILES = ("log.key", "log.vkey", f"log/{CHECKPOINTS}", f"log/{LAST_SIGNED}", f"log/{ENTRIES}")
_ALL_RUNS = 2**31


@dataclass(frozen=True, slots=True)
class BackedUp:
    """What was written."""

    path: Path
    files: int
    size: int  # bytes


def back_up(data: Path, database: URL, out: Path, *, now: datetime) -> BackedUp:
    """Write a backup of the data folder *data* and its *database* to the new file *out*, for its owner alone.

    Raises:
        BackupError: *out* is there already, *data* is no data folder, or the disk refused.
    """
    if out.exists():
        raise BackupError(f"{out} is there already", hint="A backup is never overwritten; give another name.")
    if not (data / "log" / ENTRIES).exists():
        raise BackupError(f"there is no service's data in {data}", hint="Give --data the folder of a service.")
    try:
        leave_note(data, Act.BACKED_UP, now=now)  # the service logs it
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=".headcount-backup-") as scratch:
            copy_out(database, Path(scratch))
            fresh = Path(scratch) / "backup.tar"
            files = _write(fresh, data, Path(scratch), now)
            _take_name(out)
            fresh.replace(out)
    except OSError as error:
        raise BackupError(
            f"the backup cannot be written: {error.strerror or type(error).__name__}",
            hint="See that there is room at --out and that everything in the data folder can be read.",
        ) from error
    return BackedUp(out, files, out.stat().st_size)


def _take_name(out: Path) -> None:
    """Make the empty file *out*, so that no other is replaced; a hard link would do, but not on every USB stick."""
    os.close(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def _write(fresh: Path, data: Path, scratch: Path, now: datetime) -> int:
    digests: dict[str, str] = {}
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "wb") as stream, tarfile.open(fileobj=stream, mode="w") as archive:  # noqa: PTH123 (a descriptor)
        for name, path in _files(data, scratch):
            digests[name] = _add(archive, name, path)
        told = {"format": FORMAT, "made": now.isoformat(), "version": version("headcount"), "files": digests}
        text = json.dumps(told, indent=1).encode()
        archive.addfile(_info(MANIFEST, len(text)), io.BytesIO(text))
        archive.close()
        stream.flush()
        os.fsync(stream.fileno())
    return len(digests)


def _files(data: Path, scratch: Path) -> Iterator[tuple[str, Path]]:
    yield SQLITE_FILE, scratch / SQLITE_FILE
    engine = connect_database(database_address(scratch, ""))
    uploads = sorted({upload.digest for upload in Uploads(engine).all() if _is_there(upload, data)})
    runs = [run.id for run in Runs(engine).latest(_ALL_RUNS) if run.state is State.FINISHED]
    engine.dispose()
    for digest in uploads:
        yield f"uploads/{digest}.jsonl", data / "uploads" / f"{digest}.jsonl"
    for run in runs:
        for path in sorted(path for path in (data / "runs" / run).rglob("*") if path.is_file()):
            yield path.relative_to(data).as_posix(), path
    for name in (f"log/{COSIGNATURES}", *LOG_FILES):
        yield name, data / name


def _is_there(upload: Upload, data: Path) -> bool:
    """Whether the file is to be backed up: one that was replaced may have been kept for as long as it was to be."""
    return upload.replaced is None or kept_at(data, upload).exists()


def kept_at(data: Path, upload: Upload) -> Path:
    """Where the data folder *data* has a file that was accepted."""
    return data / "uploads" / f"{upload.digest}.jsonl"


def _add(archive: tarfile.TarFile, name: str, path: Path) -> str:
    with path.open("rb") as file:
        hashing = _Hashing(file)
        archive.addfile(_info(name, os.fstat(file.fileno()).st_size), hashing)
    return hashing.digest.hexdigest()


def _info(name: str, size: int) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    return info


class _Hashing(io.RawIOBase):
    """A file that is hashed as it is read; of a log that grows meanwhile, only what is asked for."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self.digest = file, hashlib.sha256()

    def read(self, size: int = -1, /) -> bytes:
        piece = self._file.read(size)
        self.digest.update(piece)
        return piece
