"""A database that cannot be read or written: told as such, and everything works again once it can."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from api_town import Town
from faulty_disk import Fault, refusal
from postgres import Server
from sqlalchemy import URL, Engine, event
from sqlalchemy.exc import DBAPIError

from api.errors import StoreUnavailable
from api.storage.engine import connect_database, database_address, open_database


@pytest.fixture
def full_database(town: Town, monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """Switches a disk that is full for every statement on and off."""
    engine, state = town.parts.engine, {"full": False}

    def refuse(*_given: Any) -> None:
        if state["full"]:
            raise refusal(engine, Fault.FULL)

    event.listen(engine, "do_execute", refuse)
    event.listen(engine, "do_execute_no_params", refuse)
    return lambda full: state.update(full=full)


def test_a_member_is_not_told_to_be_a_stranger_when_the_roster_cannot_be_read(
    town: Town, full_database: Callable[[bool], None]
) -> None:
    full_database(True)
    answer = town.send("food_bank", "GET", "/api/v1/me")
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:headcount:problem:store-unavailable")
    assert "disk is full" not in answer.text
    full_database(False)
    assert town.send("food_bank", "GET", "/api/v1/me").status_code == 200


def test_a_page_says_so_too(town: Town, full_database: Callable[[bool], None]) -> None:
    browser = town.sign_in("coordinator")
    full_database(True)
    answer = browser.get("/uploads")
    assert answer.status_code == 503
    assert "database cannot be read or written" in answer.text
    full_database(False)
    assert browser.get("/uploads").status_code == 200


def test_readiness_says_so(town: Town, full_database: Callable[[bool], None]) -> None:
    full_database(True)
    assert town.client.get("/readyz").status_code == 503
    full_database(False)
    assert town.client.get("/readyz").status_code == 200


def test_a_damaged_file_is_a_refusal_too(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.sqlite"
    damaged.write_bytes(b"no database, but as long as the header of one is. " * 100)
    engine = connect_database(URL.create("sqlite", database=str(damaged)))
    with pytest.raises(StoreUnavailable, match="cannot be read or written"), engine.begin():
        pass
    engine.dispose()


def test_what_we_asked_wrongly_is_no_refusal(engine: Engine) -> None:
    with pytest.raises(DBAPIError, match="no_such_table"), engine.begin() as connection:
        connection.exec_driver_sql("SELECT * FROM no_such_table")


def test_a_server_that_takes_no_writes_refuses(tmp_path: Path, postgres: Server) -> None:
    engine = open_database(database_address(tmp_path, postgres.new_database()))
    with engine.connect() as connection:
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
        with pytest.raises(StoreUnavailable, match="cannot be read or written"):
            connection.exec_driver_sql("CREATE TABLE new (id int)")
    engine.dispose()
