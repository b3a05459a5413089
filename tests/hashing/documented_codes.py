"""The encoders as docs/formats tells them, slow and obvious: what every encoding is held against.

Written from encoded-file.md, saul-codes.md and profile.md alone. Nothing here may call ``hashing``, and speed is no
concern: each text is keyed by itself, with the CMAC and the AES of ``cryptography``.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB
from cryptography.hazmat.primitives.cmac import CMAC

Tokens = Mapping[str, Sequence[str]]  # of each token group
Parts = Mapping[str, Sequence[str]]  # of each part of blocking keys
Code = Mapping[str, Any]

ROLES = {"root": "name", "last": "name", "phone0": "phone", "phone1": "phone", "phone2": "phone"}  # others: themselves
NEAR_UNIQUE = (
    "bl birth last", "bf birth root", "bi birth initials",
    "bp birth phone0", "bp birth phone1", "bp birth phone2", "ba birth number street", "bz birth zip", "bs birth ssn4",
    "nd full month_and_day", "nm full year_and_month", "ne full year_and_day", "ny full year",
    "nz full zip", "ns full street", "nh full number", "ni full initial", "s ssn",
    "wp phone0 last", "wp phone0 root", "wp phone1 last", "wp phone1 root", "wp phone2 last", "wp phone2 root",
    "wa number street last", "wa number street root", "ws ssn4 last", "ws ssn4 root",
)  # fmt: skip
LOOSE = ("l full", "lb birth", "lp phone0", "lp phone1", "lp phone2", "la number street unit")
MOST = {"bloom/2": 96, "saul/2": 64}
MOST_FULL_NAMES = 6
LANE = 2**64


def hkdf(secret: bytes, info: str) -> bytes:
    """One block of HKDF-SHA-256 (RFC 5869), which is the 32 bytes of every key."""
    extracted = hmac.digest(b"headcount/1", secret, "sha256")
    return hmac.digest(extracted, info.encode() + b"\x01", "sha256")


def tag(key: bytes, text: bytes) -> bytes:
    """AES-CMAC under the first half of a key."""
    mac = CMAC(AES(key[:16]))
    mac.update(text)
    return mac.finalize()


def stretched(key: bytes, block: bytes, size: int) -> bytes:
    """Block j is AES, under the second half of a key, of the sixteen bytes XOR j."""
    cipher = Cipher(AES(key[16:]), ECB())
    drawn, number = b"", int.from_bytes(block, "big")
    for place in range(-(-size // 16)):
        encryptor = cipher.encryptor()
        drawn += encryptor.update((number ^ place).to_bytes(16, "big")) + encryptor.finalize()
    return drawn[:size]


def keyed(key: bytes, text: bytes, size: int) -> bytes:
    """The pseudo-random bytes that a text stands for under a key."""
    return stretched(key, tag(key, text), size)


@dataclass(frozen=True)
class Keys:
    """What one agency encodes with: the keys of clients, or those of the canaries."""

    codes: Mapping[str, bytes]
    blocking: bytes
    row: bytes
    household: bytes
    padding: bytes


@dataclass(frozen=True)
class Terms:
    """Whatever all values of a file follow from: secret, epoch, agency, and a profile as its JSON."""

    secret: bytes
    epoch: int
    agency: str
    profile: Mapping[str, Any]
    digest: str

    def key(self, purpose: str, digest: str, name: str = "") -> bytes:
        """The key for a purpose."""
        return hkdf(self.secret, f"headcount/v1|{purpose}|{self.epoch}|{digest}|{name}")

    def key_labelled(self, label: str) -> bytes:
        """The key of a label such as ``code|name``, under the digest and name that the table of purposes tells."""
        purpose, _, name = label.partition("|")
        return self.key(purpose, "" if purpose in {"row", "household"} else self.digest, name)

    @property
    def keys(self) -> Keys:
        """The keys of the agency's clients."""
        return Keys(
            {code["name"]: self.key("code", self.digest, code["name"]) for code in self.profile["codes"]},
            self.key("blocking", self.digest),
            self.key("row", "", self.agency),
            self.key("household", "", self.agency),
            self.key("padding", self.digest, self.agency),
        )

    @property
    def canary_keys(self) -> Keys:
        """The keys of the fictional people."""
        codes = {code["name"]: self.key("canary", self.digest, code["name"]) for code in self.profile["codes"]}
        blocks, row = self.key("canary-blocks", self.digest), self.key("canary-row", self.digest)
        return Keys(codes, blocks, row, row, blocks)

    def check_value(self) -> str:
        """The key check value."""
        message = f"{self.epoch}|{self.digest}|{self.profile['encoder']}".encode()
        return hmac.digest(self.key("kcv", self.digest), message, "sha256")[:16].hex()

    def codes(self, tokens: Tokens, keys: Keys) -> dict[str, str | None]:
        """Each code in base64, or None where a group that it needs has no token."""
        return {code["name"]: self.code(code, tokens, keys) for code in self.profile["codes"]}

    def code(self, code: Code, tokens: Tokens, keys: Keys) -> str | None:
        """One code."""
        if not all(tokens[group] for group in code["needs"]):
            return None
        covered = {token for group in code["groups"] for token in tokens[group]}
        make = {"bloom/2": bloom_code, "saul/2": saul_code}[self.profile["encoder"]]
        return base64.b64encode(make(covered, code, keys.codes[code["name"]])).decode()

    def blocks(self, parts: Parts, number: str, keys: Keys) -> list[str]:
        """A row's blocking tokens: under SAUL codes always 64."""
        kinds = NEAR_UNIQUE + LOOSE if self.profile["loose_blocking"] else NEAR_UNIQUE
        used = blocking_tokens(parts, kinds, keys.blocking, most=MOST[self.profile["encoder"]])
        if self.profile["encoder"] == "saul/2":
            filling = stretched(keys.padding, number_block(keys.row, number), 8 * 64)
            used |= {int.from_bytes(filling[8 * n : 8 * n + 8], "big") for n in range(len(used), 64)}
        texts = [base64.urlsafe_b64encode(token.to_bytes(8, "big")) for token in sorted(used)]
        return [text.rstrip(b"=").decode() for text in texts]

    def canaries(self, people: Iterable[tuple[str, Tokens, Parts]]) -> str:
        """The digest over the lines of the fictional people, each given by number, tokens and parts."""
        keys, digest = self.canary_keys, hashlib.sha256()
        for number, tokens, parts in people:
            line = {
                "row": row_pseudonym(keys.row, number),
                "codes": self.codes(tokens, keys),
                "blocks": self.blocks(parts, number, keys),
                "household": None,
                "services": [],
                "consent": None,
            }
            digest.update(json.dumps(line, separators=(",", ":")).encode() + b"\n")
        return digest.hexdigest()


