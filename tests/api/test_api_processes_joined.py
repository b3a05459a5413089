"""Two processes as two sets of parts on one folder and one PostgreSQL: what one begins, the other goes on with."""

import hashlib
import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from api_town import BASE, SAME_ORIGIN, Town, a_file, a_town, new_key, people, public_line, quick_link
from api_town import wait_until as wait
from authenticator import invitation
from fastapi.testclient import TestClient
from limits.storage import MemoryStorage
from mail_server import a_mail_server
from postgres import Server
from test_api_mail import mail_of
from test_api_pieces import PIECE, SESSIONS, incoming

from api.app import create_app
from api.hub import Hub, answering
from api.hub_client import FarLog
from api.joining import join_parts
from api.linking import Linking
from api.storage.remembered import Earlier
from api.turns import Turn

FEBRUARY = {"period": "2026-02", "purpose": "planning"}
GOOD = a_file("food_bank", people(*range(12)))


@contextmanager
def joined(folder: Path, url: str, *, linking: Linking | None = None, **settings: Any) -> Iterator[tuple[Town, Town]]:
    """The first process, which writes the log and does the jobs, and another one that asks it."""
    with a_town(folder, database_url=url, processes=2, linking=linking, **settings) as first:
        hub = Hub(first.parts.journal.log, first.parts.jobs, MemoryStorage())
        told = first.parts.settings
        with answering(hub, told.data), join_parts(told, Linking(link=not_here), first.clock) as parts:
            assert isinstance(parts.journal.log, FarLog)
            yield first, Town(parts, TestClient(create_app(parts), base_url=BASE), first.clock, first.keys)


def not_here(*_args: Any, **_options: Any) -> object:
    raise AssertionError("linkages are for the first process")


@pytest.fixture
def both(tmp_path: Path, postgres: Server) -> Iterator[tuple[Town, Town]]:
    with joined(tmp_path / "data", postgres.new_database()) as both:
        yield both


def at_once(act: Callable[[int], Any], times: int) -> list[Any]:
    with ThreadPoolExecutor(times) as threads:
        return list(threads.map(act, range(times)))


def job_of(town: Town, member: str, job: str) -> dict[str, Any]:
    told: dict[str, Any] = town.send(member, "GET", f"/api/v1/jobs/{job}").json()
    return told


def ended(town: Town, member: str, job: str) -> dict[str, Any]:
    wait(lambda: job_of(town, member, job)["ended"])
    return job_of(town, member, job)


def begun(town: Town, body: bytes, member: str = "food_bank") -> Any:
    asked = {"digest": hashlib.sha256(body).hexdigest(), "length": len(body)}
    return town.send(member, "POST", SESSIONS, json=asked)


def put(town: Town, session: str, offset: int, piece: bytes) -> int:
    sent = town.send("food_bank", "PUT", f"{SESSIONS}/{session}/pieces/{offset}", content=piece, headers=PIECE)
    return sent.status_code


def test_a_file_whose_pieces_reach_both_processes_is_kept_whole(both: tuple[Town, Town]) -> None:
    first, second = both
    session = begun(second, GOOD).json()["session"]
    for number, offset in enumerate(range(0, len(GOOD), 500)):
        # The same piece comes to both at once, as when a client that heard nothing sends it again.
        found = at_once(lambda turn, at=offset: put(both[turn % 2], session, at, GOOD[at : at + 500]), 4)
        assert (number, set(found)) == (number, {200})
    job = second.send("food_bank", "POST", f"{SESSIONS}/{session}/finish").json()["job"]
    assert ended(second, "food_bank", job)["state"] == "finished"
    assert first.parts.files.path(hashlib.sha256(GOOD).hexdigest()).read_bytes() == GOOD
    assert incoming(first) == []


def test_an_agencys_quota_is_one_for_both(tmp_path: Path, postgres: Server) -> None:
    with joined(tmp_path / "data", postgres.new_database(), upload_quota_sessions=3) as both:
        bodies = [a_file("food_bank", people(*range(number + 2))) for number in range(8)]
        found = at_once(lambda turn: begun(both[turn % 2], bodies[turn]).status_code, 8)
        assert sorted(found) == [201] * 3 + [409] * 5
        assert len(incoming(both[0])) == 3


def test_of_files_sent_to_both_at_once_the_last_in_the_log_is_current(both: tuple[Town, Town]) -> None:
    bodies = [a_file("food_bank", people(*range(number + 2))) for number in range(8)]
    found = at_once(lambda turn: both[turn % 2].upload("food_bank", bodies[turn]).status_code, 8)
    assert found == [201] * 8
    for town in both:
        (current,) = town.parts.uploads.current(1)
        assert f"upload/{current.digest}" == town.last("upload-accepted").event.object


def test_whoever_signs_in_at_one_is_signed_in_at_the_other_and_out_of_both(both: tuple[Town, Town]) -> None:
    first, second = both
    browser = second.sign_in("coordinator")
    other = TestClient(create_app(first.parts), base_url=BASE, cookies=browser.cookies)
    assert (other.get("/people").status_code, browser.get("/people").status_code) == (200, 200)
    assert other.post("/sign-out", headers=SAME_ORIGIN, follow_redirects=False).status_code == 200
    assert browser.get("/people", follow_redirects=False).status_code != 200
    url = first.send("coordinator", "POST", "/api/v1/sign-in-links").json()["url"]
    assert sorted(at_once(lambda turn: entered(both[turn % 2], url), 6)) == [303] + [401] * 5


