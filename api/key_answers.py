"""The shape of answers about keys."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Self

from api.inputs import KeyId, Strict
from api.storage.keys import KeptKey


class KeyOut(Strict):
    """A key that counts now; `retires` is null for one without an end."""

    keyid: KeyId
    public_key: str
    added: datetime | None
    retires: datetime | None

    @classmethod
    def of(cls, kept: KeptKey) -> Self:
        """The key as it is held."""
        line = base64.b64encode(kept.key.raw).decode("ascii")
        return cls(keyid=kept.key.keyid, public_key=line, added=kept.added, retires=kept.retires)
