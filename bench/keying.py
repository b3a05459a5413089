"""What it costs to key one text: a keyed hash for each, or AES for many at once (docs/adr/0015-aes-for-tokens.md).

python -m bench.keying
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable, Sequence

from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC

from hashing.prf import KeyedFunction
from hashing.texts import Texts

TEXTS = 50_000
ROUNDS = 3  # the fastest counts
POSITIONS, VOTES = 20, 640  # bytes: a Bloom filter's positions, a SAUL code's votes
_KEY = bytes(range(32))


def cmac_of(text: bytes) -> bytes:
    """AES-CMAC of one text, by the library's own class."""
    mac = CMAC(AES(_KEY[:16]))
    mac.update(text)
    return mac.finalize()


def votes_of(text: bytes) -> bytes:
    """What ``saul/1`` drew."""
    return hashlib.shake_256(hmac.digest(_KEY, text, "sha256")).digest(VOTES)


def one_by_one(key_one: Callable[[bytes], bytes], texts: Sequence[bytes]) -> list[bytes]:
    """A keyed text for each text."""
    return [key_one(text) for text in texts]


def nanoseconds(act: Callable[[], object]) -> float:
    """What a text costs."""
    spent = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        act()
        spent.append(time.perf_counter() - started)
    return min(spent) / TEXTS * 1e9


def main() -> None:
    """Measure and print."""
    texts = [b"d:w19%08d" % number for number in range(TEXTS)]
    many, keyed = Texts.of_bytes(texts), KeyedFunction(_KEY)
    ways: dict[str, Callable[[], object]] = {
        "HMAC-SHA-256, one by one": lambda: one_by_one(lambda text: hmac.digest(_KEY, text, "sha256"), texts),
        "HMAC-SHA-512, one by one": lambda: one_by_one(lambda text: hmac.digest(_KEY, text, "sha512"), texts),
        "AES-CMAC, one by one": lambda: one_by_one(cmac_of, texts),
        "AES-CMAC, many at once": lambda: keyed.tags(many),
        f"{POSITIONS} bytes, many at once": lambda: keyed.bytes_of(many, POSITIONS),
        f"{VOTES} bytes of SHAKE-256 over HMAC-SHA-256, one by one": lambda: one_by_one(votes_of, texts),
        f"{VOTES} bytes, many at once": lambda: keyed.bytes_of(many, VOTES),
    }
    for name, way in ways.items():
        print(f"{name:<58}{nanoseconds(way):>8,.0f} ns a text")


if __name__ == "__main__":
    main()
