"""Getting cosignatures from where they are made to the log: a witness that asks, and a feeder between the two.

A computer behind a home router can ask but not be asked. So a witness fetches the ``add-checkpoint`` request
that the service has ready for it, answers it by itself, and sends the cosignature back (`cosign_once`). A
witness that can be reached is asked by whoever runs `feed`. Both speak c2sp.org/tlog-witness.
"""

from __future__ import annotations

import httpx2

from audit.checkpoint import SignedCheckpoint
from audit.errors import ServiceUnreachable, VerificationError
from audit.submission import ADD_CHECKPOINT, MAX_BYTES, SIZE_TYPE, parse_cosignatures, parse_submission
from audit.witness import Witness

REQUEST, COSIGNATURES = "/witness/add-checkpoint", "/witness/cosignatures"
_KEEP = "Keep the witness's folder: what it cosigned proves it. Tell the other agencies and the auditors."
_ASK = "Check the address, and try again; tell whoever runs it if it stays."


def cosign_once(witness: Witness, *, log: str, service: str, http: httpx2.Client) -> SignedCheckpoint:
    """Fetch the state of *log* from *service*, cosign it if it grew from the last one, and send that back; return it.

    Raises:
        VerificationError: the log is smaller than what this witness cosigned.
        WitnessRefused: the state is not cosigned.
        WitnessFolderError: the state could not be kept, so it is not cosigned.
        ServiceUnreachable: the service does not answer, or does not take the cosignature.
    """
    request = _fetch(http, service, witness.cosigned_size(log))
    return _hand_in(http, service, request, witness.add_checkpoint(request).encode())


def feed(witness: str, *, service: str, http: httpx2.Client) -> SignedCheckpoint:
    """Ask the witness at the address *witness* to cosign the state of the log at *service*, hand that in and return it.

    Raises:
        VerificationError: the log is smaller than what the witness cosigned, or its answer cannot be read.
        ServiceUnreachable: one of the two does not answer, or refuses.
    """
    request = _fetch(http, service, 0)
    answer = _post(http, witness + ADD_CHECKPOINT, request)
    if answer.status_code == httpx2.codes.CONFLICT:
        request = _fetch(http, service, _size_in(answer, witness))
        answer = _post(http, witness + ADD_CHECKPOINT, request)
    return _hand_in(http, service, request, _good(answer, witness))


def _fetch(http: httpx2.Client, service: str, old_size: int) -> bytes:
    try:
        answer = http.get(service + REQUEST, params={"old": old_size})
    except httpx2.HTTPError as error:
        raise _silent(service) from error
    if answer.status_code == httpx2.codes.CONFLICT:
        size = _size_in(answer, service)
        raise VerificationError(f"the log has {size} entries, and the witness cosigned {old_size}", _KEEP)
    return _good(answer, service)


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
        raise ServiceUnreachable(f"{whose} answers with status {answer.status_code}", _ASK)
    if len(answer.content) > MAX_BYTES:
        raise ServiceUnreachable(f"{whose} answers with more than {MAX_BYTES} bytes", _ASK)
    return answer.content


def _size_in(answer: httpx2.Response, whose: str) -> int:
    size = answer.text.removesuffix("\n")
    if answer.headers.get("content-type", "").split(";")[0] != SIZE_TYPE or not (size.isascii() and size.isdecimal()):
        raise ServiceUnreachable(f"{whose} refuses, and does not say which size it has", _ASK)
    return int(size)


def _silent(whose: str) -> ServiceUnreachable:
    return ServiceUnreachable(f"{whose} does not answer", _ASK)
