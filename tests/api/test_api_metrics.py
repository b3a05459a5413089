"""What the operator sees: numbers for Prometheus that name no client, and whether the service can do its work."""

import errno
import os
import re
import socket
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from api_town import Town, a_file, a_town, copy_town, people
from prometheus_client import CollectorRegistry, Counter, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy.exc import OperationalError

from api.errors import StartError
from api.serve import measuring
from api.settings import Settings
from api.storage.nonces import Nonces
from api.telemetry import TELEMETRY, is_left_out
from audit.disk import Disk


@pytest.fixture
def town(founded: Path, tmp_path: Path) -> Iterator[Town]:
    """A town of its own, which was founded once for all."""
    copy_town(founded, tmp_path / "data")
    with a_town(tmp_path / "data") as town:
        yield town


def numbers(town: Town) -> dict[tuple[str, tuple[str, ...]], float]:
    text = generate_latest(town.client.app.state.measures.registry).decode()
    families = text_string_to_metric_families(text)
    return {(one.name, tuple(one.labels.values())): one.value for family in families for one in family.samples}


def test_requests_are_counted_by_the_route_and_not_by_its_address(town: Town) -> None:
    town.send("coordinator", "GET", "/api/v1/runs/none")
    town.send("coordinator", "GET", "/api/v1/runs/nothing")
    town.client.get("/api/v1/me")
    town.client.get("/nowhere/at/all")
    found = numbers(town)
    assert found["headcount_requests_total", ("GET", "/api/v1/runs/{run_id}", "404")] == 2
    assert found["headcount_requests_total", ("GET", "none", "401")] == 1
    assert found["headcount_requests_total", ("GET", "none", "404")] == 1
    assert found["headcount_request_seconds_count", ("GET", "/api/v1/runs/{run_id}")] == 2


def test_the_state_of_the_service_is_told(town: Town) -> None:
    town.upload("clinic", a_file("clinic", people(*range(12))))
    town.link()
    town.clock.advance(minutes=5)
    found = numbers(town)
    assert found["headcount_runs", ("finished",)] == 1
    assert found["headcount_runs", ("failed",)] == 0
    assert found["headcount_members", ("agency",)] == 5
    assert found["headcount_log_entries", ()] == town.parts.journal.size
    assert found["headcount_upload_age_seconds", ("clinic",)] == 300
    assert found["headcount_proposals_pending", ()] == 0
    assert {found["headcount_ready", (part,)] for part in ("log", "database", "disk")} == {1}


def test_the_time_since_the_log_was_signed_grows_until_it_is_signed_again(town: Town) -> None:
    town.parts.journal.checkpoint()
    town.clock.advance(seconds=40)
    assert numbers(town)["headcount_log_signed_seconds", ()] == 40  # and then it was tried, and so signed
    assert numbers(town)["headcount_log_signed_seconds", ()] == 0


def test_no_number_is_of_people_and_no_label_names_one(town: Town) -> None:
    body = a_file("clinic", people(*range(12)))
    town.upload("clinic", body)
    run = town.link()
    digest = town.send("clinic", "GET", "/api/v1/uploads").json()[0]["upload"]
    town.send("clinic", "GET", f"/api/v1/uploads/{digest}")
    town.sign_in("coordinator")
    text = generate_latest(town.client.app.state.measures.registry).decode()
    rows = [line.split(b'"')[3].decode() for line in body.splitlines()[1:]]
    assert not [word for word in (*rows, run, digest, "clinic care desk", "Clinic") if word in text]
    assert 'route="/sign-in/{token}"' in text
    assert " 12.0" not in text


def test_a_method_that_nobody_knows_makes_no_label_of_its_own(town: Town) -> None:
    for number in range(3):
        town.client.request(f"X{number}", "/healthz")
    assert numbers(town)["headcount_requests_total", ("other", "/healthz", "405")] == 3