def number_block(row_key: bytes, number: str) -> bytes:
    """Sixteen pseudo-random bytes of a client number: AES of its CMAC, which is under a key of zeros."""
    return stretched(row_key, tag(bytes(16), number.encode()), 16)


def row_pseudonym(row_key: bytes, number: str) -> str:
    """The pseudonym of a client number."""
    return base32(number_block(row_key, number)[:10])


def household_pseudonym(household_key: bytes, number: str) -> str:
    """The pseudonym of a household number."""
    return base32(keyed(household_key, number.encode(), 10))


def base32(content: bytes) -> str:
    """Lower case, as pseudonyms are written."""
    return base64.b32encode(content).decode().lower()


def blocking_tokens(parts: Parts, kinds: Sequence[str], key: bytes, *, most: int) -> set[int]:
    """The tokens of the first choices of values, as numbers."""
    return {blocking_token(kind, values, key) for kind, values in islice(choices(parts, kinds), most)}


def choices(parts: Parts, kinds: Sequence[str]) -> Iterator[tuple[str, list[tuple[str, ...]]]]:
    """Each kind of key with each choice of values: texts of role and value, two of them where a full name stands."""
    for kind, *names in map(str.split, kinds):
        for values in product(*(values_of(parts, name.replace("_", " ")) for name in names)):
            yield kind, list(values)


def values_of(parts: Parts, name: str) -> list[tuple[str, ...]]:
    """The values of a part with its role; a full name is a pair."""
    if name == "full":
        pairs = product(parts["root"], parts["last"])
        return [(f"name|{root}", f"name|{last}") for root, last in islice(pairs, MOST_FULL_NAMES)]
    return [(f"{ROLES.get(name, name)}|{value}",) for value in parts[name]]


def blocking_token(kind: str, values: Sequence[tuple[str, ...]], key: bytes) -> int:
    """The first eight bytes of AES over the XOR of what stands for the kind and for each value."""
    total = tag(key, f"kind|{kind}".encode())
    for texts in values:
        total = xor(total, lane_sum([tag(key, text.encode()) for text in texts]))
    return int.from_bytes(stretched(key, total, 16)[:8], "big")


def lane_sum(tags: Sequence[bytes]) -> bytes:
    """The sum of tags: each half of the sixteen bytes is a little-endian number of 64 bits, and carries are lost."""
    lanes = [sum(int.from_bytes(one[8 * n : 8 * n + 8], "little") for one in tags) % LANE for n in (0, 1)]
    return b"".join(lane.to_bytes(8, "little") for lane in lanes)


def xor(one: bytes, other: bytes) -> bytes:
    """Byte by byte."""
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def bloom_positions(token: str, code: Code, key: bytes) -> list[int]:
    """The positions that a token sets."""
    drawn = keyed(key, token.encode(), 2 * code["hashes"])
    return [int.from_bytes(drawn[2 * n : 2 * n + 2], "big") % code["bits"] for n in range(code["hashes"])]


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
    return "".join(f"{byte:08b}" for byte in keyed(key, message, length // 8))


def packed(bits: Sequence[str]) -> bytes:
    """Bits as bytes, the first one most significant."""
    return int("".join(bits), 2).to_bytes(len(bits) // 8, "big")