def entered(town: Town, url: str) -> int:
    browser = TestClient(town.client.app, base_url=BASE)
    return browser.post(url, headers=SAME_ORIGIN, follow_redirects=False).status_code


def linked(both: tuple[Town, Town]) -> None:
    for town, agency in zip(both, ("food_bank", "clinic"), strict=True):
        assert town.upload(agency, a_file(agency, people(*range(20)))).status_code == 201
    both[1].link()


def test_a_release_that_one_asks_for_is_made_by_the_first_and_its_packet_is_one(both: tuple[Town, Town]) -> None:
    first, second = both
    linked(both)
    asked = {"json": FEBRUARY, "headers": {"prefer": "respond-async"}}
    told = second.send("coordinator", "POST", "/api/v1/releases", **asked).json()
    assert ended(second, "coordinator", told["job"])["result"]["release"] == 0
    shutil.rmtree(first.parts.settings.data / "packets")
    path = "/api/v1/releases/0/packet"
    found = at_once(lambda turn: both[turn % 2].send("coordinator", "GET", path), 6)
    assert {answer.status_code for answer in found} == {200}
    assert len({answer.content for answer in found}) == 1
    assert [kept.suffix for kept in (first.parts.settings.data / "packets").iterdir()] == [".zip"]


def test_a_purge_that_one_asks_for_is_done_by_the_first(both: tuple[Town, Town]) -> None:
    first, second = both
    for number in (12, 13):
        second.upload("food_bank", a_file("food_bank", people(*range(number))))
    first.clock.advance(days=31)
    told = second.send("operator", "POST", "/api/v1/purges").json()
    assert ended(second, "operator", told["job"])["result"]["files"] == 1
    assert len(list((first.parts.settings.data / "uploads").iterdir())) == 1


def test_what_one_cancels_the_first_does_not_go_on_with(tmp_path: Path, postgres: Server) -> None:
    begins, go_on = threading.Event(), threading.Event()

    def link(files: Any, out: Path, *, progress: Any) -> object:
        begins.set()
        assert go_on.wait(60)
        return quick_link(files, out, progress=progress)

    with joined(tmp_path / "data", postgres.new_database(), linking=Linking(link=link)) as (first, second):
        assert second.upload("food_bank", GOOD).status_code == 201
        run = second.send("coordinator", "POST", "/api/v1/runs").json()["run"]
        assert begins.wait(60)
        assert second.send("coordinator", "DELETE", f"/api/v1/jobs/{run}").json()["state"] == "cancelled"
        assert first.parts.jobs.busy
        go_on.set()
        wait(lambda: not first.parts.jobs.busy and not (first.parts.settings.data / "runs" / run).exists())
        with first.parts.files.lock:  # the purge that comes first waits for it, and the other one for that purge
            waits, waiting = (second.send("operator", "POST", "/api/v1/purges").json()["job"] for _ in range(2))
            wait(lambda: job_of(second, "operator", waits)["state"] == "running")
            assert second.send("coordinator", "DELETE", f"/api/v1/jobs/{waiting}").json()["state"] == "cancelled"
        assert ended(second, "operator", waits)["state"] == "finished"
        wait(lambda: not first.parts.jobs.busy)
        assert job_of(second, "operator", waiting)["state"] == "cancelled"
        told = {entry.event.object for entry in first.log() if entry.event.act == "job-cancelled"}
        assert told == {f"run/{run}", f"job/{waiting}"}


def test_a_letter_that_one_queues_is_sent_by_the_first(tmp_path: Path, postgres: Server) -> None:
    url = postgres.new_database()
    with a_town(tmp_path / "data", database_url=url):
        pass
    with a_mail_server() as server, joined(tmp_path / "data", url, approvals="two", **mail_of(server)) as both:
        approver = invitation(both[1], "auditor", "auditor")["person"]
        body = {"name": "Y", "role": "auditor", "public_key": public_line(new_key("other"))}
        assert both[1].send("coordinator", "PUT", "/api/v1/members/other", json=body).status_code == 202
        wait(lambda: server.letters)
        assert [letter["To"] for letter in server.letters] == [approver["email"]]
        wait(lambda: not both[0].parts.job_table.unfinished())


def test_a_process_that_comes_leaves_the_others_requests_alone_and_a_start_does_not(
    tmp_path: Path, postgres: Server
) -> None:
    folder, url, request = tmp_path / "data", postgres.new_database(), "ab" * 32
    with joined(folder, url) as (first, second):
        assert first.parts.remembered.claim("food_bank", "key", request, now=first.clock()) is None
        with join_parts(first.parts.settings, Linking(), first.clock) as third:
            for parts in (second.parts, third):
                assert parts.remembered.claim("food_bank", "key", request, now=first.clock()) == Earlier(request, None)
    with joined(folder, url, clock=first.clock) as (_, second):
        assert second.parts.remembered.claim("food_bank", "key", request, now=first.clock()) is None


def test_a_turn_has_one_holder_among_threads_and_processes(tmp_path: Path) -> None:
    turns = [Turn(tmp_path / "turn.lock") for _ in range(3)]  # each as in a process of its own
    inside: list[int] = []

    def take(number: int) -> int:
        with turns[number % 3]:
            inside.append(number)
            most = len(inside)
            threading.Event().wait(0.002)
            inside.remove(number)
            return most

    assert set(at_once(take, 24)) == {1}
    with pytest.raises(FileNotFoundError, match="nowhere"), Turn(tmp_path / "nowhere" / "turn.lock"):
        pass
    with turns[0]:
        assert (tmp_path / "turn.lock").stat().st_mode & 0o777 == 0o600
