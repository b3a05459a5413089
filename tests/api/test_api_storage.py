"""The database: made by its migrations alone, durable, and brought up to date at start."""

import io
import json
import logging
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, text

from api.logs import JsonLines
from api.storage.engine import open_database
from api.storage.nonces import KEPT, Nonces
from api.storage.tables import METADATA, Instant

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def opened(tmp_path: Path) -> Engine:
    return open_database(tmp_path / "100%.sqlite")


def test_the_migrations_make_exactly_the_tables_of_the_code(tmp_path: Path) -> None:
    engine = opened(tmp_path)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    engine.dispose()


def test_opening_again_changes_nothing(tmp_path: Path) -> None:
    opened(tmp_path).dispose()
    engine = opened(tmp_path)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all() == ["r0001"]
    engine.dispose()


def test_a_commit_is_on_the_disk_before_it_counts(tmp_path: Path) -> None:
    engine = opened(tmp_path)
    with engine.connect() as connection:
        pragmas = ("journal_mode", "synchronous", "foreign_keys")
        values = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in pragmas]
    assert values == ["wal", 2, 1]  # 2 is FULL
    engine.dispose()


def test_a_nonce_counts_once_and_is_forgotten_when_no_signature_could_still_use_it(tmp_path: Path) -> None:
    engine = opened(tmp_path)
    nonces = Nonces(engine)
    assert nonces.take("key", "nonce", now=NOW)
    assert not nonces.take("key", "nonce", now=NOW + KEPT)
    assert nonces.take("other key", "nonce", now=NOW)
    assert nonces.take("key", "nonce", now=NOW + KEPT + timedelta(seconds=1))
    engine.dispose()


def test_moments_sort_as_text_whatever_their_zone() -> None:
    kind, zone = Instant(), timezone(timedelta(hours=-8))
    moments = [NOW, NOW.astimezone(zone) + timedelta(microseconds=1), NOW + timedelta(hours=1)]
    written = [kind.process_bind_param(moment, None) for moment in moments]  # type: ignore[arg-type]
    assert written == sorted(written)
    assert [kind.process_result_value(value, None) for value in written] == moments  # type: ignore[arg-type]


def test_the_services_own_log_is_one_json_object_a_line() -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    try:
        raise ValueError("two\nlines")
    except ValueError:
        record = logging.LogRecord("headcount", logging.ERROR, "", 0, "it %s", ("failed",), sys.exc_info())
    handler.emit(record)
    (line,) = stream.getvalue().splitlines()
    told = json.loads(line)
    assert (told["level"], told["logger"], told["message"]) == ("error", "headcount", "it failed")
    assert "ValueError: two\nlines" in told["exception"]
