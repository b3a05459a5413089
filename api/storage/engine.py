"""Opening the database: SQLite in WAL mode, every commit on disk before it counts, brought up to date."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.pool import ConnectionPoolEntry

from api.storage.refusing import tell_refusals
from api.storage.together import joining

# WAL: readers and the writer side by side. FULL: a commit survives a power cut (sqlite.org/pragma.html).
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",  # what is erased is overwritten
    "PRAGMA busy_timeout=10000",
)


def open_database(path: Path) -> Engine:
    """Open or create the database at *path* and run the migrations that it has not seen."""
    engine = joining(create_engine(URL.create("sqlite", database=str(path)), hide_parameters=True))
    tell_refusals(engine)
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin)
    with engine.connect() as connection:
        _migrate(connection)
    return engine


def _configure(connection: sqlite3.Connection, _record: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # _begin opens transactions; sqlite3 itself would open them too late
    for pragma in _PRAGMAS:
        connection.execute(pragma).close()


def _begin(connection: Connection) -> None:
    # IMMEDIATE: what a transaction read is still so when it writes.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _migrate(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", "api.storage:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
