"""Bytes that must not be shown: the secret, private keys, and the texts in which they are kept."""

from __future__ import annotations

import hmac
from typing import NoReturn, final

_UNCOPIED = "private bytes cannot be copied, pickled or encoded"


@final
class Hidden:
    """Private bytes behind a wall: not printed, formatted, copied, pickled or encoded; compared in constant time.

    Deliberately no dataclass: ``dataclasses.asdict`` and msgspec would write out its fields. The bytes come
    out by :meth:`reveal` alone, and its result belongs into an expression, never into a local variable: a
    traceback that shows local variables would show it.
    """

    __slots__ = ("_content",)

    def __init__(self, content: bytes) -> None:
        self._content = content

    def reveal(self) -> bytes:
        """The bytes themselves."""
        return self._content

    def __len__(self) -> int:
        return len(self._content)

    def __repr__(self) -> str:
        return "<hidden>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Hidden) and hmac.compare_digest(self._content, other._content)

    def __hash__(self) -> NoReturn:
        raise TypeError("private bytes have no hash")

    def __reduce__(self) -> NoReturn:
        raise TypeError(_UNCOPIED)

    def __getstate__(self) -> NoReturn:
        raise TypeError(_UNCOPIED)
