"""Signed requests: RFC 9421 with Ed25519, as docs/reference/api.md tells members to make them."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from http_message_signatures import (
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    VerifyResult,
    algorithms,
)
from http_message_signatures.exceptions import HTTPMessageSignaturesException
from starlette.datastructures import Headers
from starlette.types import Scope

from api.errors import ApiError, NotSigned
from api.roster import KEYID, MemberKey

LABEL, TAG = "headcount", "headcount-v1"
COVERED = ("@method", "@authority", "@path", "@query")
COVERED_WITH_BODY = (*COVERED, "content-digest", "content-type")
IDEMPOTENCY_KEY = "idempotency-key"  # covered last, where the request has one
MAX_SKEW = timedelta(seconds=60)
_NONCE = re.compile(r"[A-Za-z0-9_-]{22,64}")
_DIGEST = re.compile(r"sha-256=:([A-Za-z0-9+/]{43}=):")
_SIGNATURE = re.compile(r"headcount=:([A-Za-z0-9+/]{86}==):")
_PARAMETER = re.compile(r";\s*([a-z*][a-z0-9_.*-]*)")
_HOW = "Sign the request as docs/reference/api.md says, or use the headcount commands, which do it for you."

FindKey = Callable[[str], MemberKey | None]


@dataclass(frozen=True, slots=True)
class Message:
    """A request as the signature library wants to see it."""

    method: str
    url: str
    headers: Headers

    @classmethod
    def of(cls, scope: Scope) -> Message:
        """The request of an ASGI *scope*, its path and query exactly as they were sent."""
        headers = Headers(scope=scope)
        path = scope["raw_path"].decode("latin-1")
        query = scope["query_string"].decode("latin-1")
        url = f"{scope['scheme']}://{headers.get('host', '')}{path}" + (f"?{query}" if query else "")
        return cls(scope["method"], url, headers)


@dataclass(frozen=True, slots=True)
class Signed:
    """What a good signature vouches for."""

    keyid: str
    nonce: str
    body_sha256: bytes | None  # None: signed as a request without a body
    signature_sha256: str


def verify(message: Message, find_key: FindKey, *, now: datetime) -> Signed:
    """Check the signature of a request; the body and the nonce are still to be checked by the caller.

    Raises:
        NotSigned: unsigned, signed otherwise than asked, too old, or by a key that *find_key* does not know.
    """
    has_digest = "content-digest" in message.headers
    _check_said_once(message.headers.get("signature-input", ""))
    result = _verify(message, _Verifier(find_key, now))
    covered = tuple(name.strip('"') for name in result.covered_components if name != '"@signature-params"')
    expected = COVERED_WITH_BODY if has_digest else COVERED
    if covered != (*expected, *((IDEMPOTENCY_KEY,) if IDEMPOTENCY_KEY in message.headers else ())):
        raise NotSigned("the signature does not cover what it has to, in the order it has to", hint=_HOW)
    return Signed(
        keyid=str(result.parameters["keyid"]),
        nonce=_nonce(result),
        body_sha256=_body_digest(message.headers["content-digest"]) if has_digest else None,
        signature_sha256=_signature_digest(message.headers["signature"]),
    )


def _check_said_once(signature_input: str) -> None:
    """Of a parameter that is said twice the last one counts (RFC 9651); here nothing is said twice."""
    names = _PARAMETER.findall(signature_input)
    if len(set(names)) != len(names):
        raise NotSigned("the signature says something twice", hint=_HOW)


class _KeyNotKnown(LookupError):
    """The roster has no key of that name; the library hands it on as the cause of its own error."""


class _Keys(HTTPSignatureKeyResolver):
    def __init__(self, find_key: FindKey) -> None:
        self._find_key = find_key

    def resolve_public_key(self, key_id: str) -> Ed25519PublicKey:
        key = self._find_key(key_id) if KEYID.fullmatch(key_id) else None
        if key is None:
            raise _KeyNotKnown
        return Ed25519PublicKey.from_public_bytes(key.raw)

    def resolve_private_key(self, key_id: str) -> Any:  # noqa: ANN401 - the library's own signature
        raise NotSigned("the service signs no requests", hint=_HOW)


class _Verifier(HTTPMessageVerifier):
    """The library's verifier with the service's clock and tolerance."""

    def __init__(self, find_key: FindKey, now: datetime) -> None:
        super().__init__(signature_algorithm=algorithms.ED25519, key_resolver=_Keys(find_key))
        self._now = now

    def validate_created_and_expires(self, sig_input: Any, max_age: timedelta | None = None) -> None:  # noqa: ANN401
        created, expires = sig_input.params.get("created"), sig_input.params.get("expires")
        if created is None:
            raise NotSigned("the signature does not say when it was made", hint=_HOW)
        if abs(_moment(created) - self._now) > MAX_SKEW:
            raise NotSigned(
                "the request was signed too long ago, or by a clock that is wrong",
                hint="Set this computer's clock right, then send the request again.",
            )
        if expires is not None and _moment(expires) < self._now:
            raise NotSigned("the signature has expired", hint="Send the request again.")


def _verify(message: Message, verifier: _Verifier) -> VerifyResult:
    try:
        results = verifier.verify(message, expect_tag=TAG, expect_label=LABEL)
    except (HTTPMessageSignaturesException, UnsupportedAlgorithm) as error:
        if isinstance(error.__cause__, ApiError):
            raise error.__cause__ from error.__cause__.__cause__  # the roster could not be asked
        if isinstance(error.__cause__, _KeyNotKnown):
            raise NotSigned(
                "the key is not registered at this service",
                hint="Give its .pub file to the coordinator, who registers it; or use the key that is registered.",
            ) from error
        raise NotSigned("the request is not signed as it has to be, or was altered on its way", hint=_HOW) from error
    return results[0]


def _moment(seconds: object) -> datetime:
    try:
        return datetime.fromtimestamp(int(str(seconds)), tz=UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise NotSigned("the signature's time is not a time", hint=_HOW) from error


def _nonce(result: VerifyResult) -> str:
    if result.nonce is None or not _NONCE.fullmatch(result.nonce):
        raise NotSigned("the signature has no nonce of 22 to 64 letters and digits", hint=_HOW)
    return result.nonce


def _body_digest(value: str) -> bytes:
    match = _DIGEST.fullmatch(value)
    if match is None:
        raise NotSigned("the Content-Digest is not one sha-256 digest", hint=_HOW)
    return base64.b64decode(match[1])


def _signature_digest(value: str) -> str:
    match = _SIGNATURE.fullmatch(value)
    signature = base64.b64decode(match[1]) if match else b""
    if match is None or base64.b64encode(signature).decode("ascii") != match[1]:
        raise NotSigned(f"the request has other signatures beside {LABEL!r}, or an odd one", hint=_HOW)
    return hashlib.sha256(signature).hexdigest()
