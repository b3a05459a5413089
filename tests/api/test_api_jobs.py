"""Jobs: told how far they are, cancelled, gone on with after a kill; one bad file stands in nobody's way."""

import hashlib
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
from api_town import EPOCH, Town, a_file, a_town, new_key, people, public_line, quick_link, sign, wait_until

from api.jobs import NOT_WHOLE
from api.linking import Linking
from api.storage.runs import State
from audit.events import Act

HERE = Path(__file__).parent
FEBRUARY = {"period": "2026-02", "purpose": "planning"}


def job_of(town: Town, job: str, member: str = "coordinator") -> dict[str, Any]:
    return town.send(member, "GET", f"/api/v1/jobs/{job}").json()


def ended(town: Town, job: str, member: str = "coordinator") -> dict[str, Any]:
    wait_until(lambda: job_of(town, job, member)["ended"])
    return job_of(town, job, member)


def two_files(town: Town) -> None:
    for agency in ("food_bank", "clinic"):
        assert town.upload(agency, a_file(agency, people(*range(20)))).status_code == 201


def file_of(town: Town, agency: str) -> Path:
    return town.parts.files.path(town.parts.uploads.current_of(agency).digest)


# One bad file.


@pytest.mark.parametrize("spoil", ["missing", "damaged"])
def test_a_bad_file_is_left_out_by_name_and_the_others_are_linked(town: Town, spoil: str) -> None:
    two_files(town)
    path = file_of(town, "clinic")
    path.chmod(0o600)
    if spoil == "missing":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-1] + b" ")
    run = town.send("coordinator", "GET", f"/api/v1/runs/{town.link()}").json()
    assert run["state"] == "finished"
    assert run["left_out"] == [{"agency": "clinic", "reason": NOT_WHOLE}]
    counted = town.send("coordinator", "GET", "/api/v1/counts?by=agency&purpose=planning").json()
    assert [one["agency"] for one in counted["included"]] == ["food_bank"]
    assert "clinic" in counted["missing"]
    told = town.last("upload-refused").event
    assert (told.actor, told.agency, told.rule) == ("service", "clinic", NOT_WHOLE)


def test_where_no_file_is_whole_the_run_fails_with_what_to_do(town: Town) -> None:
    two_files(town)
    for agency in ("food_bank", "clinic"):
        file_of(town, agency).unlink()
    run = town.send("coordinator", "GET", f"/api/v1/runs/{town.link()}").json()
    assert (run["state"], run["failure"]) == ("failed", "none of the files is whole")


def test_an_end_that_is_told_twice_is_one_end_and_the_results_stay(town: Town) -> None:
    two_files(town)
    run, size = town.link(), town.parts.journal.size
    town.parts.jobs.linkages.conclude(run, {})
    assert town.parts.journal.size == size
    assert town.send("coordinator", "GET", f"/api/v1/runs/{run}/report").status_code == 200


# Looking and cancelling.


def test_a_cancelled_linkage_stops_at_its_next_step_and_leaves_nothing(tmp_path: Path) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def link(files: Any, out: Path, *, progress: Any) -> object:
        begun.set()
        assert go_on.wait(20)
        return quick_link(files, out, progress=progress)

    with a_town(tmp_path / "data", linking=Linking(link=link)) as town:
        two_files(town)
        run = town.send("coordinator", "POST", "/api/v1/runs").json()["run"]
        assert begun.wait(20)
        assert job_of(town, run)["state"] == "running"
        cancelled = town.send("coordinator", "DELETE", f"/api/v1/jobs/{run}")
        assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
        go_on.set()
        wait_until(lambda: not town.parts.jobs.busy and not (town.parts.settings.data / "runs" / run).exists())
        assert job_of(town, run)["state"] == "cancelled"
        assert town.last("job-cancelled").event.object == f"run/{run}"
        assert {"run-finished", "run-failed"}.isdisjoint(entry.event.act for entry in town.log())
        assert town.send("coordinator", "GET", "/api/v1/counts?by=agency&purpose=planning").status_code == 409
        again = town.send("coordinator", "DELETE", f"/api/v1/jobs/{run}")
        assert (again.status_code, town.parts.runs.find(run).state) == (409, State.CANCELLED)
        assert town.link() != run


