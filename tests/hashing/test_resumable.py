"""Sending in pieces: silence is waited out, what has arrived is not sent again, a refusal is told."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from hashing.errors import ConnectionFailed, NoAnswer
from hashing.resumable import PAUSES, Sending


class Service:
    """A service of four-byte pieces that is silent at the requests of these numbers."""

    def __init__(self, *, silent_at: set[int] = frozenset(), failure: str | None = None) -> None:
        self.content, self.asked, self.silent_at, self.failure = b"", [], silent_at, failure

    def ask(self, method: str, path: str, *, json: Any = None, content: bytes = b"", kind: str = "") -> dict[str, Any]:
        self.asked.append((method, path))
        if len(self.asked) - 1 in self.silent_at:
            raise NoAnswer("the service does not answer", hint="Check your network.")
        if method == "PUT":
            assert int(path.rsplit("/", 1)[1]) == len(self.content)
            self.content += content
        if method == "GET" or path.endswith("finish"):
            ended = None if method == "POST" else "now"
            result = None if ended is None or self.failure else {"rows": 1}
            return {"job": "j", "ended": ended, "result": result, "failure": self.failure, "hint": "Encode again."}
        return {"session": "s", "offset": len(self.content), "piece_bytes": 4}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.codes.jsonl"
    path.write_bytes(b"ten bytes.")
    return path


def sending(service: Service, pauses: list[float] | None = None) -> Sending:
    kept: list[float] = [] if pauses is None else pauses
    return Sending(service.ask, lambda stage, share: None, kept.append)


def test_a_file_goes_piece_by_piece(file: Path) -> None:
    service = Service()
    assert sending(service).send(file) == {"rows": 1}
    assert service.content == file.read_bytes()
    assert [path for method, path in service.asked if method == "PUT"] == [
        f"/api/v1/upload-sessions/s/pieces/{offset}" for offset in (0, 4, 8)
    ]


@pytest.mark.parametrize("silent", [{0}, {1}, {2, 3, 4}, {4}, {5}])
def test_a_silent_service_is_asked_again_after_a_pause(file: Path, silent: set[int]) -> None:
    service, pauses = Service(silent_at=silent), []
    assert sending(service, pauses).send(file) == {"rows": 1}
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


def test_the_digest_and_the_length_are_the_files(file: Path) -> None:
    told: list[Any] = []
    service = Service()

    def ask(method: str, path: str, *, json: Any = None, content: bytes = b"", kind: str = "") -> dict[str, Any]:
        told.append(json)
        return service.ask(method, path, content=content)

    Sending(ask, lambda stage, share: None, lambda pause: None).send(file)
    assert told[0] == {"digest": hashlib.sha256(b"ten bytes.").hexdigest(), "length": 10}
