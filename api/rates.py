"""How often a caller may ask: within any minute, per key, per member and all together.

Whoever signs well is never held up by strangers: what nobody signed counts by address, and only against itself.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from api.callers import Caller
from api.errors import TooManyRequests
from api.settings import Settings

WINDOW = 60  # seconds
EVERYBODY = "everybody"
_WHAT = {
    "key": "more requests came from this key within a minute than the service takes",
    "member": "more requests came from this member within a minute than the service takes",
    "service": "the service has more to do than it can",
    "refusals": "too many of this member's requests were refused within a minute",
    "address": "too many requests that nobody known had signed came from this address",
}
_HINT = "Wait as many seconds as Retry-After says, then ask again, and less often."


@dataclass(frozen=True, slots=True)
class Left:
    """How many requests a key has left, of how many a minute, and in how many seconds it has more."""

    quota: int
    left: int
    seconds: int

    @property
    def headers(self) -> dict[str, str]:
        """As draft-ietf-httpapi-ratelimit-headers-10 writes it."""
        return {
            "ratelimit-policy": f'"key";q={self.quota};w={WINDOW}',
            "ratelimit": f'"key";r={self.left};t={self.seconds}',
        }


class Rates:
    """Counts requests in moving windows of a minute; a limit of 0 is none. Kept in memory: a restart forgives."""

    def __init__(self, settings: Settings) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        per_minute = {
            "key": settings.rate_per_key,
            "member": settings.rate_per_member,
            "service": settings.rate_of_all,
            "refusals": settings.rate_of_refusals,
            "address": settings.rate_of_strangers,
        }
        self._items = {name: RateLimitItemPerMinute(rate) for name, rate in per_minute.items() if rate}

    def admit(self, caller: Caller) -> None:
        """Count a request of *caller*.

        Raises:
            TooManyRequests: its key, its member or everybody together asked too often, or it was refused too often.
        """
        member = caller.member.id
        if self._is_full("refusals", member):
            raise self._too_many("refusals", member)
        for name, who in (("key", caller.keyid), ("member", member), ("service", EVERYBODY)):
            if who and not self._hit(name, who):
                raise self._too_many(name, who)

    def refused(self, caller: Caller) -> None:
        """Count that a request of *caller* was refused."""
        self._hit("refusals", caller.member.id)

    def stranger(self, address: str) -> TooManyRequests | None:
        """Count a request from *address* that nobody known had signed; what to answer if there were too many."""
        return None if self._hit("address", address) else self._too_many("address", address)

    def left(self, caller: Caller) -> Left | None:
        """What the caller's key has left; None without a limit."""
        item = self._items.get("key")
        if item is None or not caller.keyid:
            return None
        stats = self._limiter.get_window_stats(item, "key", caller.keyid)
        return Left(item.amount, stats.remaining, self._seconds("key", caller.keyid))

    def _hit(self, name: str, who: str) -> bool:
        item = self._items.get(name)
        return item is None or self._limiter.hit(item, name, who)

    def _is_full(self, name: str, who: str) -> bool:
        item = self._items.get(name)
        return item is not None and not self._limiter.test(item, name, who)

    def _too_many(self, name: str, who: str) -> TooManyRequests:
        return TooManyRequests(_WHAT[name], hint=_HINT, retry_after=self._seconds(name, who))

    def _seconds(self, name: str, who: str) -> int:
        """Until the oldest request leaves the window, by the clock that the library reads."""
        reset = self._limiter.get_window_stats(self._items[name], name, who).reset_time
        return min(WINDOW, max(1, math.ceil(reset - time.time())))
