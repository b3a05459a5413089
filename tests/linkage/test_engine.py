"""DuckDB is a calculator behind glass: no files, no network, no way to change that."""

from __future__ import annotations

import duckdb
import pytest

from linkage.engine import open_engine


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT * FROM read_csv('/etc/hosts')", 'Cannot access file "/etc/hosts"'),
        ("SELECT * FROM read_text('http://127.0.0.1:1/')", "disabled"),
        ("COPY (SELECT 1) TO 'leak.csv'", 'Cannot access file "leak.csv"'),
        ("ATTACH 'leak.db'", 'Cannot access file ".*leak.db"'),
        ("INSTALL httpfs", "disabled by configuration"),
        ("LOAD httpfs", "disabled through configuration"),
        ("SET enable_external_access = true", "the configuration has been locked"),
        ("SET temp_directory = 'leak'", "the configuration has been locked"),
    ],
)
def test_the_engine_reaches_nothing_outside(query, message):
    with open_engine() as connection, pytest.raises(duckdb.Error, match=message):
        connection.execute(query).fetchall()


TOO_LARGE = "SELECT count(*) FROM (SELECT md5(range::varchar) AS m FROM range(600000) ORDER BY m DESC LIMIT 590000)"


def test_without_a_spill_folder_nothing_is_written_anywhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with open_engine(memory_limit="20MB") as connection, pytest.raises(duckdb.OutOfMemoryException, match="memory"):
        connection.execute(TOO_LARGE)
    assert not list(tmp_path.iterdir())


def test_with_a_spill_folder_what_is_too_large_for_memory_still_works(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    spill = tmp_path / "spill"
    with open_engine(memory_limit="20MB", spill=spill) as connection:
        assert connection.execute(TOO_LARGE).fetchone() == (590000,)
    assert [path.name for path in tmp_path.iterdir()] in ([], ["spill"])
    assert not spill.exists() or not list(spill.iterdir())
