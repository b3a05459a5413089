"""Signed requests (RFC 9421) over HTTP, sent again where the service asks for patience; refusals become errors."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx2
import msgspec
from http_message_signatures import HTTPMessageSigner, HTTPSignatureKeyResolver, algorithms
from http_message_signatures.httpx2 import adapt_message

from hashing.errors import ApprovalAwaited, ConnectionFailed, NoAnswer, ServiceRefused
from hashing.job_answers import Job
from hashing.kept_receipts import HEADER, Keep, keep_nothing, receipt_in_result, receipts_in_header
from hashing.member_key import MemberKey
from hashing.service_answers import Problem, Proposal, Receipt

JSON_LINES = "application/jsonl"
TRIES = 4
PATIENCE = frozenset({429, 503})  # nothing was done, and asking later may help
LONGEST_PAUSE = 60.0  # seconds
_COVERED = ("@method", "@authority", "@path", "@query")
_COVERED_BODY = (*_COVERED, "content-digest", "content-type")
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_PROBLEM = "urn:headcount:problem:"
T = TypeVar("T")


class _Keys(HTTPSignatureKeyResolver):
    def __init__(self, key: MemberKey) -> None:
        self._key = key

    def resolve_private_key(self, key_id: str) -> Any:  # noqa: ANN401 -- the library's own signature
        return self._key.private

    def resolve_public_key(self, key_id: str) -> Any:  # noqa: ANN401 -- the library's own signature
        raise NotImplementedError("answers are not signed")


@dataclass(frozen=True, slots=True)
class Transport:
    """Requests of one member to the service at *address*; *pause* waits so many seconds."""

    address: str
    key: MemberKey
    http: httpx2.Client = field(repr=False)
    pause: Callable[[float], None] = field(repr=False)
    keep: Keep = field(default=keep_nothing, repr=False)

    def ask(self, kind: type[T], method: str, path: str, **sent: object) -> T:
        """The answer to a request as a *kind*.

        Raises:
            ApprovalAwaited: it waits for a second person.
            ServiceRefused: the service said no.
            ConnectionFailed: the service does not answer, or not as this version of Headcount expects.
        """
        answer = parsed(kind, self.request(method, path, **sent).content)
        if isinstance(answer, Job):
            self._keep(receipt_in_result(answer.result))
        return answer

    def every(self, kind: type[T], path: str) -> Iterator[T]:
        """The answers to a list, page by page (RFC 8288)."""
        rest: str | None = path
        while rest is not None:
            response = self.request("GET", rest)
            yield parsed(kind, response.content)
            rest = response.links.get("next", {}).get("url")

    def each(self, kind: type[T], path: str) -> tuple[T, ...]:
        """Every entry of a list, which is an array of *kind* on each page."""
        pages = self.every(list[kind], path)  # type: ignore[valid-type]  # a type that is known when it runs
        return tuple(one for page in pages for one in page)

    def request(self, method: str, path: str, **sent: object) -> httpx2.Response:
        """The answer to a request, which is signed and sent up to four times: as `ask`."""
        for attempt in range(TRIES):
            response = self._send(method, path, sent)
            if response.status_code not in PATIENCE or attempt == TRIES - 1:
                break
            self.pause(_seconds(response, attempt))
        _check(response)
        return response

    def _send(self, method: str, path: str, sent: Mapping[str, Any]) -> httpx2.Response:
        request = self.http.build_request(method, self.address + path, **sent)
        sign(request, self.key)
        try:
            response = self.http.send(request)
        except httpx2.HTTPError as error:
            raise NoAnswer(
                f"the service at {self.address} does not answer", hint="Check the address and your network."
            ) from error
        self._keep(receipts_in_header(response.headers.get(HEADER, "")))
        return response

    def _keep(self, receipts: Sequence[Receipt]) -> None:
        if receipts:
            self.keep(receipts)


def parsed(kind: type[T], content: bytes) -> T:
    """An answer as a *kind*.

    Raises:
        ConnectionFailed: it is something else.
    """
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ConnectionFailed(
            "the service answered something that this version of Headcount does not know",
            hint="Bring Headcount up to date, here and at the service; check the address.",
        ) from error


def sign(request: httpx2.Request, key: MemberKey) -> None:
    """Sign a request as docs/reference/api.md says: each time with a nonce of its own."""
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


def _seconds(response: httpx2.Response, attempt: int) -> float:
    """How long to wait: as the service says, else one second, two, four."""
    said = response.headers.get("retry-after", "")
    return min(LONGEST_PAUSE, float(said) if said.isascii() and said.isdigit() else 2.0**attempt)


def _check(response: httpx2.Response) -> None:
    """Whether the service did what it was asked.

    Raises:
        ApprovalAwaited, ServiceRefused: it did not.
    """
    if response.status_code == httpx2.codes.ACCEPTED and "/api/v1/approvals/" in response.headers.get("location", ""):
        proposal = parsed(Proposal, response.content)
        raise ApprovalAwaited(
            f"{proposal.object.replace('/', ' ', 1)} waits for the approval of a second person, as proposal "
            f"{proposal.proposal}",
            hint="Another coordinator or an auditor looks at it with 'headcount service approvals'. "
            "When it is approved, do the same again.",
        )
    if response.is_error:
        raise _refusal(response)


def _refusal(response: httpx2.Response) -> ServiceRefused:
    """The service's own words, where it sent any."""
    try:
        problem = msgspec.json.decode(response.content, type=Problem)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        problem = Problem()
    what = problem.detail or problem.title or f"status {response.status_code}"
    hint = problem.hint or "Try again; if it stays, ask the operator."
    kind = problem.type.removeprefix(_PROBLEM)
    return ServiceRefused(f"the service refused: {what}", hint=hint, kind=kind, status=response.status_code)


def is_on_this_computer(address: str) -> bool:
    """Whether a checked address leads to this very computer."""
    return urlsplit(address).hostname in _LOOPBACK


def check_address(address: str) -> str:
    """The address without a closing slash.

    Raises:
        ConnectionFailed: not an address, or a plain http one that leaves this computer.
    """
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ConnectionFailed(f"{address} is not the address of a service", hint="It looks like https://HOST.")
    if parts.scheme == "http" and not is_on_this_computer(address):
        raise ConnectionFailed(f"{address} is not protected on its way", hint="Use an https:// address.")
    return address.rstrip("/")
