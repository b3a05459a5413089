"""Getting cosignatures from where they are made to the log: a witness that asks, and a feeder between the two.

A computer behind a home router can ask but not be asked. So a witness fetches the ``add-checkpoint`` request
that the service has ready for it, answers it by itself, and sends the cosignature back (`cosign_once`). A
witness that can be reached is asked by whoever runs `feed`. Both speak c2sp.org/tlog-witness.
"""

from __future__ import annotations

import json
from collections.abc import Callable

import httpx2

from audit.checkpoint import SignedCheckpoint
from audit.errors import GrowthNotProven, RequestMalformed, ServiceUnreachable, VerificationError
from audit.submission import (
    ADD_CHECKPOINT,
    MAX_BYTES,
    SIZE_TYPE,
    STEPS,
    Submission,
    parse_cosignatures,
    parse_submission,
)
from audit.witness import TELL, Witness

REQUEST, COSIGNATURES = "/witness/add-checkpoint", "/witness/cosignatures"
_ASK = "Check the address, and try again; tell whoever runs it if it stays."
_LONGEST = 300  # of what the other side says, on one screen


def cosign_once(witness: Witness, *, log: str, service: str, http: httpx2.Client) -> SignedCheckpoint:
    """Fetch the state of *log* from *service*, cosign it if it grew from the last one, and send that back; return it.

    The service asks for what other witnesses cosigned first. A state that did not grow from the last one is kept.

    Raises:
        VerificationError: the log is smaller than what this witness cosigned.
        WitnessRefused: the state is not cosigned.
        WitnessFolderError: the state could not be kept, so it is not cosigned.
        ServiceUnreachable: the service does not answer, or does not take the cosignature.
    """

    def cosign(request: bytes) -> bytes:
        try:
            return witness.add_checkpoint(request).encode()
        except GrowthNotProven:  # by the very service that has the log: here it is no slip of a stranger
            witness.keep_evidence(parse_submission(request).signed)
            raise

    request = _fetch(http, service, witness.cosigned_size(log))
    return _go_on(http, service, _hand_in(http, service, request, cosign(request)), cosign)


def feed(witness: str, *, service: str, http: httpx2.Client) -> SignedCheckpoint:
    """Ask the witness at the address *witness* to cosign the state of the log at *service*, hand that in and return it.

    It is asked for what other witnesses cosigned first.

    Raises:
        VerificationError: the log is smaller than what the witness cosigned, or its answer cannot be read.
        ServiceUnreachable: one of the two does not answer, or refuses.
    """
    request = _fetch(http, service, 0)
    answer = _post(http, witness + ADD_CHECKPOINT, request)
    if answer.status_code == httpx2.codes.CONFLICT:
        request = _fetch(http, service, _size_in(answer, witness))
        answer = _post(http, witness + ADD_CHECKPOINT, request)
    signed = _hand_in(http, service, request, _good(answer, witness))
    ask: Callable[[bytes], bytes] = lambda body: _good(_post(http, witness + ADD_CHECKPOINT, body), witness)  # noqa: E731
    return _go_on(http, service, signed, ask)


def _go_on(
    http: httpx2.Client, service: str, signed: SignedCheckpoint, cosign: Callable[[bytes], bytes]
) -> SignedCheckpoint:
    """Cosign what comes after *signed*, until the service has nothing newer; return the last."""
    for _ in range(STEPS):
        request = _fetch(http, service, signed.checkpoint.size)
        if _read(request, service).signed.checkpoint == signed.checkpoint:
            break
        signed = _hand_in(http, service, request, cosign(request))
    return signed


def _fetch(http: httpx2.Client, service: str, old_size: int) -> bytes:
    try:
        answer = http.get(service + REQUEST, params={"old": old_size})
    except httpx2.HTTPError as error:
        raise _silent(service) from error
    if answer.status_code == httpx2.codes.CONFLICT:
        size = _size_in(answer, service)
        raise VerificationError(f"the log has {size} entries, and the witness cosigned {old_size}", TELL)
    request = _good(answer, service)
    _read(request, service)
    return request


def _read(request: bytes, whose: str) -> Submission:
    try:
        return parse_submission(request)
    except RequestMalformed as error:
        raise ServiceUnreachable(f"{whose} does not answer as a log does: {error.what}", _ASK) from error


def _hand_in(http: httpx2.Client, service: str, request: bytes, lines: bytes) -> SignedCheckpoint:
    signed = parse_submission(request).signed.with_signatures(parse_cosignatures(lines))
    _good(_post(http, service + COSIGNATURES, str(signed).encode()), service)
    return signed


def _post(http: httpx2.Client, url: str, body: bytes) -> httpx2.Response:
    try:
        return http.post(url, content=body, headers={"content-type": "text/plain; charset=utf-8"})
    except httpx2.HTTPError as error:
        raise _silent(url) from error


def _good(answer: httpx2.Response, whose: str) -> bytes:
    if not answer.is_success:
        said, hint = _words(answer)
        raise ServiceUnreachable(f"{whose} answers with status {answer.status_code}{said and f': {said}'}", hint)
    if len(answer.content) > MAX_BYTES:
        raise ServiceUnreachable(f"{whose} answers with more than {MAX_BYTES} bytes", _ASK)
    return answer.content


def _words(answer: httpx2.Response) -> tuple[str, str]:
    """What the other side says is wrong, in its own words, and what to do; a problem document, or a line of text."""
    kind = answer.headers.get("content-type", "").split(";")[0]
    if kind == "text/plain":
        return answer.text[:_LONGEST].strip(), _ASK
    try:
        told = json.loads(answer.content) if kind == "application/problem+json" else {}
    except ValueError:
        told = {}
    said, hint = (told.get(name, "") if isinstance(told, dict) else "" for name in ("detail", "hint"))
    return f"{said}"[:_LONGEST], f"{hint}"[:_LONGEST] or _ASK


def _size_in(answer: httpx2.Response, whose: str) -> int:
    size = answer.text.removesuffix("\n")
    if answer.headers.get("content-type", "").split(";")[0] != SIZE_TYPE or not (size.isascii() and size.isdecimal()):
        raise ServiceUnreachable(f"{whose} refuses, and does not say which size it has", _ASK)
    return int(size)


def _silent(whose: str) -> ServiceUnreachable:
    return ServiceUnreachable(f"{whose} does not answer", _ASK)
