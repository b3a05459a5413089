"""Several processes on one PostgreSQL keep the promises of one: nonces, limits, one log, one current file a list."""

import os
import pickle
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from api_town import Town, a_file, new_key, people, sign, wait_until
from limits.storage import MemoryStorage
from postgres import Server
from test_api_serve import SERVE, ask, coordinator, found, now, running

from api.callers import own_event
from api.errors import LogUnavailable, NotFound, NotWitnessed, StartError
from api.hub import SOCKET, Hub, answering
from api.hub_calls import Size
from api.hub_client import FarJobs, FarLog, FarWindows, Line
from api.journal import Journal
from api.linking import Linking
from api.processes import handed_on
from api.settings import Settings
from api.storage.engine import connect_database, database_address
from api.storage.uploads import Uploads
from audit.errors import CosignatureRefused, LogCannotBeWritten, OldSizeDiffers
from audit.events import Act
from audit.log import AuditLog
from audit.signing import LogSigner
from audit.verify import verify_bundle

__all__ = ["coordinator"]
EVENT = own_event(Act.STARTED, "service")


# The hub alone, within one process.


@pytest.fixture
def line(town: Town) -> Iterator[Line]:
    """A line to the log and the queue of *town*."""
    data = town.parts.settings.data
    with answering(Hub(town.parts.journal.log, town.parts.jobs, MemoryStorage()), data):
        line = Line(data)
        yield line
        line.close()


@pytest.fixture
def far(town: Town, line: Line) -> FarLog:
    return FarLog(line, town.parts.journal.vkeys)


def test_the_log_of_another_process_is_the_same_log(town: Town, far: FarLog, tmp_path: Path) -> None:
    near = town.parts.journal
    receipt = far.append(EVENT)
    assert (far.size, receipt.index) == (near.size, near.size - 1)
    assert far.entries(receipt.index, 5) == near.entries(receipt.index, 5)
    assert far.checkpoint() == near.checkpoint()
    assert far.proof(receipt.index) == near.proof(receipt.index)
    assert far.witnessing.submission(3) == near.witnessing.submission(3)
    far.export(tmp_path / "bundle")
    assert verify_bundle(tmp_path / "bundle", vkeys=far.vkeys, receipts=[receipt]).entries == near.size


def test_what_the_log_refuses_is_told_as_the_log_tells_it(far: FarLog) -> None:
    with pytest.raises(NotFound, match="there is nothing here"):
        Journal(far, now).proof(1000)
    with pytest.raises(NotWitnessed, match="no state of the log is cosigned by 1 witnesses yet"):
        Journal(far, now).proof(0, need=1)
    far.checkpoint()
    with pytest.raises(OldSizeDiffers, match="has signed") as differs:
        far.witnessing.submission(1000)
    assert 0 < differs.value.size < 1000
    with pytest.raises(CosignatureRefused, match=r"checkpoint|note"):
        far.witnessing.take("no checkpoint")
    with pytest.raises(LogCannotBeWritten, match="the request cannot be read"):
        far.append(own_event(Act.STARTED, "x" * 300))


def test_only_the_owner_may_use_the_socket(town: Town, line: Line) -> None:
    assert (town.parts.settings.data / SOCKET).stat().st_mode & 0o777 == 0o600


def test_who_says_nonsense_is_told_so_and_changes_nothing(town: Town, line: Line) -> None:
    before = town.parts.journal.size
    with socket.socket(socket.AF_UNIX) as asking:
        asking.connect(str(town.parts.settings.data / SOCKET))
        asking.sendall(b'{"type":"Append","event":{}}\nnonsense\n')
        with asking.makefile("rb") as answers:
            assert all(b"cannot be read" in answers.readline() for _ in range(2))
    assert town.parts.journal.size == before


def test_without_the_first_process_nothing_is_done(town: Town, far: FarLog) -> None:
    lost = Line(town.parts.settings.data / "nowhere")
    with pytest.raises(LogUnavailable, match="cannot be written or read"):
        Journal(FarLog(lost, ""), now).append(EVENT)
    with pytest.raises(LogUnavailable, match="does not answer"):
        FarWindows(lost).acquire_entry("key", 1, 60)
    with pytest.raises(LogUnavailable, match="does not answer"):
        FarJobs(town.parts.jobs.linkages, town.parts.jobs.tasks, lost).submit("run")


