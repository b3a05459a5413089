"""The database copied as one moment saw it: into the SQLite file of a backup, and out of it again."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, delete, func, insert, inspect, select, text

from api.errors import BackupError
from api.storage.engine import connect_database, database_address, migrate, open_database
from api.storage.tables import METADATA, UPLOAD, UPLOAD_SESSION

_ROWS = 1000  # of a table held in memory at once


def copy_out(source: URL, folder: Path) -> None:
    """Write the database at *source*, which may be in use, as a SQLite file into *folder*.

    Raises:
        BackupError: there is no database yet, or another version of Headcount is to bring it up to date first.
    """
    if source.get_backend_name() == "sqlite":
        _copy_file(Path(str(source.database)), Path(str(database_address(folder, "").database)))
    else:
        _copy_server(source, folder)
    _forget_arriving(folder)


def _forget_arriving(folder: Path) -> None:
    """Files on their way in pieces are not backed up; their agencies begin anew."""
    copy = connect_database(database_address(folder, ""))
    with copy.begin() as writing:
        writing.execute(delete(UPLOAD_SESSION).where(UPLOAD_SESSION.c.sent.is_(False)))
    copy.dispose()


def _copy_server(source: URL, folder: Path) -> None:
    origin, target = connect_database(source), open_database(database_address(folder, ""))
    try:
        with origin.connect().execution_options(isolation_level="REPEATABLE READ") as reading:
            _check_same_tables(reading, target)
            with target.begin() as writing:
                _copy_rows(reading, writing)
    finally:
        origin.dispose()
        target.dispose()


def check_is_empty(engine: Engine) -> None:
    """Nothing of ours, nor of our jobs, is in this PostgreSQL database.

    Raises:
        BackupError: something is.
    """
    found = inspect(engine)
    if found.get_table_names() or found.has_schema("dbos"):
        raise BackupError(
            "the database is not empty", hint="Make a new, empty one and set HEADCOUNT_DATABASE_URL to it."
        )


def copy_in(folder: Path, target: Engine) -> None:
    """Fill the empty PostgreSQL database *target* from the SQLite file in *folder*, all of it or nothing."""
    origin = connect_database(database_address(folder, ""))
    try:
        with origin.connect() as reading, target.begin() as writing:
            migrate(writing)
            _copy_rows(reading, writing)
            highest = select(func.coalesce(func.max(UPLOAD.c.id), 0) + 1).scalar_subquery()
            sequence = func.pg_get_serial_sequence("upload", "id")
            writing.execute(select(func.setval(sequence, highest, text("false"))))
    finally:
        origin.dispose()


def _copy_file(source: Path, target: Path) -> None:
    if not source.exists():
        raise BackupError(f"there is no database at {source}", hint="Give --data the folder of a service.")
    reading = sqlite3.connect(source.resolve().as_uri() + "?mode=ro", uri=True)
    with closing(reading) as origin, closing(sqlite3.connect(target)) as copy:
        origin.backup(copy)


def _copy_rows(reading: Connection, writing: Connection) -> None:
    for table in METADATA.sorted_tables:
        for rows in reading.execution_options(yield_per=_ROWS).execute(select(table)).mappings().partitions(_ROWS):
            writing.execute(insert(table), [dict(row) for row in rows])


def _check_same_tables(reading: Connection, target: Engine) -> None:
    version = text("SELECT version_num FROM alembic_version")
    with target.connect() as writing:
        ours = writing.execute(version).scalars().all()
    known = inspect(reading).has_table("alembic_version")
    if not known or reading.execute(version).scalars().all() != ours:
        raise BackupError(
            "the database is empty, or of another version of Headcount",
            hint="Start the service once with this version, then back it up.",
        )
