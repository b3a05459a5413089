"""Every write, fsync, rename and statement of every route made to fail in turn: refused, never acknowledged and lost.

All routes meet a full disk; HEADCOUNT_FAULTS=all has all of them meet a broken one and short writes as well.
"""

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest
from api_town import Town, a_town, wait_until
from faulty_disk import Fault, FaultyDisk, install
from test_api_acts import WAYS, give, receipts_of, state_of

from audit.events import Receipt
from audit.verify import verify_bundle

MOST_POINTS = 400  # of one request: a test that went round and round would not end
CHANGING = {"/api/v1/uploads", "/api/v1/runs", "/api/v1/releases", "/api/v1/openings/erasures"}
EVERYTHING = os.environ.get("HEADCOUNT_FAULTS") == "all"
FAULTS = [
    (fault, method, path, prepare)
    for fault in Fault
    for method, path, prepare in WAYS
    if fault is Fault.FULL
    or os.environ.get("HEADCOUNT_FAULTS") == "all"
    or (method, path in CHANGING) == ("POST", True)
]
FULL_OR_UNAVAILABLE = {503, 507}


@dataclass
class Ordeal:
    """A town on a faulty disk, and all that it acknowledged meanwhile."""

    town: Town
    disk: FaultyDisk
    receipts: list[Receipt] = field(default_factory=list)
    uploads: set[str] = field(default_factory=set)
    points: int = 0

    def heard(self, answer: httpx2.Response) -> None:
        """Keep what an answer promises."""
        if answer.status_code < 400 and "headcount-receipt" in answer.headers:
            self.receipts += receipts_of(answer)
        if answer.status_code in {200, 201} and "upload" in answer.text and answer.url.path == "/api/v1/uploads":
            self.uploads.add(answer.json()["upload"])


@pytest.fixture(scope="module")
def ordeal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ordeal]:
    folder = tmp_path_factory.mktemp("ordeal") / "data"
    with pytest.MonkeyPatch.context() as patch, a_town(folder) as town:
        give(town, "food_bank", "detox")
        give(town, "detox", "food_bank")
        town.link()
        disk = FaultyDisk(folder)
        install(disk, town.parts.members._engine, patch)
        yield Ordeal(town, disk)


@pytest.mark.parametrize(("fault", "method", "path", "prepare"), FAULTS)
def test_a_fault_is_told_and_passes(
    ordeal: Ordeal, fault: Fault, method: str, path: str, prepare: Callable[[Town], Callable[[], httpx2.Response]]
) -> None:
    send = prepare(ordeal.town)
    for point in range(MOST_POINTS):
        if point and method != "GET":
            send = prepare(ordeal.town)
        wait_until(lambda: not ordeal.town.parts.runs.unfinished())
        with ordeal.disk.failing(point, fault):
            answer = send()
        ordeal.heard(answer)
        if not ordeal.disk.fired:
            assert answer.status_code < 400, answer.text
            return
        ordeal.points += 1
        where = (point, ordeal.disk.fired, answer.status_code, answer.text[:200])
        assert answer.status_code < 400 or answer.status_code in FULL_OR_UNAVAILABLE, where
        again = send() if answer.status_code >= 400 and path != "/sign-in/{token}" else answer
        ordeal.heard(again)
        assert again.status_code < 400 or path == "/sign-in/{token}", (where, again.status_code, again.text[:200])
        assert not list((ordeal.town.parts.settings.data / "incoming").iterdir()), where
    raise AssertionError("there was no end of points")


def test_nothing_that_was_acknowledged_is_lost(ordeal: Ordeal, tmp_path: Path) -> None:
    """Runs last: the folder is copied as it is, as after a kill, and started anew."""
    assert ordeal.points > 100
    data = ordeal.town.parts.settings.data
    before = state_of(ordeal.town)
    check_files(data, ordeal.uploads)
    bundle = tmp_path / "bundle"
    ordeal.town.parts.journal.export(bundle)
    verify_bundle(bundle, vkeys=ordeal.town.parts.journal.vkeys, receipts=ordeal.receipts)
    known = {row["digest"] for row in before["tables"]["upload"]}
    assert ordeal.uploads <= known


def check_files(data: Path, digests: Any) -> None:
    """Every file that was promised is there, whole."""
    for digest in digests:
        assert hashlib.sha256((data / "uploads" / f"{digest}.jsonl").read_bytes()).hexdigest() == digest