def test_where_a_run_cannot_be_queued_the_request_fails_and_the_line_is_not_used_again(
    town: Town, line: Line, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    far = FarJobs(town.parts.jobs.linkages, town.parts.jobs.tasks, line)
    with monkeypatch.context() as patched:
        patched.setattr(town.parts.jobs, "submit_task", broken)
        with pytest.raises(LogUnavailable, match="does not answer"):
            far.submit_task("job")
    assert [record.name for record in caplog.records if record.exc_info] == ["headcount.hub"]
    assert line.ask(Size(), int) == town.parts.journal.size


def broken(_job: str) -> None:
    raise RuntimeError("the database of jobs is away")


def test_an_engine_that_cannot_be_pickled_keeps_no_process_from_starting() -> None:
    def here(files: object, out: object, *, progress: object) -> object: ...

    assert pickle.loads(pickle.dumps(handed_on(Linking(link=here)))) == Linking()


def test_many_threads_append_at_once_and_nothing_is_lost(town: Town, far: FarLog) -> None:
    before = far.size
    with ThreadPoolExecutor(8) as threads:
        receipts = list(threads.map(lambda _: far.append(EVENT), range(80)))
    assert sorted(receipt.index for receipt in receipts) == list(range(before, before + 80))


def test_requests_are_counted_together(line: Line) -> None:
    one, other = FarWindows(line), FarWindows(line)
    assert [one.acquire_entry("key", 3, 60), other.acquire_entry("key", 3, 60)] == [True, True]
    assert [one.acquire_entry("key", 3, 60), other.acquire_entry("key", 3, 60)] == [True, False]
    assert one.get_moving_window("key", 3, 60) == other.get_moving_window("key", 3, 60)
    assert one.get_moving_window("key", 3, 60)[1] == 3


def test_sqlite_has_one_process(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="cannot share a SQLite file") as refused:
        Settings(data=tmp_path, processes=2)
    assert "HEADCOUNT_DATABASE_URL" in refused.value.hint
    with pytest.raises(StartError, match="no process would answer"):
        Settings(data=tmp_path, processes=0)


# Real processes.


def two_free_ports() -> int:
    """The first of two neighbouring ports that nobody listens at."""
    while True:
        with socket.create_server(("127.0.0.1", 0)) as one, socket.socket() as next_one:
            port: int = one.getsockname()[1]
            if port < 65535 and next_one.connect_ex(("127.0.0.1", port + 1)):
                return port


@contextmanager
def two_processes(
    data: Path, coordinator: Path, database_url: str, **settings: object
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    environment = {
        "HEADCOUNT_DATABASE_URL": database_url,
        "HEADCOUNT_PROCESSES": "2",
        "HEADCOUNT_APPROVALS": "one",
    } | {f"HEADCOUNT_{name.upper()}": str(value) for name, value in settings.items()}
    command = ("-c", SERVE, "serve", "--port", "0", "--data", str(data), "--coordinator", str(coordinator))
    with running(*command, environment=environment) as started:
        yield started


def at_once(act: Callable[[], Any], times: int) -> list[Any]:
    with ThreadPoolExecutor(8) as threads:
        return [each.result() for each in [threads.submit(act) for _ in range(times)]]


def signed(address: str, member: str, path: str) -> httpx2.Request:
    request = httpx2.Request("GET", f"{address}{path}")
    sign(request, new_key(member), now=now())
    return request


def sent(request: httpx2.Request) -> int:
    """The status of *request*, sent through a connection of its own."""
    with httpx2.Client() as client:
        return client.send(request).status_code


def answered_by(port: int) -> int:
    """How many requests the process has answered whose numbers are at *port*."""
    text = httpx2.get(f"http://127.0.0.1:{port}/metrics").text
    return sum(
        int(float(line.split()[-1])) for line in text.splitlines() if line.startswith("headcount_requests_total")
    )


def check_the_newest_is_current(data: Path, url: str) -> None:
    """Of nine files one is current: that whose entry in the log is the last."""
    engine = connect_database(database_address(data, url))
    uploads = Uploads(engine)
    (current,), latest = uploads.current(1), uploads.latest()
    assert (len(uploads.all()), current) == (9, latest)
    engine.dispose()


@pytest.mark.slow
def test_two_processes_are_one_service(tmp_path: Path, coordinator: Path, postgres: Server) -> None:
    data, metrics, url = tmp_path / "data", two_free_ports(), postgres.new_database()
    limited = {"metrics_port": metrics, "rate_per_key": 60, "rate_of_refusals": 0}
    with two_processes(data, coordinator, url, **limited) as (process, address):
        found(address)
        for _ in range(3):
            replayed = signed(address, "coordinator", "/api/v1/me")
            assert sorted(at_once(lambda request=replayed: sent(request), 12)) == [200] + [401] * 11

        files = [a_file("food_bank", people(*range(number + 2))) for number in range(8)]
        headers = {"content-type": "application/jsonl"}
        upload = lambda: ask(address, "food_bank", "POST", "/api/v1/uploads", content=files.pop(), headers=headers)  # noqa: E731
        assert {answer.status_code for answer in at_once(upload, 8)} == {201}
        check_the_newest_is_current(data, url)

        asked = at_once(lambda: sent(signed(address, "food_bank", "/api/v1/me")), 80)
        assert asked.count(200) == 60 - 9  # so many files went before
        assert set(asked) == {200, 429}
        assert answered_by(metrics) > 0 < answered_by(metrics + 1)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    assert not (data / SOCKET).exists()
    with AuditLog.open(data / "log", LogSigner.load(data / "log.key"), clock=now) as log:
        events = [entry.event for entry in log.entries(0, 100)]
        log.export(tmp_path / "bundle")
    assert verify_bundle(tmp_path / "bundle", vkeys=(data / "log.vkey").read_text()).entries == len(events)
    assert sum(event.act is Act.UPLOAD_ACCEPTED for event in events) == 9
    assert sum(int(event.details["requests"]) for event in events if event.act is Act.REFUSED) == asked.count(429)


def children_of(process: subprocess.Popen[str]) -> set[int]:
    listed = subprocess.run(["ps", "-ww", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True).stdout
    found = (line.split(maxsplit=2) for line in listed.splitlines()[1:])
    return {int(pid) for pid, parent, args in found if int(parent) == process.pid and "spawn_main" in args}


def runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return not state.startswith("Z") and bool(state)


@pytest.mark.slow
def test_no_process_outlives_the_first(tmp_path: Path, coordinator: Path, postgres: Server) -> None:
    with two_processes(tmp_path / "data", coordinator, postgres.new_database()) as (process, _):
        children = children_of(process)
        assert len(children) == 2
        process.kill()
        process.wait()
        wait_until(lambda: not any(runs(child) for child in children))


@pytest.mark.slow
def test_when_one_process_dies_all_end_and_say_so(tmp_path: Path, coordinator: Path, postgres: Server) -> None:
    with two_processes(tmp_path / "data", coordinator, postgres.new_database()) as (process, _):
        os.kill(children_of(process).pop(), signal.SIGKILL)
        assert process.wait(30) == 1
        assert "one of the processes that answer requests has ended" in process.stderr.read()
