"""Bombs against the running service: each is refused, at once or at its limit, and memory stays where it was."""

from __future__ import annotations

import gzip
import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from api_town import a_header, new_key, public_line, sign
from test_api_serve import SERVE, ask, found, now, running

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc, which is not here"),
]
MEBIBYTE = 1 << 20
GROWTH = 64 * MEBIBYTE
PAUSE = "1"  # seconds


@dataclass
class Service:
    """A running service and its memory."""

    address: str
    process: int

    @property
    def host(self) -> tuple[str, int]:
        host, port = self.address.removeprefix("http://").split(":")
        return host, int(port)

    def peak(self) -> int:
        """The most memory that it ever had, in bytes."""
        (line,) = (one for one in Path(f"/proc/{self.process}/status").read_text().splitlines() if one[:6] == "VmHWM:")
        return int(line.split()[1]) * 1024

    def signed(self, method: str, path: str, **options: object) -> httpx2.Request:
        request = httpx2.Client(base_url=self.address).build_request(method, path, **options)
        sign(request, new_key("food_bank"), now=now())
        return request


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("bombs")
    (folder / "coordinator.pub").write_text(public_line(new_key("coordinator"), "the coordinator"))
    options = ("--data", str(folder / "data"), "--coordinator", str(folder / "coordinator.pub"), "--port", "0")
    with running("-c", SERVE, "serve", *options, environment={"HEADCOUNT_PAUSE_SECONDS": PAUSE}) as (one, address):
        found(address)
        yield Service(address, one.pid)


@pytest.fixture(autouse=True)
def nothing_grows(service: Service) -> Iterator[None]:
    """Whatever is thrown at it, the service lives, answers, and has hardly more memory than before."""
    before = service.peak()
    yield
    assert ask(service.address, "food_bank", "GET", "/api/v1/me").status_code == 200
    assert service.peak() - before < GROWTH


def stream(service: Service, head: str, piece: bytes, most: int) -> bytes:
    """Send pieces until the service answers or hangs up, at most so many bytes; what it said."""
    with socket.create_connection(service.host, timeout=20) as line:
        line.sendall(head.replace("\n", "\r\n").encode() + b"\r\n")
        sent = 0
        try:
            while sent < most:
                line.sendall(piece)
                sent += len(piece)
        except (BrokenPipeError, ConnectionResetError):
            pass
        assert sent < most, "the service took it all"
        return heard(line)


def heard(line: socket.socket) -> bytes:
    """Everything until the service hangs up."""
    found = b""
    try:
        while piece := line.recv(65536):
            found += piece
    except ConnectionResetError:
        pass
    return found


def test_a_packed_bomb_is_not_unpacked(service):
    bomb = gzip.compress(bytes(50 * MEBIBYTE))
    sent = {"content-type": "application/jsonl", "content-encoding": "gzip"}
    request = service.signed("POST", "/api/v1/uploads", content=bomb, headers=sent)
    with httpx2.Client() as client:
        answer = client.send(request)
    assert answer.status_code == 415
    assert answer.json()["type"] == "urn:headcount:problem:wrong-media-type"


@pytest.mark.parametrize("deep", [b"[" * 100_000, b'{"a":' * 100_000, b"[" * 60_000 + b"]" * 60_000])
def test_json_of_any_depth_is_refused(service, deep):
    answer = ask(service.address, "coordinator", "POST", "/api/v1/releases", content=deep[:60_000], headers=JSON)
    assert answer.status_code in (400, 422), answer.text
    for line in (deep, deep[:15_000]):
        body = header_line(2) + line + b"\n"
        answer = ask(service.address, "food_bank", "POST", "/api/v1/uploads", content=body, headers=JSONL)
        assert answer.status_code == 422, answer.text


def header_line(rows: int) -> bytes:
    return json.dumps(a_header("food_bank", "nonprofit", rows)).encode() + b"\n"


JSON, JSONL = {"content-type": "application/json"}, {"content-type": "application/jsonl"}


