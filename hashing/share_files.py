"""A share of the secret as a file. Described in docs/formats/secret-shares.md.

One line of JSON with sorted keys: ``{"body": ..., "checksum": ...}``. There is one way to write a file; any other
is refused. The checksum finds damage and tells whose file it is; a share that was altered on purpose is found when
the shares are combined.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec

from hashing.errors import ShareRefused
from hashing.keys import LAST_EPOCH
from hashing.private import Hidden
from hashing.sharing import FEWEST_NEEDED, KEY_BYTES, MOST_SHARES

FORMAT: Final = "headcount-secret-share-1"
MAX_BYTES = 4096  # a share is under 700 bytes

_SetId = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{32}\Z")]
_Nonce = Annotated[bytes, msgspec.Meta(min_length=12, max_length=12)]
_Sealed = Annotated[bytes, msgspec.Meta(min_length=16, max_length=512)]


class ShareSet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What all shares of one splitting have in common: how many, and the sealed secret."""

    id: _SetId
    epoch: Annotated[int, msgspec.Meta(ge=1, le=LAST_EPOCH)]
    shares: Annotated[int, msgspec.Meta(ge=FEWEST_NEEDED, le=MOST_SHARES)]
    needed: Annotated[int, msgspec.Meta(ge=FEWEST_NEEDED, le=MOST_SHARES)]
    nonce: _Nonce
    sealed: _Sealed


class Share(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One share, number *number* of its set."""

    format: Literal["headcount-secret-share-1"]
    number: Annotated[int, msgspec.Meta(ge=1, le=MOST_SHARES)]
    set: ShareSet
    share: Hidden


class _Checked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    body: msgspec.Raw
    checksum: str


def share_content(share: Share) -> Hidden:
    """The content of a share's file."""
    body = Hidden(_encode(share))
    return Hidden(_encode(_Checked(msgspec.Raw(body.reveal()), _checksum(body))) + b"\n")


def read_share(path: Path) -> Share:
    """Read a share's file, whoever else may read it: a share alone says nothing, and sticks know no owners.

    Raises:
        ShareRefused: missing, not a share, or damaged.
    """
    try:
        with path.open("rb") as stream:
            content = Hidden(stream.read(MAX_BYTES + 1))
    except OSError as error:
        raise ShareRefused(f"{path.name}: the file cannot be read", hint="Check the name and folder.") from error
    return parse_share(content, name=path.name)


def parse_share(content: Hidden, *, name: str) -> Share:
    """Parse a share's file; *name* is what errors call it.

    Raises:
        ShareRefused: not a share, or damaged.
    """
    if len(content) > MAX_BYTES:
        raise _not_a_share(name)
    try:
        checked = msgspec.json.decode(content.reveal().rstrip(b"\r\n"), type=_Checked)
        body = Hidden(bytes(checked.body))
        share = msgspec.json.decode(body.reveal(), type=Share, dec_hook=_decode_hidden)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise _not_a_share(name) from None  # the library's error may carry what it could not read
    del checked  # a traceback that shows local variables must not show the share
    _check_is_whole(content, share, name)
    return share


def _check_is_whole(content: Hidden, share: Share, name: str) -> None:
    if not hmac.compare_digest(share_content(share).reveal().rstrip(), content.reveal().rstrip(b"\r\n")):
        raise ShareRefused(
            f"{name}: the share is damaged or was altered",
            hint="Take another copy of it, or the share of somebody else.",
        )
    if max(share.number, share.set.needed) > share.set.shares:
        raise _not_a_share(name)


def _checksum(body: Hidden) -> str:
    return hashlib.sha256(FORMAT.encode() + b"\n" + body.reveal()).hexdigest()


def _encode(content: msgspec.Struct) -> bytes:
    return msgspec.json.encode(content, order="sorted", enc_hook=_encode_hidden)


def _encode_hidden(value: Any) -> str:  # noqa: ANN401 -- msgspec hands on whatever it cannot encode
    if not isinstance(value, Hidden):
        raise NotImplementedError
    return base64.b64encode(value.reveal()).decode()


def _decode_hidden(kind: type, value: Any) -> Hidden:  # noqa: ANN401 -- msgspec hands on whatever it has read
    if kind is not Hidden:
        raise NotImplementedError
    try:
        share = Hidden(base64.b64decode(str(value).encode("ascii", "replace"), validate=True))
    except ValueError:
        share = Hidden(b"")
    del value
    if len(share) != KEY_BYTES:
        raise ValueError("a share has 16 bytes")
    return share


def _not_a_share(name: str) -> ShareRefused:
    return ShareRefused(f"{name}: this is not a share of a secret", hint="'headcount secret split' writes them.")