def test_the_operator_may_have_a_line_for_each_request_that_names_the_route_alone(
    founded: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    copy_town(founded, tmp_path / "data")
    with a_town(tmp_path / "data", log_requests=1) as town, caplog.at_level("INFO", logger="headcount.requests"):
        town.send("coordinator", "GET", "/api/v1/runs/no-such-run?secret=1")
    (line,) = (record.getMessage() for record in caplog.records if record.name == "headcount.requests")
    assert re.fullmatch(r"GET /api/v1/runs/\{run_id\}: 404 in \d+ ms", line)


# Readiness.


def ready(town: Town) -> Any:
    town.clock.advance(seconds=2)
    return town.client.get("/readyz")


def refuse_log(monkeypatch: pytest.MonkeyPatch, _data: Path) -> None:
    def full(_disk: Disk, _descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Disk, "sync", full)


def refuse_appends(_monkeypatch: pytest.MonkeyPatch, data: Path) -> None:
    (data / "log" / "entries.jsonl").rename(data / "log" / "elsewhere")
    (data / "log" / "entries.jsonl").mkdir()


def refuse_database(monkeypatch: pytest.MonkeyPatch, _data: Path) -> None:
    def full(_nonces: Nonces, **_now: object) -> None:
        raise OperationalError("INSERT", {}, Exception("database or disk is full"))

    monkeypatch.setattr(Nonces, "try_to_write", full)


def refuse_disk(_monkeypatch: pytest.MonkeyPatch, data: Path) -> None:
    (data / ".ready").mkdir()  # a file of that name cannot be made


@pytest.mark.parametrize(
    ("refuse", "part"),
    [
        (refuse_log, "the log"),
        (refuse_appends, "the log"),
        (refuse_database, "the database"),
        (refuse_disk, "the disk"),
    ],
)
def test_a_service_that_cannot_write_is_not_ready_and_says_what(
    town: Town, monkeypatch: pytest.MonkeyPatch, refuse: Callable[[pytest.MonkeyPatch, Path], None], part: str
) -> None:
    assert ready(town).json() == {"status": "ready"}
    town.send("clinic", "GET", "/api/v1/me")
    with monkeypatch.context() as patch:
        if refuse is refuse_log:
            town.send("clinic", "POST", "/api/v1/sign-in-links")  # so that there is something to sign
        refuse(patch, town.parts.settings.data)
        answer = ready(town)
        assert (answer.status_code, answer.json()["type"]) == (503, "urn:headcount:problem:not-ready")
        assert answer.json()["detail"] == f"the service cannot write {part}"
        assert numbers(town)["headcount_ready", (part.split()[1],)] == 0
        assert town.client.get("/healthz").status_code == 200
    if refuse is refuse_appends:
        (town.parts.settings.data / "log" / "entries.jsonl").rmdir()
        (town.parts.settings.data / "log" / "elsewhere").rename(town.parts.settings.data / "log" / "entries.jsonl")
    if refuse is refuse_disk:
        (town.parts.settings.data / ".ready").rmdir()
    assert ready(town).status_code == 200


def test_trying_leaves_nothing_behind(town: Town) -> None:
    ready(town)
    assert not (town.parts.settings.data / ".ready").exists()
    assert town.parts.nonces.take("", "readiness", now=town.clock())


def test_whoever_asks_without_end_causes_one_try_a_second(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []
    monkeypatch.setattr(Nonces, "try_to_write", lambda _nonces, **_now: tried.append(1))
    for _ in range(5):
        assert town.client.get("/readyz").status_code == 200
    assert len(tried) == 1
    ready(town)
    assert len(tried) == 2


# The port of its own.


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_prometheus_finds_the_numbers_at_a_port_of_its_own() -> None:
    registry, port = CollectorRegistry(), free_port()
    Counter("seen", "Seen.", registry=registry).inc()
    with measuring(port, registry), urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        assert b"seen_total 1.0" in answer.read()


def test_a_port_that_is_taken_is_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with (
            pytest.raises(StartError, match="the metrics port"),
            measuring(taken.getsockname()[1], CollectorRegistry()),
        ):
            pass


def test_without_a_port_nobody_listens(shared_town: Town) -> None:
    with measuring(0, CollectorRegistry()):
        assert shared_town.client.get("/metrics").status_code == 404


@pytest.mark.parametrize("port", ["-1", "65536"])
def test_a_port_that_is_none_is_refused(port: str) -> None:
    with pytest.raises(StartError, match="the metrics port is no port"):
        Settings.read({"data": Path("x")}, {"HEADCOUNT_METRICS_PORT": port})


# OpenTelemetry.


@pytest.mark.parametrize(
    ("path", "left_out"), [("/api/v1/me", False), ("/sign-in/token", True), ("/readyz", True), ("/matches", True)]
)
def test_tracing_never_sees_the_address_of_a_sign_in_link(path: str, left_out: bool) -> None:
    assert is_left_out({"path": path}) is left_out


def test_the_messages_of_errors_are_told_to_no_collector(shared_town: Town) -> None:
    assert TELEMETRY["logs"] is False
    assert shared_town.client.app._telemetry["logs"] is False
    assert shared_town.client.app._telemetry["exclude"] is is_left_out
