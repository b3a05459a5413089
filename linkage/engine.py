"""DuckDB as a throw-away calculator: in memory, closed to the outside, never the record of anything."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from pathlib import Path

import duckdb

Connection = duckdb.DuckDBPyConnection
MEMORY_LIMIT = "4GB"


@contextmanager
def open_engine(*, spill: Path | None = None, memory_limit: str = MEMORY_LIMIT) -> Iterator[Connection]:
    """An in-memory DuckDB that may read and write no file but its spill folder; without one, none at all.

    Encoded files come from others; DuckDB's own security page says that files from others may crash it. So
    it is handed Arrow tables that a strict parser made, and its access to the outside is locked.
    """
    options = {
        "memory_limit": memory_limit,
        "enable_external_access": "false",
        "temp_directory": str(spill or ""),  # unset, it would be .tmp in whatever folder the process runs
    }
    connection = duckdb.connect(":memory:", config=options)  # type: ignore[arg-type]
    try:
        connection.execute("SET lock_configuration = true")
        yield connection
    finally:
        connection.close()


@cache
def statement(name: str) -> str:
    """The text of ``sql/NAME.sql``."""
    return files("linkage").joinpath(f"sql/{name}.sql").read_text("utf-8")
