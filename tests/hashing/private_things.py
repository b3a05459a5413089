"""What the tests about keys share: fixed keys, and what an error would show of private bytes."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hashing.keys import LinkageSecret
from hashing.keystore import Cost
from hashing.member_key import MemberKey

RAW = bytes(range(200, 232))
NOW = datetime(2026, 11, 22, 9, 6, tzinfo=UTC)
CHEAP = Cost(memory=32, passes=1, lanes=1)  # a real cost would make the tests slow


def secret(epoch: int = 1, raw: bytes = RAW) -> LinkageSecret:
    return LinkageSecret(epoch, raw)


def member(seed: int) -> MemberKey:
    return MemberKey(Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32))


def spellings(private: bytes) -> list[str]:
    """How private bytes could look in a text; half of them would be too much already."""
    half = private[: len(private) // 2 // 3 * 3]
    encoded = [base64.b64encode(half), base64.urlsafe_b64encode(half)]
    return [repr(half)[2:-1], half.hex(), *(text.decode() for text in encoded)]


def shown(error: BaseException) -> str:
    """All that a reporter of errors could collect, local variables too, outside of the tests themselves."""
    texts, seen = [], error
    while seen is not None:
        texts += [repr(seen), str(seen), repr(vars(seen))]
        trace = seen.__traceback__
        while trace is not None:
            if "/tests/" not in trace.tb_frame.f_code.co_filename:
                texts.append(repr(trace.tb_frame.f_locals))
            trace = trace.tb_next
        seen = seen.__cause__ or seen.__context__
    return "\n".join(texts)


def assert_hides(text: str, private: bytes) -> None:
    for spelling in spellings(private):
        assert spelling not in text
