"""Opening the database, SQLite or PostgreSQL: every commit on disk before it counts, brought up to date."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, func, make_url, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from api.errors import StartError, StoreUnavailable
from api.storage.refusing import tell_refusals
from api.storage.together import joining

SQLITE_FILE = "headcount.sqlite"

# WAL: readers and the writer side by side. FULL: a commit survives a power cut (sqlite.org/pragma.html).
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",  # what is erased is overwritten
    "PRAGMA busy_timeout=10000",
)
# Advisory locks of PostgreSQL are named by numbers; these two are ours.
_MIGRATING, _SERVING = 0x48454144_0001, 0x48454144_0002
_TRIES, _BETWEEN_TRIES = 50, 0.1  # seconds
_OPENINGS_ANEW = (
    "LOCK TABLE opening IN ACCESS EXCLUSIVE MODE",
    "CREATE TEMPORARY TABLE kept_opening ON COMMIT DROP AS SELECT * FROM opening",
    "TRUNCATE opening",
    "INSERT INTO opening SELECT * FROM kept_opening",
)
_HOW = "Set HEADCOUNT_DATABASE_URL to postgresql://USER:PASSWORD@HOST/DATABASE, or leave it empty for SQLite."


def database_address(data: Path, database_url: str) -> URL:
    """Where the database is: PostgreSQL at *database_url*, or a SQLite file in *data* where that is empty.

    Raises:
        StartError: the URL is none, or of another kind of database. It holds a password and is not repeated.
    """
    if not database_url:
        return URL.create("sqlite", database=str(data / SQLITE_FILE))
    try:
        address = make_url(database_url)
    except (ArgumentError, ValueError):
        raise StartError("the address of the database cannot be read", hint=_HOW) from None
    if address.drivername not in {"postgresql", "postgres", "postgresql+psycopg"}:
        raise StartError("the address of the database is not one of PostgreSQL", hint=_HOW)
    return address.set(drivername="postgresql+psycopg")


def open_database(address: URL) -> Engine:
    """Open or create the database at *address* and run the migrations that it has not seen.

    Raises:
        StartError: the PostgreSQL server cannot be reached, or lets nobody in with that user and password; or a newer
            version of Headcount has written the database.
    """
    engine = connect_database(address)
    try:
        with _reaching(engine), engine.begin() as connection:
            if not is_sqlite(engine):
                connection.execute(select(func.pg_advisory_xact_lock(_MIGRATING)))
            migrate(connection)
    except BaseException:
        engine.dispose()
        raise
    return engine


@contextmanager
def _reaching(engine: Engine) -> Iterator[None]:
    try:
        yield
    except CommandError:
        raise StartError(
            "the database was written by a newer version of Headcount",
            hint="Install that version again, or restore a backup that this one made.",
        ) from None
    except StoreUnavailable as error:
        if is_sqlite(engine):
            raise
        # The driver's own words are not told: they may repeat parts of the address.
        raise StartError(
            f"the database cannot be opened ({type(error.__cause__).__name__})",
            hint="See that PostgreSQL runs where HEADCOUNT_DATABASE_URL says, and that the user may create tables.",
        ) from None


def check_can_reach(address: URL) -> None:
    """See whether the PostgreSQL at *address* answers; a SQLite file is made when it is missing.

    Raises:
        StartError: it does not.
    """
    engine = connect_database(address)
    try:
        if not is_sqlite(engine):
            with _reaching(engine), engine.connect():
                pass
    finally:
        engine.dispose()


def is_sqlite(engine: Engine) -> bool:
    """Whether this database is a SQLite file."""
    return engine.dialect.name == "sqlite"


def insert_into(table: Table, connection: Connection) -> sqlite.Insert | postgresql.Insert:
    """An insert that knows ``on_conflict``, in the dialect of the *connection*."""
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)


@contextmanager
def sole_service(engine: Engine) -> Iterator[None]:
    """Hold the database as its only service; a SQLite file is held by the lock of its data folder already.

    PostgreSQL lets go of it by itself when it notices that the process died: who starts again at once waits for that.

    Raises:
        StartError: another service has the database.
    """
    if is_sqlite(engine):
        yield
        return
    holder = create_engine(engine.url, poolclass=NullPool, hide_parameters=True)
    with holder.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not any(_has_lock(connection) for _ in range(_TRIES)):
            raise StartError(
                "another Headcount service already uses this database",
                hint="Stop it first, or give this one a database of its own.",
            )
        yield


def _has_lock(connection: Connection) -> bool:
    if connection.execute(select(func.pg_try_advisory_lock(_SERVING))).scalar_one():
        return True
    time.sleep(_BETWEEN_TRIES)
    return False


def forget_old_pages(engine: Engine) -> None:
    """See to it that the database's files no longer hold what was erased.

    SQLite: everything is moved into the database, and the write-ahead log, which still has the old pages, emptied.
    PostgreSQL: the table is emptied and filled anew. (VACUUM FULL copies what an older snapshot could still see, and
    DBOS holds one for as long as it runs.) Its write-ahead log and its backups are the operator's to age out.
    """
    if not is_sqlite(engine):
        with engine.begin() as connection:
            for statement in _OPENINGS_ANEW:
                connection.exec_driver_sql(statement)
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        raw = connection.connection.cursor()
        try:
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            raw.close()


def migrate(connection: Connection, *, to: str = "head") -> None:
    """Bring the tables to revision *to*: up to ``head``, or down to an earlier one or ``base``."""
    config = Config()
    config.set_main_option("script_location", "api.storage:migrations")
    config.attributes["connection"] = connection
    move = command.upgrade if to == "head" else command.downgrade
    move(config, to)


def connect_database(address: URL) -> Engine:
    """The database as it is, without migrations; nothing is opened before it is used."""
    if address.get_backend_name() != "sqlite":
        engine = joining(create_engine(address, hide_parameters=True, pool_pre_ping=True))
        tell_refusals(engine)
        return engine
    engine = joining(create_engine(address, hide_parameters=True))
    tell_refusals(engine)
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin)
    return engine


def close_database(engine: Engine) -> None:
    """Close every connection: at once, or, where a thread is still at work with it, when that gives it back."""
    event.listen(engine, "checkin", _forget)
    engine.dispose()


def _forget(_connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
    record.invalidate()


def _configure(connection: sqlite3.Connection, _record: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # _begin opens transactions; sqlite3 itself would open them too late
    for pragma in _PRAGMAS:
        connection.execute(pragma).close()


def _begin(connection: Connection) -> None:
    # IMMEDIATE: what a transaction read is still so when it writes.
    connection.exec_driver_sql("BEGIN IMMEDIATE")
