"""The secret that two parties use with clkhash, and the keys of each feature.

It is a secret of their own, text of any length, and never the collaborative's: codes of clkhash can be undone
by graph matching whatever the secret (docs/adr/0011-clkhash-interoperation.md).
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from cryptography.hazmat.primitives.hashes import SHA256, SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from hashing.clkhash_schema import ClkhashSchema
from hashing.errors import SecretError
from hashing.keys import check_is_private

_LINE_BREAK_AT_END = re.compile(r"\r?\n\Z")
_HASHES = {"SHA256": SHA256, "SHA512": SHA512}


@dataclass(frozen=True, slots=True)
class ClkSecret:
    """A secret for clkhash. It cannot be printed, logged or pickled."""

    _secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not self._secret:
            raise SecretError("the secret is empty", hint="Write the secret of the exchange into the file.")
        if self._secret.startswith(b"headcount-secret-"):
            raise SecretError(
                "this is a secret of Headcount's own linkage",
                hint="Codes of clkhash need a secret of their own: agree on one with the other party.",
            )

    def __repr__(self) -> str:
        return "<ClkSecret>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret cannot be pickled")

    def key_pairs(self, schema: ClkhashSchema) -> tuple[KeyPair, ...]:
        """One pair a feature, in order, of ignored features too (HKDF, RFC 5869).

        An empty salt or info is as good as none: HMAC pads both with zeros.
        """
        kdf = schema.config.kdf
        salt, info = base64.b64decode(kdf.salt) or None, base64.b64decode(kdf.info) or None
        hkdf = HKDF(algorithm=_HASHES[kdf.algorithm](), length=schema.key_bytes, salt=salt, info=info)
        output, size = hkdf.derive(self._secret), kdf.key_size
        starts = range(0, len(output), 2 * size)
        return tuple(KeyPair(output[at : at + size], output[at + size : at + 2 * size]) for at in starts)


@dataclass(frozen=True, slots=True)
class KeyPair:
    """The two keys of a feature; BLAKE2b needs only the first."""

    first: bytes = field(repr=False)
    second: bytes = field(repr=False)


def open_clk_secret(path: Path) -> ClkSecret:
    """Read a secret file: UTF-8 text, of which one line break at the end is no part.

    Raises:
        SecretError: the file is missing, readable by others, empty, not text, or holds Headcount's own secret.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        raise SecretError(f"{path.name}: there is no such secret file", hint="Check the name and folder.") from error
    except (UnicodeDecodeError, OSError) as error:
        raise SecretError(f"{path.name}: this is not a secret file", hint="Save it as plain text in UTF-8.") from error
    check_is_private(path)
    return ClkSecret(_LINE_BREAK_AT_END.sub("", text).encode())
