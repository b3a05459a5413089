"""The files of the joining ceremony: join request, sealed secret, roster. Described in docs/formats/join-files.md.

Each is one line of JSON with sorted keys. The first two are signed: ``{"body": ..., "signature": ...}``, Ed25519
over a line that names the format and the body's bytes. There is one way to write a file; any other is refused.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal, TypeVar

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from hashing.errors import JoinRefused
from hashing.join_key import PUBLIC_BYTES, join_key_id
from hashing.keys import LAST_EPOCH
from hashing.member_key import MemberKey
from hashing.schema import AgencyId, AgencyKind, Digest
from hashing.words import fingerprint

MAX_BYTES = 256 * 1024  # a roster of 500 agencies is under 150 KiB
REQUEST: Final = "headcount-join-request-1"
SEALED: Final = "headcount-sealed-secret-1"
ROSTER: Final = "headcount-roster-1"

_SEALED_BYTES = 32 + 1136
Epoch = Annotated[int, msgspec.Meta(ge=1, le=LAST_EPOCH)]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]
MemberPublic = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
JoinPublic = Annotated[bytes, msgspec.Meta(min_length=PUBLIC_BYTES, max_length=PUBLIC_BYTES)]
SealedBytes = Annotated[bytes, msgspec.Meta(min_length=_SEALED_BYTES, max_length=_SEALED_BYTES)]
_Signature = Annotated[bytes, msgspec.Meta(min_length=64, max_length=64)]


class JoinRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An agency asks for the secret: who it is, and the key to which the secret is to be sealed."""

    format: Literal["headcount-join-request-1"]
    agency: AgencyId
    kind: AgencyKind
    member_key: MemberPublic
    join_key: JoinPublic
    created: Moment

    @property
    def words(self) -> str:
        """The whole request as eight words."""
        return fingerprint("join-request", _encode(self))


class Recipient(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who got the secret, and by which keys."""

    agency: AgencyId
    kind: AgencyKind
    member_key: MemberPublic
    join_key: Digest

    @classmethod
    def of(cls, request: JoinRequest) -> Recipient:
        """The recipient that a request makes."""
        return cls(request.agency, request.kind, request.member_key, join_key_id(request.join_key))


class Roster(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everybody to whom one agency has sealed the secret of one epoch, in order."""

    format: Literal["headcount-roster-1"]
    epoch: Epoch
    recipients: Annotated[tuple[Recipient, ...], msgspec.Meta(max_length=500)]

    @classmethod
    def empty(cls, epoch: int) -> Roster:
        """The roster before the first sealing."""
        return cls(ROSTER, epoch, ())


class SealedSecret(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The secret of one epoch, sealed to one recipient, with the roster as it then was."""

    format: Literal["headcount-sealed-secret-1"]
    epoch: Epoch
    recipient: Recipient
    roster: Annotated[tuple[Recipient, ...], msgspec.Meta(min_length=1, max_length=500)]
    sealed: SealedBytes
    sender_key: MemberPublic
    created: Moment


class _Signed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    body: msgspec.Raw
    signature: _Signature


_Read = TypeVar("_Read", JoinRequest, SealedSecret, Roster)


def sign_request(request: JoinRequest, member: MemberKey) -> bytes:
    """The content of a join request file."""
    return _sign(request, REQUEST, member)


def sign_sealed(sealed: SealedSecret, member: MemberKey) -> bytes:
    """The content of a sealed secret's file."""
    return _sign(sealed, SEALED, member)


def parse_request(content: bytes, *, name: str) -> JoinRequest:
    """Read a join request, which proves that its maker holds the member key named in it.

    Raises:
        JoinRefused: not a join request, altered, or not signed with the key in it.
    """
    signed = _unwrap(content, name=name, kind="a join request")
    request = _decode(signed.body, JoinRequest, name=name, kind="a join request")
    _check_signature(signed, REQUEST, request.member_key, name=name)
    return request


def parse_sealed(content: bytes, *, name: str) -> SealedSecret:
    """Read a sealed secret, which proves that its maker holds the sender key named in it, not who that is.

    Raises:
        JoinRefused: not a sealed secret, altered, or not signed with the key in it.
    """
    signed = _unwrap(content, name=name, kind="a sealed secret")
    sealed = _decode(signed.body, SealedSecret, name=name, kind="a sealed secret")
    _check_signature(signed, SEALED, sealed.sender_key, name=name)
    return sealed


def parse_roster(content: bytes, *, name: str) -> Roster:
    """Read a roster.

    Raises:
        JoinRefused: not a roster, or altered by hand.
    """
    return _decode(content.rstrip(b"\r\n"), Roster, name=name, kind="a roster")


def roster_content(roster: Roster) -> bytes:
    """The content of a roster file."""
    return _encode(roster) + b"\n"


def _sign(body: JoinRequest | SealedSecret, purpose: str, member: MemberKey) -> bytes:
    raw = _encode(body)
    return _encode(_Signed(msgspec.Raw(raw), member.private.sign(_signed_message(purpose, raw)))) + b"\n"


def _signed_message(purpose: str, body: bytes) -> bytes:
    return purpose.encode() + b"\n" + body


def _unwrap(content: bytes, *, name: str, kind: str) -> _Signed:
    line = content.rstrip(b"\r\n")  # mail programs add line ends of their own
    if len(line) > MAX_BYTES:
        raise _not_a_file(name, kind)
    try:
        signed = msgspec.json.decode(line, type=_Signed)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _not_a_file(name, kind) from error
    if _encode(signed) != line:
        raise _altered(name)
    return signed


def _decode(body: bytes | msgspec.Raw, kind_of: type[_Read], *, name: str, kind: str) -> _Read:
    try:
        read = msgspec.json.decode(body, type=kind_of)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _not_a_file(name, kind) from error
    if _encode(read) != bytes(body):
        raise _altered(name)
    return read


def _check_signature(signed: _Signed, purpose: str, key: bytes, *, name: str) -> None:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signed.signature, _signed_message(purpose, bytes(signed.body)))
    except (InvalidSignature, ValueError) as error:
        raise _altered(name) from error


def _encode(content: msgspec.Struct) -> bytes:
    return msgspec.json.encode(content, order="sorted")


def _not_a_file(name: str, kind: str) -> JoinRefused:
    return JoinRefused(f"{name}: this is not {kind}", hint="Check the name, or ask the other side to send it again.")


def _altered(name: str) -> JoinRefused:
    return JoinRefused(f"{name}: the file was altered after it was signed", hint="Ask the other side to send it again.")
