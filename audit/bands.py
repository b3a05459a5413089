"""Numbers of clients as the log tells them: a band, wide enough that no number of clients can be worked out.

An exact one would tell auditors how many clients two agencies share, also where that is one; and a number above ten,
told exactly from day to day, tells the one by which it grew. Why: docs/adr/0039-numbers-in-the-log.md.
"""

from __future__ import annotations

NONE = "none"
_FEW = 10


def band_of(clients: int) -> str:
    """``none``, ``1 to 10``, ``11 to 100``, ``101 to 1000``, and so on by tens."""
    if clients == 0:
        return NONE
    low, high = 1, _FEW
    while clients > high:
        low, high = high + 1, 10 * high
    return f"{low} to {high}"
