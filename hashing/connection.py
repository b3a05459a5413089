"""The typed client of the service's API: every request is signed with the member's key (RFC 9421)."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
from http_message_signatures import HTTPMessageSigner, HTTPSignatureKeyResolver, algorithms
from http_message_signatures.httpx2 import adapt_message

from hashing.client import EpochTerms
from hashing.encode import silent
from hashing.errors import ConnectionFailed, NoAnswer
from hashing.member_key import MemberKey
from hashing.resumable import SMALL_BYTES, Sending
from hashing.schema import AgencyKind

_COVERED = ("@method", "@authority", "@path", "@query")
_COVERED_BODY = (*_COVERED, "content-digest", "content-type")
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_LATER = frozenset({502, 503, 504})  # statuses after which trying again may help
_TIMEOUT = httpx2.Timeout(30.0, read=300.0)
Json = dict[str, Any]


class _Keys(HTTPSignatureKeyResolver):
    def __init__(self, key: MemberKey) -> None:
        self._key = key

    def resolve_private_key(self, key_id: str) -> Any:  # noqa: ANN401 -- the library's own signature
        return self._key.private

    def resolve_public_key(self, key_id: str) -> Any:  # noqa: ANN401 -- the library's own signature
        raise NotImplementedError("answers are not signed")


@dataclass(frozen=True, slots=True)
class NewMember:
    """A member as the coordinator registers it."""

    member: str
    name: str
    role: str
    public_key: str
    kind: AgencyKind | None = None
    contact: str = ""
    agreement_from: date | None = None
    agreement_until: date | None = None


@dataclass(frozen=True, slots=True)
class Connection:
    """A connection to one service as one member."""

    address: str
    key: MemberKey
    _http: httpx2.Client = field(repr=False)

    def whoami(self) -> Json:
        """Who the service takes you for, and the epoch that is open."""
        return self._json("GET", "/api/v1/me")

    def add_member(self, new: NewMember) -> Json:
        """Register a member, or change its name, contact or key."""
        body: Json = {"name": new.name, "role": new.role, "public_key": new.public_key, "contact": new.contact}
        if new.kind is not None:
            body["kind"] = new.kind.value
        for name in ("agreement_from", "agreement_until"):
            day = getattr(new, name)
            body |= {} if day is None else {name: day.isoformat()}
        return self._json("PUT", f"/api/v1/members/{new.member}", json=body)

    def open_epoch(self, terms: EpochTerms) -> Json:
        """Say what every file of an epoch must have been made with."""
        body = asdict(terms)
        return self._json("PUT", f"/api/v1/epochs/{body.pop('epoch')}", json=body)

    def send(self, encoded: Path, *, progress: Callable[[str, float], None] = silent) -> Json:
        """Send an encoded file; the answer holds the receipt. Sending it twice is sending it once.

        A large file goes in pieces: after a broken connection, or a new start, it goes on where the service is.
        """
        if encoded.stat().st_size > SMALL_BYTES:
            return Sending(self._json, progress).send(encoded)
        return self._json("POST", "/api/v1/uploads", content=encoded.read_bytes(), kind="application/jsonl")

    def start_run(self) -> str:
        """Start a linkage of the current files; returns its identifier."""
        run: str = self._json("POST", "/api/v1/runs")["run"]
        return run

    def wait_for_run(self, run: str, *, progress: Callable[[str, float], None], pause: float = 0.3) -> Json:
        """Wait until a linkage has ended.

        Raises:
            ConnectionFailed: it failed.
        """
        while True:
            state = self._json("GET", f"/api/v1/runs/{run}")
            progress(str(state["stage"]), float(state["progress"]))
            if state["state"] == "finished":
                return state
            if state["ended"] is not None:
                raise ConnectionFailed(f"the linkage failed: {state['failure']}", hint=str(state["hint"]))
            time.sleep(pause)

    def count(self, by: str, *, purpose: str) -> Json:
        """An unduplicated count that may be shown, and its receipt."""
        return self._json("GET", f"/api/v1/counts?by={by}&purpose={purpose}")

    def release(self, period: str, *, purpose: str, revise: bool = False) -> Json:
        """All public tables of a period: the earlier release of the same question, or a new one, with its receipts."""
        asked = {"period": period, "purpose": purpose, "revise": revise}
        return self._json("POST", "/api/v1/releases", json=asked)

    def jobs(self) -> list[Json]:
        """The latest jobs, the newest first."""
        found: list[Json] = self._request("GET", "/api/v1/jobs").json()
        return found

    def cancel(self, job: str) -> Json:
        """Cancel a job: a linkage stops at its next step, any other if it has not begun."""
        return self._json("DELETE", f"/api/v1/jobs/{job}")

    def purge(self, *, pause: float = 0.3) -> Json:
        """Remove what is older than the service's settings let it be, and wait for the end.

        Raises:
            ConnectionFailed: it failed.
        """
        return self._result(self._json("POST", "/api/v1/purges"), pause)

    def _result(self, job: Json, pause: float) -> Json:
        while job["ended"] is None:
            time.sleep(pause)
            job = self._json("GET", f"/api/v1/jobs/{job['job']}")
        if job["result"] is None:
            raise ConnectionFailed(f"the service refused: {job['failure']}", hint=str(job["hint"]))
        result: Json = job["result"]
        return result

    def packet(self, number: int) -> bytes:
        """The council packet of a release, a zip."""
        return self._request("GET", f"/api/v1/releases/{number}/packet").content

    def matches(self, *, purpose: str = "care-coordination") -> Json:
        """Care matches of the own agency, under its own row pseudonyms."""
        return self._json("GET", f"/api/v1/matches?purpose={purpose}")

    def log_bundle(self) -> bytes:
        """The audit log as a zip, for ``headcount audit verify``."""
        return self._request("GET", "/api/v1/log/bundle").content

    def openings(self, *, purpose: str) -> bytes:
        """Who was shown the own agency's clients, for ``headcount audit why``."""
        return self._request("GET", f"/api/v1/openings?purpose={purpose}").content

    def erase_openings(self, rows: Sequence[str]) -> Json:
        """Make the service forget for good who was shown these clients, by their row pseudonyms."""
        return self._json("POST", "/api/v1/openings/erasures", json={"rows": [*rows]})

    def sign_in_link(self) -> str:
        """A link that opens the service's pages, once, within two minutes."""
        link: str = self.sign_in_answer().json()["url"]
        return link

    def sign_in_answer(self) -> httpx2.Response:
        """The answer with the link, and with the receipt in its header."""
        return self._request("POST", "/api/v1/sign-in-links")

    def _json(self, method: str, path: str, *, json: Json | None = None, content: bytes = b"", kind: str = "") -> Json:
        answer = self._request(method, path, json=json, content=content, kind=kind)
        found: Json = answer.json()
        return found

    def _request(
        self, method: str, path: str, *, json: Json | None = None, content: bytes = b"", kind: str = ""
    ) -> httpx2.Response:
        headers = {"content-type": kind} if kind else {}
        body: Json = {"json": json} if json is not None else {"content": content} if content else {}
        request = self._http.build_request(method, self.address + path, headers=headers, **body)
        _sign(request, self.key)
        try:
            response = self._http.send(request)
        except httpx2.HTTPError as error:
            raise NoAnswer(
                f"the service at {self.address} does not answer", hint="Check the address and your network."
            ) from error
        if response.is_error:
            raise _refusal(response)
        return response


