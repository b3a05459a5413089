"""A clock that ticks, a signer made of fixed seeds, and logs to try things on."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from audit.events import Act, Event
from audit.log import AuditLog
from audit.signing import LogSigner

LOG_NAME = "anytown.example/headcount"


class TickingClock:
    """Each look is one second and a bit later; *now* can be set back."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1, microseconds=25)
        return self.now


@pytest.fixture
def clock() -> TickingClock:
    return TickingClock()


@pytest.fixture(scope="session")
def signer() -> LogSigner:
    return LogSigner(LOG_NAME, ed25519_seed=bytes(range(32)), ml_dsa_seed=bytes(range(32, 64)))


@pytest.fixture(scope="session")
def other_signer() -> LogSigner:
    return LogSigner(LOG_NAME, ed25519_seed=bytes(32), ml_dsa_seed=bytes(32))


@pytest.fixture(scope="session")
def event() -> Callable[..., Event]:
    def make(number: int = 0, **fields: object) -> Event:
        usual: dict[str, object] = {
            "actor": "key-riverside",
            "role": "coordinator",
            "act": Act.COUNT_READ,
            "object": f"count-{number}",
            "purpose": "council report",
            "outcome": "allowed",
        }
        return Event(**(usual | fields))

    return make


@pytest.fixture
def log(tmp_path: Path, signer: LogSigner, clock: TickingClock) -> Iterator[AuditLog]:
    with AuditLog.open(tmp_path / "log", signer, clock=clock) as opened:
        yield opened
