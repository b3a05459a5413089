"""The encoders as docs/formats tells them, slow and obvious: what every encoding is held against.

Written from encoded-file.md and saul-codes.md alone. Nothing here may call ``hashing``, and speed is no concern.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Tokens = Mapping[str, Sequence[str]]
Code = Mapping[str, Any]


def hkdf(secret: bytes, info: str) -> bytes:
    """One block of HKDF-SHA-256 (RFC 5869), which is the 32 bytes of every key."""
    extracted = hmac.digest(b"headcount/1", secret, "sha256")
    return hmac.digest(extracted, info.encode() + b"\x01", "sha256")


@dataclass(frozen=True)
class Terms:
    """Whatever all values of a file follow from: secret, epoch, agency, and a profile as its JSON."""

    secret: bytes
    epoch: int
    agency: str
    profile: Mapping[str, Any]
    digest: str

    @property
    def is_bloom(self) -> bool:
        """Whether the codes are Bloom filters; otherwise they are SAUL codes."""
        return str(self.profile["encoder"]).startswith("bloom/")

    def key(self, purpose: str, digest: str, name: str = "") -> bytes:
        """The key for a purpose."""
        return hkdf(self.secret, f"headcount/v1|{purpose}|{self.epoch}|{digest}|{name}")

    def key_labelled(self, label: str) -> bytes:
        """The key of a label such as ``code|name``, under the digest and name that the table of purposes tells."""
        purpose, _, name = label.partition("|")
        return self.key(purpose, "" if purpose in {"row", "household"} else self.digest, name)

    def check_value(self) -> str:
        """The key check value."""
        message = f"{self.epoch}|{self.digest}|{self.profile['encoder']}".encode()
        return hmac.digest(self.key("kcv", self.digest), message, "sha256")[:16].hex()

    def pseudonym(self, purpose: str, number: str) -> str:
        """The pseudonym of a client or household number."""
        digest = hmac.digest(self.key(purpose, "", self.agency), number.encode(), "sha256")
        return base64.b32encode(digest[:10]).decode().lower()

    def code(self, code: Code, tokens: Tokens, *, purpose: str = "code") -> str | None:
        """A code in base64, or None where a group that it needs has no token."""
        if not all(tokens[group] for group in code["needs"]):
            return None
        covered = {token for group in code["groups"] for token in tokens[group]}
        key = self.key(purpose, self.digest, code["name"])
        make = bloom_code if self.is_bloom else saul_code
        return base64.b64encode(make(covered, code, key)).decode()

    def blocks(self, keys: Sequence[str], pseudonym: str) -> list[str]:
        """A row's blocking tokens: under SAUL codes always 64."""
        if self.is_bloom:
            return self.keyed_blocks(keys)
        used = self.keyed_blocks(keys[:64])
        start = hmac.digest(self.key("padding", self.digest, self.agency), pseudonym.encode(), "sha256")
        stream = hashlib.shake_256(start).digest(12 * 64)
        pieces = [stream[12 * place : 12 * place + 12] for place in range(64 - len(used))]
        return sorted([*used, *(base64.urlsafe_b64encode(piece).decode() for piece in pieces)])

    def keyed_blocks(self, keys: Iterable[str], *, purpose: str = "blocking") -> list[str]:
        """The tokens of some blocking keys."""
        key = self.key(purpose, self.digest)
        digests = (hmac.digest(key, value.encode(), "sha256") for value in keys)
        return sorted(base64.urlsafe_b64encode(digest[:12]).decode() for digest in digests)

    def canaries(self, people: Sequence[tuple[Tokens, Sequence[str]]]) -> str:
        """The digest over the fictional people, each given by tokens and blocking keys."""
        text = ""
        for code in self.profile["codes"]:
            for tokens, _ in people:
                text += self.code(code, tokens, purpose="canary") or "-"
        for _, keys in people:
            used = keys if self.is_bloom else keys[:64]
            text += "\n".join(self.keyed_blocks(used, purpose="canary-blocks"))
        return hashlib.sha256(text.encode()).hexdigest()


def bloom_positions(token: str, code: Code, key: bytes) -> list[int]:
    """The positions that a token sets."""
    digest = hmac.digest(key, token.encode(), "sha512")
    return [int.from_bytes(digest[2 * n : 2 * n + 2], "big") % code["bits"] for n in range(code["hashes"])]


def bloom_code(tokens: Iterable[str], code: Code, key: bytes) -> bytes:
    """A Bloom filter; position 0 is the most significant bit of the first byte."""
    bits = ["0"] * code["bits"]
    for token in tokens:
        for position in bloom_positions(token, code, key):
            bits[position] = "1"
    return packed(bits)


def saul_code(tokens: Iterable[str], code: Code, key: bytes) -> bytes:
    """A SAUL code: majorities of the voters in each plane, folded by XOR."""
    size, planes = code["bits"], code["planes"]
    voters = [votes(key, b"\x00" + token.encode(), planes * size) for token in set(tokens)]
    if len(voters) % 2 == 0:
        voters.append(votes(key, b"\x01", planes * size))
    won = [2 * column.count("1") > len(voters) for column in map("".join, zip(*voters, strict=True))]
    return packed([str(sum(won[position::size]) % 2) for position in range(size)])


def votes(key: bytes, message: bytes, length: int) -> str:
    """A voter's bits, plane after plane."""
    drawn = hashlib.shake_256(hmac.digest(key, message, "sha256")).digest(length // 8)
    return "".join(f"{byte:08b}" for byte in drawn)


def packed(bits: Sequence[str]) -> bytes:
    """Bits as bytes, the first one most significant."""
    return int("".join(bits), 2).to_bytes(len(bits) // 8, "big")