def test_an_agency_sees_no_jobs_but_its_own(town: Town) -> None:
    two_files(town)
    run = town.link()
    purge = ended(town, town.send("operator", "POST", "/api/v1/purges").json()["job"])
    assert {job["job"] for job in town.send("coordinator", "GET", "/api/v1/jobs").json()} == {run, purge["job"]}
    assert town.send("food_bank", "GET", "/api/v1/jobs").json() == []
    assert town.send("food_bank", "GET", f"/api/v1/jobs/{run}").status_code == 404
    assert town.send("food_bank", "DELETE", f"/api/v1/jobs/{run}").status_code == 404
    assert purge["result"] is None  # it is for the operator, who asked
    assert ended(town, purge["job"], "operator")["result"] == {"files": 0, "runs": 0, "receipt": None}


def test_a_release_is_a_job_where_that_is_preferred(town: Town) -> None:
    two_files(town)
    town.link()
    answer = town.send("coordinator", "POST", "/api/v1/releases", json=FEBRUARY, headers={"prefer": "respond-async"})
    assert (answer.status_code, answer.headers["preference-applied"]) == (202, "respond-async")
    told = ended(town, answer.json()["job"])["result"]
    at_once = town.send("coordinator", "POST", "/api/v1/releases", json=FEBRUARY).json()
    assert at_once["number"] == told["release"]
    assert town.log()[told["released"]["index"]].event.act == "count-released"


def test_a_release_that_cannot_be_made_says_why(town: Town) -> None:
    later = {"headers": {"prefer": "respond-async"}}
    assert town.send("coordinator", "POST", "/api/v1/releases", json=FEBRUARY, **later).status_code == 409  # no linkage
    two_files(town)
    town.link()
    quarter, months = (FEBRUARY | {"period": period} for period in ("2026-Q1", "2026-01..2026-02"))
    assert town.send("coordinator", "POST", "/api/v1/releases", json=quarter).status_code == 201
    answer = town.send("coordinator", "POST", "/api/v1/releases", json=months, **later)
    job = ended(town, answer.json()["job"])
    assert (job["state"], "release" in job["failure"]) == ("failed", True)
    assert town.last("job-failed").event.details == {"kind": "release"}


# What is old goes.


def test_a_replaced_file_goes_after_its_days_with_a_receipt(town: Town) -> None:
    two_files(town)
    old = file_of(town, "clinic")
    town.clock.advance(days=1)
    town.upload("clinic", a_file("clinic", people(*range(21))))
    town.clock.advance(days=29, hours=23)
    assert purge(town)["files"] == 0
    town.clock.advance(hours=2)
    told = purge(town)
    assert (told["files"], old.exists(), file_of(town, "clinic").exists()) == (1, False, True)
    event = town.log()[told["receipt"]["index"]].event
    assert (event.act, event.actor, event.details) == (Act.CODES_PURGED, "coordinator", {"files": 1, "runs": 0})
    assert purge(town) == {"files": 0, "runs": 0, "receipt": None}


def test_old_results_go_but_for_the_newest(tmp_path: Path) -> None:
    with a_town(tmp_path / "data", keep_results_days=10) as town:
        two_files(town)
        first = town.link()
        town.clock.advance(minutes=1)
        second = town.link()
        town.clock.advance(days=11)
        assert purge(town)["runs"] == 1
        assert town.send("coordinator", "GET", "/api/v1/counts?by=agency&purpose=planning").json()["run"] == second
        gone = town.send("coordinator", "GET", f"/api/v1/runs/{first}/report")
        assert (gone.status_code, gone.json()["detail"]) == (
            409,
            "the results of this linkage were removed, as the service's settings say",
        )


