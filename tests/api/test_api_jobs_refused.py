"""The job database refuses one statement after the other: every job still ends by itself, and as what was asked for."""

import itertools
import time
from pathlib import Path

import pytest
from api_town import Town, a_file, a_town, people, wait_until
from dbos import _dbos
from faulty_disk import Fault, FaultyDisk, fail_statements

from api.storage.runs import State

MOST_POINTS = 200


@pytest.mark.slow
def test_a_job_goes_on_after_whatever_statement_was_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with a_town(tmp_path / "data", approvals="one") as town:
        assert town.upload("food_bank", a_file("food_bank", people(*range(5)))).status_code == 201
        disk = FaultyDisk(tmp_path / "data")
        fail_statements(disk, _dbos._get_dbos_instance()._sys_db.engine, monkeypatch)
        for point in itertools.count():
            fired = [asked_and_ended(town, disk, point, path) for path in ("/api/v1/runs", "/api/v1/purges")]
            if not any(fired):
                break
        assert 5 < point < MOST_POINTS


def asked_and_ended(town: Town, disk: FaultyDisk, point: int, path: str) -> bool:
    """Whether there was such a point."""
    with disk.failing(point, Fault.FULL):
        answer = town.send("coordinator" if path.endswith("runs") else "operator", "POST", path)
        assert answer.status_code == 202, (point, disk.fired, answer.text)
        wait_until(lambda: disk.fired or is_still(town))
        fired = disk.fired
    wait_until(lambda: is_still(town) or taken_up(town), 60)
    assert all_went_well(town), (point, fired)
    return bool(fired)


def taken_up(town: Town) -> None:
    """What the service does every minute."""
    time.sleep(0.3)
    town.parts.jobs.take_up()


def is_still(town: Town) -> bool:
    return not town.parts.runs.unfinished() and not town.parts.job_table.unfinished()


def all_went_well(town: Town) -> bool:
    ends = {run.state for run in town.parts.runs.latest(1)} | {job.state for job in town.parts.job_table.all()}
    return ends == {State.FINISHED}
