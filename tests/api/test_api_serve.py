"""The service as a process: it survives being killed, shares its folder with nobody, and stops when told."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest
from api_town import EPOCH, MEMBERS, a_file, a_town, new_key, people, public_line, sign, wait_until

from api.errors import StartError
from api.linking import Linking
from api.settings import Settings
from api.starting import open_parts
from audit.events import Act
from audit.log import AuditLog
from audit.signing import LogSigner

HERE = Path(__file__).parent
SERVE = "import typer, api.cli; app = typer.Typer(); app.callback()(lambda: None); api.cli.register(app); app()"


def now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def running(*command: str, environment: dict[str, str] | None = None) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server process and the address it says it is ready at; killed at the end if it still runs."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("HEADCOUNT_")}
    process = subprocess.Popen(
        [sys.executable, *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=own | (environment or {}),
    )
    try:
        line = process.stdout.readline()
        assert " ready " in f" {line}", process.stderr.read()
        yield process, line.split()[-1]
    finally:
        process.kill()
        process.communicate()


def ask(address: str, member: str, method: str, path: str, **options: object) -> httpx2.Response:
    with httpx2.Client(base_url=address) as client:
        request = client.build_request(method, path, **options)
        sign(request, new_key(member), now=now())
        return client.send(request)


@pytest.fixture
def coordinator(tmp_path: Path) -> Path:
    path = tmp_path / "coordinator.pub"
    path.write_text(public_line(new_key("coordinator"), "the coordinator"))
    return path


def found(address: str) -> None:
    role, kind = MEMBERS["food_bank"]
    body = {"name": "Food Bank", "role": role, "kind": kind, "public_key": public_line(new_key("food_bank"))}
    assert ask(address, "coordinator", "PUT", "/api/v1/members/food_bank", json=body).status_code == 200
    assert ask(address, "coordinator", "PUT", "/api/v1/epochs/1", json=EPOCH).status_code == 200
    sent = {"content-type": "application/jsonl"}
    body = a_file("food_bank", people(*range(20)))
    assert ask(address, "food_bank", "POST", "/api/v1/uploads", content=body, headers=sent).status_code == 201


@pytest.mark.slow
def test_a_linkage_that_was_killed_in_the_middle_is_done_again_after_the_restart(
    tmp_path: Path, coordinator: Path
) -> None:
    data = tmp_path / "data"
    command = (str(HERE / "slow_service.py"), str(data), str(coordinator))
    with running(*command) as (process, address):
        found(address)
        run = ask(address, "coordinator", "POST", "/api/v1/runs").json()["run"]
        wait_until(lambda: (data / "first-attempt").exists())
        assert ask(address, "coordinator", "GET", f"/api/v1/runs/{run}").json()["state"] == "running"
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert (data / "runs" / run / "half-written").exists()
    with running(*command) as (process, address):
        asked = f"/api/v1/runs/{run}"
        wait_until(lambda: ask(address, "coordinator", "GET", asked).json()["state"] == "finished")
        counted = ask(address, "coordinator", "GET", "/api/v1/counts?by=agency&purpose=planning").json()
        assert counted["run"] == run
        assert counted["table"]["total"]["people"] == 21
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    assert [path.name for path in (data / "runs" / run).iterdir()] == ["results"]
    with AuditLog.open(data / "log", LogSigner.load(data / "log.key"), clock=now) as log:
        acts = [entry.event.act for entry in log.entries(0, 1000)]
    assert acts.count(Act.RUN_STARTED) == acts.count(Act.RUN_FINISHED) == 1
    assert (acts.count(Act.STARTED), acts.count(Act.STOPPED)) == (2, 1)


@pytest.mark.slow
def test_a_stop_does_not_wait_for_a_linkage(tmp_path: Path, coordinator: Path) -> None:
    data = tmp_path / "data"
    with running(str(HERE / "slow_service.py"), str(data), str(coordinator)) as (process, address):
        found(address)
        ask(address, "coordinator", "POST", "/api/v1/runs")
        wait_until(lambda: (data / "first-attempt").exists())
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


@pytest.mark.slow
def test_the_command_says_when_it_is_ready_and_refuses_a_second_server(tmp_path: Path, coordinator: Path) -> None:
    data = tmp_path / "data"
    command = ("-c", SERVE, "serve", "--data", str(data), "--port", "0")
    with running(*command, "--coordinator", str(coordinator)) as (process, address):
        assert address.startswith("http://127.0.0.1:")
        assert httpx2.get(f"{address}/readyz").json() == {"status": "ready"}
        assert (data / "log.vkey").read_text().count("\n") == 2
        second = subprocess.run([sys.executable, *command], capture_output=True, text=True, check=False)
        assert second.returncode == 1
        assert "another Headcount service already runs on" in second.stderr
        assert "Traceback" not in second.stderr
        port = address.rsplit(":", 1)[1]
        elsewhere = (*command[:-3], str(tmp_path / "other"), "--port", port, "--coordinator", str(coordinator))
        taken = subprocess.run([sys.executable, *elsewhere], capture_output=True, text=True, check=False)
        assert taken.returncode == 1
        assert f"port {port} on 127.0.0.1 cannot be used" in taken.stderr
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
        assert process.stderr.read().count("\n") <= 1


def test_the_command_loads_nothing_heavy_until_it_runs() -> None:
    script = "import sys, api.cli; print([m for m in ('fastapi', 'sqlalchemy', 'dbos', 'splink') if m in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", script], text=True).strip() == "[]"


# The data folder.


def start(settings: Settings) -> None:
    with open_parts(settings, Linking(), now):
        pass


def test_a_new_folder_needs_a_coordinator(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="has no coordinator") as refused:
        start(Settings(data=tmp_path / "data"))
    assert "--coordinator" in refused.value.hint


def test_a_folder_keeps_its_coordinator(tmp_path: Path, coordinator: Path) -> None:
    data = tmp_path / "data"
    start(Settings(data=data, coordinator=coordinator))
    start(Settings(data=data, coordinator=coordinator))
    start(Settings(data=data))
    other = tmp_path / "other.pub"
    other.write_text(public_line(new_key("usurper")))
    with pytest.raises(StartError, match="has its coordinator already"):
        start(Settings(data=data, coordinator=other))


@pytest.mark.parametrize("content", [b"ssh-ed25519 AAAA me", b"\xff\xfe", b""])
def test_a_key_file_that_is_none_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "key.pub"
    path.write_bytes(content)
    with pytest.raises(StartError, match=r"key\.pub"):
        start(Settings(data=tmp_path / "data", coordinator=path))


def test_a_second_service_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    with a_town(tmp_path / "data") as town, pytest.raises(StartError, match="another Headcount service"):
        start(town.parts.settings)


def test_a_log_that_was_cut_short_keeps_the_service_from_starting(tmp_path: Path, coordinator: Path) -> None:
    data = tmp_path / "data"
    start(Settings(data=data, coordinator=coordinator))
    entries = data / "log" / "entries.jsonl"
    lines = entries.read_bytes().splitlines(keepends=True)
    entries.write_bytes(b"".join(lines[:-1]))
    with pytest.raises(
        StartError, match=f"{len(lines)} entries were signed, but only {len(lines) - 1} are on disk"
    ) as told:
        start(Settings(data=data))
    assert told.value.hint.startswith("Do not start it. Restore the newest backup")


def test_a_lost_log_key_keeps_the_service_from_starting(tmp_path: Path, coordinator: Path) -> None:
    data = tmp_path / "data"
    start(Settings(data=data, coordinator=coordinator))
    (data / "log.key").unlink()
    with pytest.raises(StartError, match="signing key"):
        start(Settings(data=data))


def test_the_folder_is_its_owners_alone(tmp_path: Path, coordinator: Path) -> None:
    start(Settings(data=tmp_path / "data", coordinator=coordinator))
    assert (tmp_path / "data").stat().st_mode & 0o077 == 0


def test_the_log_is_signed_in_the_background(tmp_path: Path) -> None:
    with a_town(tmp_path / "data", checkpoint_seconds=1) as town:
        size = town.parts.journal.size
        last = tmp_path / "data" / "log" / "last-signed"
        wait_until(lambda: last.read_text().split("\n")[1] == str(size))
