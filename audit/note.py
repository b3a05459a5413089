"""Signed notes and verifier keys in the text form of C2SP signed-note (c2sp.org/signed-note).

A note is a text, a blank line, and signature lines. This module reads and writes the form alone;
`audit.signing` makes and checks the signatures.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256

from audit.errors import NameRefused, SigningKeyError, VerificationError

MAX_SIGNATURES = 64  # the specification asks for at least 16
KEY_ID_BYTES = 4
_NAME = r"(?P<name>[^\s+\x00-\x20\x7f-\x9f\u2028-\u202e\u2066-\u2069]+)"  # as C2SP, and showable
_BASE64 = r"(?P<base64>[A-Za-z0-9+/]+={0,2})"
_KEY_NAME = re.compile(_NAME)
_SIGNATURE_LINE = re.compile(f"— {_NAME} {_BASE64}")
_VKEY = re.compile(rf"{_NAME}\+(?P<id>[0-9a-f]{{8}})\+{_BASE64}")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_GET_KEYS = "Ask the people who run the log for its file log.vkey."
PRIVATE = "PRIVATE+KEY"
_NOT_PRIVATE = "Give the file beside it that ends with .vkey. Private keys are handed to nobody."


class Algorithm(IntEnum):
    """Signature types of C2SP signed-note: a log signs with the first and the last, a witness with the last two."""

    ED25519 = 0x01
    COSIGNATURE = 0x04  # Ed25519 with a time, by a witness (c2sp.org/tlog-cosignature)
    ML_DSA_44 = 0x06  # always the cosigned_message of c2sp.org/tlog-cosignature, also for the log itself

    @property
    def title(self) -> str:
        """The name that people know it by."""
        return _TITLES[self]


_TITLES = {
    Algorithm.ED25519: "Ed25519",
    Algorithm.COSIGNATURE: "Ed25519 cosignature",
    Algorithm.ML_DSA_44: "ML-DSA-44",
}
PUBLIC_KEY_BYTES = {Algorithm.ED25519: 32, Algorithm.COSIGNATURE: 32, Algorithm.ML_DSA_44: 1312}


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: who says to have signed, with which key, and the bytes."""

    name: str
    key_id: bytes
    value: bytes

    def line(self) -> str:
        """The line as it stands in a note, without its line break."""
        return f"— {self.name} {to_base64(self.key_id + self.value)}"


@dataclass(frozen=True, slots=True)
class Note:
    """A text (with its final line break) and the signatures under it, unverified."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        lines = "".join(signature.line() + "\n" for signature in self.signatures)
        return f"{self.text}\n{lines}"


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key with the name and the algorithm it signs under; ``str()`` gives its vkey line."""

    name: str
    algorithm: Algorithm
    public: bytes

    @property
    def key_id(self) -> bytes:
        """The four bytes by which a signature line points to this key."""
        return key_id(self.name, self.algorithm, self.public)

    @property
    def title(self) -> str:
        """Name, algorithm and key id, for people."""
        return f"{self.name}, {self.algorithm.title} key {self.key_id.hex()}"

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{to_base64(bytes([self.algorithm]) + self.public)}"


def key_id(name: str, algorithm: Algorithm, public: bytes) -> bytes:
    """SHA-256(name, line break, algorithm byte, public key), cut to four bytes (C2SP signed-note)."""
    return sha256(name.encode() + b"\n" + bytes([algorithm]) + public).digest()[:KEY_ID_BYTES]


def check_key_name(name: str) -> None:
    """Check that *name* can stand in a signature line and in an ML-DSA-44 message.

    Raises:
        NameRefused: empty, over 255 bytes, or with a space or a plus sign.
    """
    if not _KEY_NAME.fullmatch(name) or len(name.encode()) > 255:
        raise NameRefused(
            f"{name!r} cannot name a log or a witness",
            "Use a short name without spaces or plus signs, such as anytown.example/headcount.",
        )


def parse_note(data: str) -> Note:
    """Parse a signed note; only the exact form that `Note` would write is accepted.

    Raises:
        VerificationError: not a signed note.
    """
    text, separator, tail = data.rpartition("\n\n")
    if not separator or not tail.endswith("\n") or _CONTROL.search(data):
        raise VerificationError("this is not a signed note: a text, a blank line, and signature lines")
    lines = tail.removesuffix("\n").split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise VerificationError(f"the note has more than {MAX_SIGNATURES} signatures")
    return Note(text + "\n", tuple(parse_signature(line) for line in lines))


def parse_vkey(text: str) -> VerifierKey:
    """Parse one verifier key: ``name+key id+base64(algorithm and public key)``.

    Raises:
        SigningKeyError: not a verifier key, of an unknown algorithm, or its key id does not fit.
    """
    if text.startswith(PRIVATE):
        raise SigningKeyError("this is a private key, not a verifier key", _NOT_PRIVATE)
    match = _VKEY.fullmatch(text)
    if not match:
        raise SigningKeyError("this is not a verifier key", _GET_KEYS)
    try:
        material = from_base64(match["base64"])
        algorithm = Algorithm(material[0])
    except ValueError as error:
        raise SigningKeyError("the verifier key is of a kind that Headcount does not know", _GET_KEYS) from error
    key = VerifierKey(match["name"], algorithm, material[1:])
    if len(key.public) != PUBLIC_KEY_BYTES[algorithm] or key.key_id.hex() != match["id"]:
        raise SigningKeyError("the verifier key is damaged: its parts do not fit together", _GET_KEYS)
    return key


def parse_vkey_lines(text: str) -> tuple[VerifierKey, ...]:
    """Parse verifier keys, one a line; empty lines do not count.

    Raises:
        SigningKeyError: no key, or a damaged one.
    """
    keys = tuple(parse_vkey(line) for line in text.splitlines() if line.strip())
    if not keys:
        raise SigningKeyError("there is no verifier key in that file", _GET_KEYS)
    return keys


def parse_vkeys(text: str) -> tuple[VerifierKey, ...]:
    """Parse the keys of one log, one a line.

    Raises:
        SigningKeyError: no key, a damaged one, a witness's, or keys of different logs.
    """
    keys = parse_vkey_lines(text)
    if len({key.name for key in keys}) != 1:
        raise SigningKeyError("the verifier keys are of different logs", _GET_KEYS)
    if Algorithm.COSIGNATURE in {key.algorithm for key in keys}:
        raise SigningKeyError("the verifier key is of a witness, not of a log", _GET_KEYS)
    return keys


def to_base64(data: bytes) -> str:
    """Standard base64 with padding (RFC 4648 section 4)."""
    return base64.b64encode(data).decode("ascii")


def from_base64(text: str) -> bytes:
    """Bytes from standard base64, refusing every spelling but the one `to_base64` gives.

    Raises:
        ValueError: not base64, or padded or ended in another way.
    """
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
    if to_base64(data) != text:
        raise ValueError("base64 in an unusual spelling")
    return data


def parse_signature(line: str) -> Signature:
    """Parse one signature line, given without its line break.

    Raises:
        VerificationError: not a signature line.
    """
    match = _SIGNATURE_LINE.fullmatch(line)
    try:
        value = from_base64(match["base64"]) if match else b""
    except ValueError:
        value = b""
    if not match or len(value) <= KEY_ID_BYTES:
        raise VerificationError("a signature line of the note cannot be read")
    return Signature(match["name"], value[:KEY_ID_BYTES], value[KEY_ID_BYTES:])