def _sign(request: httpx2.Request, key: MemberKey) -> None:
    signer = HTTPMessageSigner(signature_algorithm=algorithms.ED25519, key_resolver=_Keys(key))
    body = request.content or None
    signer.sign(
        adapt_message(request),
        key_id=key.keyid,
        label="headcount",
        tag="headcount-v1",
        created=datetime.now(UTC),
        nonce=secrets.token_urlsafe(16),
        covered_component_ids=_COVERED_BODY if body else _COVERED,
        body=body,
    )


def _refusal(response: httpx2.Response) -> ConnectionFailed:
    """The service's own words, where it sent any."""
    try:
        problem = response.json()
    except ValueError:
        problem = {}
    what = problem.get("detail") or problem.get("title") or f"status {response.status_code}"
    hint = problem.get("hint") or "Try again; if it stays, ask the operator."
    kind = NoAnswer if response.status_code in _LATER else ConnectionFailed
    return kind(f"the service refused: {what}", hint=str(hint))


def check_address(address: str) -> str:
    """The address without a closing slash.

    Raises:
        ConnectionFailed: not an address, or a plain http one that leaves this computer.
    """
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ConnectionFailed(f"{address} is not the address of a service", hint="It looks like https://HOST.")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise ConnectionFailed(f"{address} is not protected on its way", hint="Use an https:// address.")
    return address.rstrip("/")


@contextmanager
def connect(address: str, key: MemberKey) -> Iterator[Connection]:
    """Open a connection to a service; proxies and settings of the environment are left aside on this computer.

    Raises:
        ConnectionFailed: the address is not one, or not protected.
    """
    checked = check_address(address)
    on_this_computer = urlsplit(checked).hostname in _LOOPBACK
    with httpx2.Client(timeout=_TIMEOUT, trust_env=not on_this_computer) as http:
        yield Connection(checked, key, http)