def test_what_is_old_goes_at_the_start(tmp_path: Path) -> None:
    with a_town(tmp_path / "data", keep_results_days=10) as town:
        two_files(town)
        first = town.link()
        town.clock.advance(minutes=1)
        town.link()
        town.clock.advance(days=11)
    with a_town(tmp_path / "data", keep_results_days=10, clock=town.clock) as town:
        assert not (town.parts.settings.data / "runs" / first).exists()
        assert town.last("codes-purged").event.actor == "service"


def purge(town: Town) -> dict[str, Any]:
    return ended(town, town.send("coordinator", "POST", "/api/v1/purges").json()["job"])["result"]


# Killed at each step.


class Killed:
    """A service process that dawdles at one step."""

    def __init__(self, data: Path, coordinator: Path, step: str) -> None:
        command = [sys.executable, str(HERE / "stopping_service.py"), str(data), str(coordinator), step]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.address = self.process.stdout.readline().split()[-1]

    def ask(self, member: str, method: str, path: str, **options: object) -> httpx2.Response:
        with httpx2.Client(base_url=self.address, timeout=60) as client:
            request = client.build_request(method, path, **options)
            sign(request, new_key(member), now=datetime.now(UTC))
            return client.send(request)

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate()


def found(service: Killed) -> str:
    """A food bank that sent its file in one piece, and whose job checks it."""
    body = {"name": "Food Bank", "role": "agency", "kind": "nonprofit", "public_key": public_line(new_key("food_bank"))}
    assert service.ask("coordinator", "PUT", "/api/v1/members/food_bank", json=body).status_code == 200
    assert service.ask("coordinator", "PUT", "/api/v1/epochs/1", json=EPOCH).status_code == 200
    file = a_file("food_bank", people(*range(20)))
    asked = {"digest": hashlib.sha256(file).hexdigest(), "length": len(file)}
    session = service.ask("food_bank", "POST", "/api/v1/upload-sessions", json=asked).json()["session"]
    place = f"/api/v1/upload-sessions/{session}"
    kind = {"content-type": "application/octet-stream"}
    assert service.ask("food_bank", "PUT", f"{place}/pieces/0", content=file, headers=kind).status_code == 200
    job: str = service.ask("food_bank", "POST", f"{place}/finish").json()["job"]
    return job


def has_ended(service: Killed, member: str, job: str) -> bool:
    return service.ask(member, "GET", f"/api/v1/jobs/{job}").json()["state"] == "finished"


@pytest.mark.slow
@pytest.mark.parametrize("step", ["act", "check", "attempt", "keep", "conclude"])
def test_a_job_that_is_killed_goes_on_at_the_step_where_it_was(tmp_path: Path, step: str) -> None:
    coordinator, data = tmp_path / "coordinator.pub", tmp_path / "data"
    coordinator.write_text(public_line(new_key("coordinator")))
    service = Killed(data, coordinator, step)
    try:
        job, run = found(service), ""
        if step != "act":
            wait_until(lambda: has_ended(service, "food_bank", job))
            run = service.ask("coordinator", "POST", "/api/v1/runs").json()["run"]
        wait_until(lambda: (data / "steps").exists() and step in "".join((data / "steps").read_text().split()[-1:]))
        service.kill()
        service = Killed(data, coordinator, step)
        wait_until(lambda: has_ended(service, "food_bank", job))
        run = run or service.ask("coordinator", "POST", "/api/v1/runs").json()["run"]
        wait_until(lambda: has_ended(service, "coordinator", run))
        counted = service.ask("coordinator", "GET", "/api/v1/counts?by=agency&purpose=planning").json()
        assert counted["table"]["total"]["people"] == 21
    finally:
        service.kill()
    begun = (data / "steps").read_text().split()
    once = ["act", "check", "attempt", "keep", "conclude"]
    assert begun == [*once[: once.index(step)], step, *once[once.index(step) :]]