def test_a_line_without_an_end_is_refused_before_it_is_long(service):
    """Signed for as what it is, so that nothing but its length speaks against it."""
    body = header_line(1) + b'{"row":"' + b"a" * (8 * MEBIBYTE)
    answer = ask(service.address, "food_bank", "POST", "/api/v1/uploads", content=body, headers=JSONL)
    assert answer.status_code == 422
    assert "longer than any row can be" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["/releases", "/sign-out", "/sign-in/x", "/api/v1/releases", "/witness/cosignatures"])
@pytest.mark.parametrize("framing", ["Content-Length: 99999999999", "Transfer-Encoding: chunked"])
def test_an_endless_body_is_refused_at_its_limit(service, path, framing):
    """Of anybody: these come before any signature or session is looked at."""
    host, port = service.host
    kind = "application/x-www-form-urlencoded" if "api" not in path else "application/json"
    head = f"POST {path} HTTP/1.1\nHost: {host}:{port}\nContent-Type: {kind}\n{framing}\n"
    piece = b"10000\r\n" + b"a" * 65536 + b"\r\n" if "chunked" in framing else b"period=2026&" * 5_000
    told = stream(service, head, piece, 256 * MEBIBYTE)
    assert told == b"" or told.split(b" ")[1] in (b"400", b"401", b"413", b"403"), told[:200]


def test_a_length_that_is_no_length_is_refused(service):
    host, port = service.host
    with socket.create_connection(service.host, timeout=20) as line:
        head = f"POST /releases HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Length: {'9' * 5_000}\r\n\r\n"
        line.sendall(head.encode())
        assert heard(line).split(b" ")[1] in (b"400", b"413")


@pytest.mark.parametrize("head", ["GET /" + "a" * 300_000, "GET / HTTP/1.1\r\nX: " + "a" * 300_000])
def test_headers_of_any_length_are_refused(service, head):
    with socket.create_connection(service.host, timeout=20) as line:
        try:
            line.sendall(head.encode())
            told = heard(line)
        except (BrokenPipeError, ConnectionResetError):
            told = b""
    assert told == b"" or told.split(b" ")[1] == b"400"


def test_headers_that_never_end_are_given_up(service):
    """Slow loris: a hundred connections that each send the beginning of a request, and then nothing."""
    lines = [socket.create_connection(service.host, timeout=20) for _ in range(100)]
    for number, line in enumerate(lines):
        line.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-A: b\r\n"[: number % 33])
    assert {heard(line) for line in lines} == {b""}
    for line in lines:
        line.close()


@pytest.mark.parametrize("path", ["/releases", "/api/v1/releases", "/api/v1/uploads"])
def test_a_body_that_never_comes_is_given_up(service, path):
    request = service.signed("POST", path, content=b"a" * 1000, headers=JSONL if "uploads" in path else JSON)
    head = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
    with socket.create_connection(service.host, timeout=20) as line:
        line.sendall(f"POST {path} HTTP/1.1\r\n{head}\r\naaaa".encode())
        told = heard(line)
    assert told == b"" or told.split(b" ")[1] in (b"400", b"401", b"408"), told[:200]


def test_a_body_that_comes_a_letter_at_a_time_is_given_up(service):
    """Never a pause that is long enough, but no rate that anybody's line has."""
    request = service.signed("POST", "/api/v1/uploads", content=header_line(1) * 40, headers=JSONL)
    head = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
    told, body = b"", iter(header_line(1) * 40)
    with socket.create_connection(service.host, timeout=0.2) as line:
        line.sendall(f"POST /api/v1/uploads HTTP/1.1\r\n{head}\r\n".encode())
        for _ in range(100):
            try:
                line.sendall(bytes([next(body)]))
                told = line.recv(65536)
                break
            except TimeoutError:
                continue
            except (BrokenPipeError, ConnectionResetError):
                break
        else:
            pytest.fail("the service waited for ever")
    assert told == b"" or b"408" in told.split(b"\r\n")[0]
