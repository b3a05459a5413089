"""SQLite and PostgreSQL keep the same promises, and on PostgreSQL they hold between processes."""

import sqlite3
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from api_town import Clock, a_file, a_town, new_key, people
from postgres import Server
from sqlalchemy import Engine, func, select

from api.errors import StartError
from api.linking import Linking
from api.people import Person, PersonRole
from api.proposals import Intent, Kind, Proposal, ProposalState
from api.roster import Member, MemberKey, Role
from api.settings import Settings
from api.starting import open_parts
from api.storage.engine import close_database, database_address, open_database
from api.storage.epochs import Epoch, Epochs
from api.storage.members import Members
from api.storage.nonces import KEPT, Nonces
from api.storage.people import People
from api.storage.proposals import Proposals
from api.storage.remembered import Earlier, Remembered
from api.storage.sessions import Sessions
from api.storage.tables import NONCE, UPLOAD
from api.storage.uploads import Upload, Uploads
from hashing.schema import AgencyKind

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
EPOCH = Epoch(1, "bloom", "ab" * 32, "cd" * 16, "ef" * 32, NOW)
FOOD_BANK = Member(
    "food_bank", "Food Bank", Role.AGENCY, MemberKey(new_key("food_bank").public_key().public_bytes_raw()),
    AgencyKind.NONPROFIT,
)  # fmt: skip
A_FILE = Upload("ab" * 32, "food_bank", 1, 3, "2026-02", NOW, 7, "cd" * 32, "2026-03-01T12:00:00.000000Z")
ANA = Person("0" * 16, "food_bank", "Ana", "ana@food.example", PersonRole.UPLOADER, NOW)
WANTED = Intent(Kind.EPOCH, "epoch/1", {"profile": "bloom"})
AT_ONCE = 8


def at_once(act: Callable[[int], Any]) -> list[Any]:
    """What *act* gives when many call it at the same moment, or the error that it raised."""
    start, found = threading.Barrier(AT_ONCE), [None] * AT_ONCE

    def call(number: int) -> None:
        start.wait(20)
        try:
            found[number] = act(number)
        except Exception as error:  # told to the test, which says which are allowed
            found[number] = error

    threads = [threading.Thread(target=call, args=(number,)) for number in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return found


def test_of_many_equal_nonces_at_once_one_counts(engine: Engine) -> None:
    for turn in range(5):
        found = at_once(lambda _, turn=turn: Nonces(engine).take("key", f"nonce {turn}", now=NOW))
        assert sorted(found) == [False] * (AT_ONCE - 1) + [True]


def test_many_requests_forget_old_nonces_at_once(engine: Engine) -> None:
    for number in range(50):
        assert Nonces(engine).take("key", str(number), now=NOW)
    later = NOW + KEPT + timedelta(seconds=1)
    found = at_once(lambda number: Nonces(engine).take("key", f"new {number}", now=later))
    assert found == [True] * AT_ONCE
    with engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(NONCE)).scalar_one() == AT_ONCE


def test_of_many_uploads_at_once_one_is_current_and_none_is_lost(engine: Engine) -> None:
    Members(engine).put(FOOD_BANK, now=NOW)
    Epochs(engine).add(EPOCH)
    uploads = Uploads(engine)
    assert at_once(lambda number: uploads.add(replace(A_FILE, digest=f"{number:064x}"))) == [None] * AT_ONCE
    assert len(uploads.current(1)) == 1
    with engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(UPLOAD)).scalar_one() == AT_ONCE


def test_a_sign_in_link_lets_in_once_however_often_it_is_used_at_once(engine: Engine) -> None:
    Members(engine).put(FOOD_BANK, now=NOW)
    sessions = Sessions(engine)
    token, _ = sessions.offer_link("food_bank", now=NOW)
    found = at_once(lambda _: sessions.enter(token, now=NOW, before=lambda: None))
    assert sorted(type(one) for one in found if one is not None) == [str]


def test_of_a_persons_links_at_once_one_counts(engine: Engine) -> None:
    Members(engine).put(FOOD_BANK, now=NOW)
    People(engine).add(ANA)
    sessions = Sessions(engine)
    tokens = at_once(lambda _: sessions.offer_link("food_bank", person=ANA.id, now=NOW)[0])
    assert sum(sessions.link_of(token, now=NOW) is not None for token in tokens) == 1


def proposal(number: int) -> Proposal:
    return Proposal(f"{number:016x}", WANTED, "food_bank", NOW)


def test_of_many_equal_proposals_at_once_one_waits(engine: Engine) -> None:
    Members(engine).put(FOOD_BANK, now=NOW)
    proposals = Proposals(engine)
    assert at_once(lambda number: proposals.add(proposal(number))) == [None] * AT_ONCE
    assert proposals.find_same(WANTED, "food_bank") is not None
    assert len(proposals.all()) == AT_ONCE


