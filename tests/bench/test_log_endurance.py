"""The service's log under fire, small; ``make nightly-log`` does the same with 80,000 entries and 200 kills."""

from pathlib import Path

import httpx2
import pytest

from audit.events import format_time
from bench.log_endurance import append_at_once, kill_at_random, receipt_in

# What a log has of its own beside the entries asked for: founding, start and stop.
OWN = 3


@pytest.mark.slow
def test_processes_at_once_get_one_place_each(tmp_path: Path) -> None:
    found = append_at_once(tmp_path / "many", writers=4, entries=25)
    assert (found.acknowledged, found.entries) == (100, 100 + OWN)


@pytest.mark.slow
def test_a_killed_service_loses_nothing_that_it_acknowledged(tmp_path: Path) -> None:
    found = kill_at_random(tmp_path / "killed", kills=2, seed=7)
    assert found.acknowledged > 0
    # Each kill may leave, of each of four threads, one entry that was written and not acknowledged any more.
    assert found.acknowledged <= found.entries - OWN - 2 <= found.acknowledged + 2 * 4


def test_a_receipt_is_read_from_the_header() -> None:
    receipt = receipt_in(
        httpx2.Headers({"headcount-receipt": f'7;leaf="{"ab" * 32}";time="2026-03-01T09:30:00.000000Z"'})
    )
    assert (receipt.index, receipt.leaf, format_time(receipt.time)) == (7, "ab" * 32, "2026-03-01T09:30:00.000000Z")
