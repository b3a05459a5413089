"""The database: made by its migrations alone, durable, and brought up to date at start."""

import io
import json
import logging
import re
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect, text

from api.logs import JsonLines
from api.storage.engine import database_address, migrate, open_database
from api.storage.instant import Instant
from api.storage.nonces import KEPT, Nonces
from api.storage.tables import METADATA

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_the_migrations_make_exactly_the_tables_of_the_code(engine: Engine) -> None:
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_opening_again_changes_nothing(engine: Engine) -> None:
    again = open_database(engine.url)
    with again.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all() == ["r0010"]
    again.dispose()


def test_the_migrations_lead_down_again_step_by_step_and_back_up(engine: Engine) -> None:
    for to in ("r0009", "r0008", "r0007", "r0003", "r0002", "r0001", "base"):
        with engine.begin() as connection:
            migrate(connection, to=to)
    assert inspect(engine).get_table_names() == ["alembic_version"]
    with engine.begin() as connection:
        migrate(connection)
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_a_commit_is_on_the_disk_before_it_counts(tmp_path: Path) -> None:
    engine = open_database(database_address(tmp_path, ""))
    with engine.connect() as connection:
        pragmas = ("journal_mode", "synchronous", "foreign_keys")
        values = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in pragmas]
    assert values == ["wal", 2, 1]  # 2 is FULL
    engine.dispose()


def test_a_nonce_counts_once_and_is_forgotten_when_no_signature_could_still_use_it(engine: Engine) -> None:
    nonces = Nonces(engine)
    assert nonces.take("key", "nonce", now=NOW)
    assert not nonces.take("key", "nonce", now=NOW + KEPT)
    assert nonces.take("other key", "nonce", now=NOW)
    assert nonces.take("key", "nonce", now=NOW + KEPT + timedelta(seconds=1))


def test_moments_sort_as_text_whatever_their_zone() -> None:
    kind, zone = Instant(), timezone(timedelta(hours=-8))
    moments = [NOW, NOW.astimezone(zone) + timedelta(microseconds=1), NOW + timedelta(hours=1)]
    written = [kind.process_bind_param(moment, None) for moment in moments]  # type: ignore[arg-type]
    assert written == sorted(written)
    assert [kind.process_result_value(value, None) for value in written] == moments  # type: ignore[arg-type]


def logged(name: str, message: str) -> dict[str, Any]:
    """The line that is written of a record with an error inside an error."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    try:
        try:
            raise KeyError("Ana Made")
        except KeyError as error:
            raise ValueError("Ana\nMade") from error
    except ValueError:
        record = logging.LogRecord(name, logging.ERROR, "api/jobs.py", 7, message, ("Ana",), sys.exc_info())
    handler.emit(record)
    (line,) = stream.getvalue().splitlines()
    assert "Made" not in line
    told: dict[str, Any] = json.loads(line)
    return told


def test_the_services_own_log_is_one_json_object_a_line_and_has_no_message_of_an_error() -> None:
    told = logged("headcount.jobs", "it failed for %s")
    assert (told["level"], told["logger"], told["message"]) == ("error", "headcount.jobs", "it failed for Ana")
    assert told["kinds"] == ["ValueError", "KeyError"]
    assert told["places"][1] == [told["places"][1][0]]
    assert told["places"][0][0].endswith(" logged")
    assert told["place"] == "jobs:7"


def test_an_error_has_the_same_id_whenever_it_comes_again() -> None:
    ids = {logged("headcount", "%s")["error"] for _ in range(2)}
    assert len(ids) == 1
    assert all(re.fullmatch("[0-9a-f]{8}", found) for found in ids)


@pytest.mark.parametrize("name", ["dbos", "uvicorn.error", "headcountless"])
def test_the_words_of_libraries_are_not_written(name: str) -> None:
    assert "message" not in logged(name, "workflow failed: %s")


def test_a_record_without_an_error_tells_of_none() -> None:
    record = logging.LogRecord("headcount", logging.INFO, "api/serve.py", 3, "told to stop", (), (None, None, None))
    told = json.loads(JsonLines().format(record))
    assert told.keys() == {"time", "level", "logger", "place", "message"}