def test_of_many_decisions_at_once_one_is_logged_and_counts(engine: Engine) -> None:
    Members(engine).put(FOOD_BANK, now=NOW)
    proposals, logged = Proposals(engine), []
    proposals.add(proposal(1))

    def log(state: ProposalState) -> None:
        logged.append(state)
        threading.Event().wait(0.05)  # as a disk takes, so that the others come meanwhile

    def decide(number: int) -> bool:
        state = ProposalState.APPROVED if number % 2 else ProposalState.DECLINED
        return proposals.move(proposal(1).id, state, decider="food_bank", now=NOW, before=lambda: log(state))

    found = at_once(decide)
    # What was approved may still be declined.
    assert 1 <= found.count(True) == len(logged) <= 2
    assert logged.count(ProposalState.APPROVED) <= 1
    assert proposals.all()[0].state is logged[-1]


def test_of_many_requests_with_one_idempotency_key_one_is_done(engine: Engine) -> None:
    Members(engine).put(FOOD_BANK, now=NOW)
    remembered = Remembered(engine)
    for turn in range(3):
        now = NOW + turn * timedelta(days=2)  # what is older is forgotten by all at once
        found = at_once(lambda _, now=now: remembered.claim("food_bank", "key", "ab" * 32, now=now))
        assert found.count(None) == 1
        assert found.count(Earlier("ab" * 32, None)) == AT_ONCE - 1


def test_a_town_lives_on_either_database(tmp_path: Path, database_url: str) -> None:
    data = tmp_path / "data"
    with a_town(data, database_url=database_url) as town:
        for agency in ("food_bank", "clinic"):
            assert town.upload(agency, a_file(agency, people(*range(30)))).status_code == 201
        run = town.link()
        assert town.parts.runs.find(run).failure is None
        made = town.send("coordinator", "POST", "/api/v1/releases", json={"period": "2026-Q1", "purpose": "planning"})
        first = town.send("coordinator", "GET", "/api/v1/counts?by=agency&purpose=planning").json()
        assert town.sign_in("coordinator").get("/").status_code == 200
    assert (data / "headcount.sqlite").exists() is (data / "jobs.sqlite").exists() is (not database_url)
    with a_town(data, database_url=database_url) as town:
        again = town.send("coordinator", "GET", "/api/v1/counts?by=agency&purpose=planning").json()
        assert again["table"] == first["table"]
        assert len(town.parts.releases.all()) == (made.status_code == 201)


def test_a_connection_that_is_in_use_when_the_database_is_closed_is_closed_when_it_is_given_back(
    tmp_path: Path, database_url: str
) -> None:
    engine = open_database(database_address(tmp_path, database_url))
    with engine.begin() as connection:
        raw = connection.connection.dbapi_connection
        close_database(engine)
        assert connection.execute(select(1)).scalar_one() == 1  # as a job does that was not waited for
    with pytest.raises((sqlite3.ProgrammingError, psycopg.OperationalError), match="closed"):
        raw.cursor()


def test_two_services_never_share_a_database(tmp_path: Path, postgres: Server) -> None:
    url = postgres.new_database()
    key = tmp_path / "coordinator.pub"
    with a_town(tmp_path / "one", database_url=url):
        other = Settings(data=tmp_path / "two", coordinator=key, database_url=url)
        refused = pytest.raises(StartError, match="another Headcount service already uses this database")
        with refused, open_parts(other, Linking(), Clock()):
            pass
    with a_town(tmp_path / "one", database_url=url):
        pass


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("postgresql://u:hunter2@h:port/d", "cannot be read"),
        ("hunter2", "cannot be read"),
        ("mysql://u:hunter2@h/d", "not one of PostgreSQL"),
    ],
)
def test_the_password_in_a_wrong_address_is_not_told(tmp_path: Path, url: str, says: str) -> None:
    with pytest.raises(StartError, match=says) as refused:
        database_address(tmp_path, url)
    assert "hunter2" not in f"{refused.value} {refused.value.hint} {refused.value.__cause__}"
    assert "hunter2" not in repr(Settings(data=tmp_path, database_url=url))


def test_a_server_that_is_not_there_is_told_without_the_password(tmp_path: Path) -> None:
    address = database_address(tmp_path, "postgresql://u:hunter2@127.0.0.1:1/d")
    with pytest.raises(StartError, match="the database cannot be opened") as refused:
        open_database(address)
    assert "hunter2" not in f"{refused.value} {refused.value.hint}"
    assert refused.value.__suppress_context__
