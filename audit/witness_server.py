"""A witness behind HTTP (c2sp.org/tlog-witness): one address, ``POST /add-checkpoint``.

Python's own server does, because a witness answers a log about once a minute. It speaks no TLS: whoever
lets it be reached from elsewhere puts a proxy in front.
"""

from __future__ import annotations

from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from audit.errors import (
    AuditError,
    GrowthNotProven,
    LogNotSigned,
    LogUnknown,
    OldSizeDiffers,
    RequestMalformed,
    SplitView,
    WitnessRefused,
)
from audit.submission import ADD_CHECKPOINT, MAX_BYTES, SIZE_TYPE
from audit.witness import Witness

TEXT_TYPE = "text/plain; charset=utf-8"
STATUS: dict[type[WitnessRefused], HTTPStatus] = {
    RequestMalformed: HTTPStatus.BAD_REQUEST,
    LogUnknown: HTTPStatus.NOT_FOUND,
    LogNotSigned: HTTPStatus.FORBIDDEN,
    OldSizeDiffers: HTTPStatus.CONFLICT,
    SplitView: HTTPStatus.CONFLICT,
    GrowthNotProven: HTTPStatus.UNPROCESSABLE_ENTITY,
}
_SECONDS = 30  # for one who connects and says nothing

Answer = tuple[HTTPStatus, str, str]


def answer(witness: Witness, body: bytes) -> Answer:
    """Status, content type and body of the answer to an ``add-checkpoint`` request."""
    try:
        return HTTPStatus.OK, TEXT_TYPE, witness.add_checkpoint(body)
    except OldSizeDiffers as error:
        return STATUS[OldSizeDiffers], SIZE_TYPE, f"{error.size}\n"
    except WitnessRefused as error:
        return STATUS[type(error)], TEXT_TYPE, f"{error.what}\n"
    except AuditError as error:  # its own disk or key: nothing was cosigned
        return HTTPStatus.INTERNAL_SERVER_ERROR, TEXT_TYPE, f"{error.what}\n"


class _Handler(BaseHTTPRequestHandler):
    """One connection; kept open between requests, as the specification asks."""

    protocol_version = "HTTP/1.1"
    server_version, sys_version = "headcount-witness", ""
    timeout = _SECONDS
    server: WitnessServer

    def do_POST(self) -> None:
        """Answer one request."""
        refused = self._refused()
        if refused:
            self.close_connection = True  # the body was not read
            self._send(refused, TEXT_TYPE, f"{refused.phrase}\n")
        else:
            self._send(*answer(self.server.witness, self.rfile.read(int(self._length))))

    def log_message(self, format: str, *words: object) -> None:  # noqa: A002  # the name that the class has
        """Say nothing: the terminal is for what a person should read."""

    @property
    def _length(self) -> str:
        return str(self.headers.get("Content-Length", ""))

    def _refused(self) -> HTTPStatus | None:
        if self.path != ADD_CHECKPOINT:
            return HTTPStatus.NOT_FOUND
        if not (self._length.isascii() and self._length.isdecimal()):
            return HTTPStatus.LENGTH_REQUIRED
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE if int(self._length) > MAX_BYTES else None

    def _send(self, status: HTTPStatus, kind: str, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)


class WitnessServer(ThreadingHTTPServer):
    """Serves one witness at *address* until `shutdown`."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], witness: Witness) -> None:
        super().__init__(address, _Handler)
        self.witness = witness

    @property
    def url(self) -> str:
        """Where the witness answers: the *submission prefix* of the specification."""
        host, port = self.server_address[:2]
        return f"http://{host!s}:{port}"
