"""Sending in pieces: silence is waited out, what has arrived is not sent again, a refusal is told."""

import hashlib
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hashing.errors import ConnectionFailed, NoAnswer, ServiceRefused
from hashing.resumable import PAUSES, Pieces, Sending
from hashing.service_answers import Upload

NOW = "2026-03-01T09:30:00Z"
RECEIPT = {"index": 4, "leaf": "ab", "time": NOW}
ACCEPTED = {"upload": "d", "agency": "a", "epoch": 1, "rows": 1, "accepted": NOW, "receipt": RECEIPT}
JOB = {"job": "j", "kind": "upload", "member": "a", "state": "", "stage": "", "progress": 0, "started": NOW}
JOB |= {"hint": "Encode again."}
UPLOAD = msgspec.convert(ACCEPTED, Upload)


class Service:
    """A service of four-byte pieces that is silent at the requests of these numbers."""

    def __init__(self, *, silent_at: set[int] = frozenset(), failure: str | None = None) -> None:
        self.content, self.asked, self.silent_at, self.failure = b"", [], silent_at, failure

    def ask(self, kind: type[Any], method: str, path: str, *, content: bytes = b"", **sent: Any) -> Any:
        self.asked.append((method, path))
        if len(self.asked) - 1 in self.silent_at:
            raise NoAnswer("the service does not answer", hint="Check your network.")
        if method == "PUT":
            assert int(path.rsplit("/", 1)[1]) == len(self.content)
            self.content += content
        if method == "GET" or path.endswith("finish"):
            ended = None if method == "POST" else NOW
            result = None if ended is None or self.failure else ACCEPTED
            return msgspec.convert(JOB | {"ended": ended, "result": result, "failure": self.failure}, kind)
        told = {"session": "s", "digest": "d", "length": 10, "offset": len(self.content), "piece_bytes": 4}
        return msgspec.convert(told | {"expires": NOW, "sent": False}, kind)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.codes.jsonl"
    path.write_bytes(b"ten bytes.")
    return path


def sending(service: Service, pauses: list[float] | None = None) -> Sending:
    kept: list[float] = [] if pauses is None else pauses
    return Sending(Pieces(service.ask), lambda stage, share: None, kept.append)


def test_a_file_goes_piece_by_piece(file: Path) -> None:
    service = Service()
    assert sending(service).send(file) == UPLOAD
    assert service.content == file.read_bytes()
    assert [path for method, path in service.asked if method == "PUT"] == [
        f"/api/v1/upload-sessions/s/pieces/{offset}" for offset in (0, 4, 8)
    ]


@pytest.mark.parametrize("silent", [{0}, {1}, {2, 3, 4}, {4}, {5}])
def test_a_silent_service_is_asked_again_after_a_pause(file: Path, silent: set[int]) -> None:
    service, pauses = Service(silent_at=silent), []
    assert sending(service, pauses).send(file) == UPLOAD
    assert service.content == file.read_bytes()
    assert [pause for pause in pauses if pause != 0.5] == list(PAUSES[: len(silent)])


def test_a_new_start_goes_on_where_the_service_is(file: Path) -> None:
    service = Service()
    service.content = file.read_bytes()[:8]
    sending(service).send(file)
    assert [path[-1] for method, path in service.asked if method == "PUT"] == ["8"]


def test_a_service_that_stays_silent_is_given_up(file: Path) -> None:
    service = Service(silent_at=set(range(100)))
    with pytest.raises(NoAnswer, match="does not answer"):
        sending(service).send(file)
    assert len(service.asked) == len(PAUSES) + 1


def test_a_file_that_the_job_refuses_is_told_with_what_to_do(file: Path) -> None:
    with pytest.raises(ConnectionFailed, match="refused: cut short") as refused:
        sending(Service(failure="cut short")).send(file)
    assert refused.value.hint == "Encode again."


def test_a_busy_service_is_asked_again_and_a_refusal_is_final(file: Path) -> None:
    service, left = Service(), [503, 429]

    def ask(kind: type[Any], method: str, path: str, **sent: Any) -> Any:
        if left:
            raise ServiceRefused("busy", hint="Wait.", status=left.pop())
        return service.ask(kind, method, path, **sent)

    pauses: list[float] = []
    assert Sending(Pieces(ask), lambda stage, share: None, pauses.append).send(file) == UPLOAD
    assert pauses[:2] == list(PAUSES[:2])
    left.append(409)
    with pytest.raises(ServiceRefused, match="busy"):
        Sending(Pieces(ask), lambda stage, share: None, pauses.append).send(file)


def test_the_digest_and_the_length_are_the_files(file: Path) -> None:
    told: list[Any] = []
    service = Service()

    def ask(kind: type[Any], method: str, path: str, **sent: Any) -> Any:
        told.append(sent.get("json"))
        return service.ask(kind, method, path, **sent)

    Sending(Pieces(ask), lambda stage, share: None, lambda pause: None).send(file)
    assert told[0] == {"digest": hashlib.sha256(b"ten bytes.").hexdigest(), "length": 10}
