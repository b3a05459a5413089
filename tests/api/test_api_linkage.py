"""Linkages, the counts and the matches that rest on them; each reading is in the log first."""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from api_town import BASE, EPOCH, Town, a_file, a_row, a_town, an_area, people, quick_link, sign, wait_until
from dbos import DBOS
from starlette.testclient import TestClient

from api.answers import TableOut
from api.errors import LogUnavailable
from api.linking import Linking
from hashing.schema import HeadcountError
from linkage.breakdown import Breakdown
from linkage.counts import count
from linkage.matches import PART2_NOTICE, sightings

COUNTS = "/api/v1/counts?by=agency&purpose=council-report"
MATCHES = "/api/v1/matches?purpose=care-coordination"


@pytest.fixture(scope="module")
def linked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A town whose food bank and clinic share 10 of 30 people."""
    with a_town(tmp_path_factory.mktemp("linked") / "data") as town:
        town.upload("food_bank", a_file("food_bank", people(*range(20))))
        town.upload("clinic", a_file("clinic", people(*range(10, 30))))
        town.link()
        yield town


def test_people_known_to_two_agencies_are_counted_once(linked: Town) -> None:
    answer = linked.send("coordinator", "GET", COUNTS).json()
    assert answer["table"]["total"]["people"] == 30
    assert answer["table"]["duplicated"] == 42
    assert {row["label"]: row["people"] for row in answer["table"]["rows"]} == {"clinic": 21, "food_bank": 21}


def test_a_count_says_what_it_rests_on(linked: Town) -> None:
    answer = linked.send("coordinator", "GET", COUNTS).json()
    assert [line["agency"] for line in answer["included"]] == ["clinic", "food_bank"]
    assert {line["data_through"] for line in answer["included"]} == {"2026-02"}
    assert answer["missing"] == ["detox", "police"]  # a victim service provider is not expected to send


@pytest.mark.parametrize("by", list(Breakdown))
def test_every_breakdown_is_logged_when_read_and_when_released(linked: Town, by: Breakdown) -> None:
    before = linked.parts.journal.size
    answer = linked.send("coordinator", "GET", f"/api/v1/counts?by={by}&purpose=planning").json()
    read, released = linked.parts.journal.entries(before, 10)
    assert (read.event.act, released.event.act) == ("count-read", "count-released")
    for entry in (read, released):
        assert entry.event.purpose == "planning"
        assert entry.event.rule == "cms11"
        assert entry.event.object == f"run/{answer['run']}"
        assert entry.event.details["by"] == by.value
    assert answer["released"]["index"] == released.seq


def test_the_same_question_gets_the_same_answer(linked: Town) -> None:
    tables = [linked.send("coordinator", "GET", COUNTS).json()["table"] for _ in range(2)]
    assert tables[0] == tables[1]


@pytest.mark.parametrize("query", ["", "?by=agency", "?by=agency&purpose=curiosity", "?by=person&purpose=planning"])
def test_a_count_without_a_purpose_or_of_another_shape_is_refused(linked: Town, query: str) -> None:
    assert linked.send("coordinator", "GET", f"/api/v1/counts{query}").status_code == 422


def test_nothing_rawer_than_a_safe_table_fits_into_an_answer() -> None:
    with pytest.raises(TypeError, match="only a SafeTable may leave"):
        TableOut.of({"rows": [("food_bank", 3)]})  # type: ignore[arg-type]


def test_a_small_count_is_withheld(town: Town) -> None:
    town.upload("food_bank", a_file("food_bank", people(*range(20))))
    town.upload("clinic", a_file("clinic", people(1, 2, 3)))
    town.link()
    table = town.send("coordinator", "GET", COUNTS).json()["table"]
    assert [row["people"] for row in table["rows"]] == [None, 21]
    assert table["duplicated"] is None


@pytest.mark.parametrize(
    ("member", "path", "hint"),
    [
        ("coordinator", COUNTS, "Start one with 'headcount service link' or on the page Files"),
        ("food_bank", MATCHES, "The coordinator starts one"),
    ],
)
def test_before_the_first_linkage_there_is_nothing_to_read(
    shared_town: Town, member: str, path: str, hint: str
) -> None:
    answer = shared_town.send(member, "GET", path)
    assert answer.status_code == 409
    assert answer.json()["hint"] == f"{hint}, as soon as an agency has sent its file."


def test_one_file_is_enough_to_link_and_to_count(town: Town) -> None:
    refused = town.send("coordinator", "POST", "/api/v1/runs")
    assert refused.json()["hint"] == "Wait for the first file; one is enough to link."
    town.upload("food_bank", a_file("food_bank", people(*range(20), 0, 1)))
    town.link()
    table = town.send("coordinator", "GET", COUNTS).json()["table"]
    assert (table["total"]["people"], table["duplicated"]) == (21, 21)


SINCE = "Files sent since this linkage, and not in these counts before the next: "


def test_a_count_says_which_files_came_after_its_linkage(town: Town) -> None:
    first = a_file("food_bank", people(*range(20)))
    town.upload("food_bank", first)
    town.link()
    assert since(town) == []
    town.upload("food_bank", a_file("food_bank", people(*range(30))))
    town.upload("clinic", a_file("clinic", people(*range(40))))
    assert since(town) == [f"{SINCE}clinic, food_bank."]
    town.upload("food_bank", first)  # the very file that is linked
    assert since(town) == [f"{SINCE}clinic."]
    town.clock.advance(minutes=1)
    town.link()
    assert since(town) == []


def since(town: Town) -> list[str]:
    """What a count says of newer files; the table that the log keeps the digest of says so too."""
    table = town.send("coordinator", "GET", COUNTS).json()["table"]
    digest = hashlib.sha256(json.dumps(table, sort_keys=True).encode()).hexdigest()
    assert town.last("count-released").event.details["table_sha256"] == digest
    return [note for note in table["notes"] if note.startswith("Files sent since")]


def test_a_run_needs_files(shared_town: Town) -> None:
    assert shared_town.send("coordinator", "POST", "/api/v1/runs").status_code == 409


def test_a_finished_run_tells_its_state_and_its_report(linked: Town) -> None:
    run = linked.send("coordinator", "GET", "/api/v1/runs").json()[0]
    assert (run["state"], run["progress"], run["failure"]) == ("finished", 1.0, None)
    assert linked.send("operator", "GET", f"/api/v1/runs/{run['run']}").json() == run
    report = linked.send("coordinator", "GET", f"/api/v1/runs/{run['run']}/report").json()
    assert report["report"]["people"] == {"unmatchable": 0}
    assert linked.last("report-read").seq == report["read"]["index"]


def test_a_new_epoch_starts_from_nothing(town: Town) -> None:
    town.upload("food_bank", a_file("food_bank", people(*range(20))))
    town.link()
    assert town.send("coordinator", "GET", COUNTS).status_code == 200
    town.send("coordinator", "PUT", "/api/v1/epochs/2", json=EPOCH)
    assert town.send("coordinator", "GET", COUNTS).status_code == 409
    assert town.send("coordinator", "POST", "/api/v1/runs").status_code == 409


# Failures.


def test_a_failed_run_says_why_and_does_not_stand_in_the_way_of_the_next(tmp_path: Path) -> None:
    failing = [True]

    def link(files: Any, out: Path, *, progress: Any) -> object:
        if failing.pop(0):
            raise HeadcountError("the files do not belong together", hint="Send them again.")
        return quick_link(files, out, progress=progress)

    with a_town(tmp_path / "data", linking=Linking(link=link)) as town:
        town.upload("food_bank", a_file("food_bank", people(*range(20))))
        run = town.send("coordinator", "GET", f"/api/v1/runs/{town.link()}").json()
        assert (run["state"], run["failure"], run["hint"]) == (
            "failed",
            "the files do not belong together",
            "Send them again.",
        )
        assert town.last("run-failed").event.details == {"reason": "the files do not belong together"}
        failing.append(False)
        town.link()
        assert town.send("coordinator", "GET", COUNTS).status_code == 200


def test_a_reason_that_the_log_would_not_take_does_not_leave_the_run_hanging(tmp_path: Path) -> None:
    def link(files: Any, out: Path, *, progress: Any) -> object:
        raise HeadcountError("two\nlines " + "x" * 600, hint="y" * 600)

    with a_town(tmp_path / "data", linking=Linking(link=link)) as town:
        town.upload("food_bank", a_file("food_bank", people(1)))
        assert town.send("coordinator", "GET", f"/api/v1/runs/{town.link()}").json()["state"] == "failed"


def test_an_unexpected_failure_is_told_without_its_details(tmp_path: Path) -> None:
    def link(files: Any, out: Path, *, progress: Any) -> object:
        raise ValueError("something about row 17")

    with a_town(tmp_path / "data", linking=Linking(link=link)) as town:
        town.upload("food_bank", a_file("food_bank", people(1)))
        run = town.send("coordinator", "GET", f"/api/v1/runs/{town.link()}").json()
        assert run["state"] == "failed"
        assert "row 17" not in json.dumps(run)
        assert "ValueError" in run["failure"]


def test_while_the_same_files_are_being_linked_the_answer_is_that_run(tmp_path: Path) -> None:
    go = threading.Event()

    def link(files: Any, out: Path, *, progress: Any) -> object:
        go.wait(20)
        return quick_link(files, out, progress=progress)

    with a_town(tmp_path / "data", linking=Linking(link=link)) as town:
        town.upload("food_bank", a_file("food_bank", people(1)))
        first = town.send("coordinator", "POST", "/api/v1/runs").json()["run"]
        assert town.send("coordinator", "POST", "/api/v1/runs").json()["run"] == first
        town.upload("clinic", a_file("clinic", people(2)))
        second = town.send("coordinator", "POST", "/api/v1/runs").json()["run"]
        assert second != first
        go.set()
        wait_until(lambda: town.parts.runs.find(second).ended)


def a_run_in_no_queue(town: Town) -> str:
    town.upload("food_bank", a_file("food_bank", people(1)))
    town.parts.jobs.submit = lambda run: None  # type: ignore[method-assign]
    return town.send("coordinator", "POST", "/api/v1/runs").json()["run"]


def test_a_run_that_keeps_stopping_the_service_is_given_up(town: Town) -> None:
    run = a_run_in_no_queue(town)
    linkages = town.parts.jobs.linkages
    outcomes = [linkages.attempt(run) for _ in range(4)]
    assert outcomes[:3] == [{}, {}, {}]
    assert "stopped 3 times" in outcomes[3]["what"]


def test_a_half_written_run_is_removed_and_done_again(town: Town) -> None:
    run = a_run_in_no_queue(town)
    linkages = town.parts.jobs.linkages
    results = linkages.results(run)
    (results.parent / "working").mkdir(parents=True)
    (results.parent / "working" / "pairs.parquet").write_bytes(b"half")
    (results.parent / ".working.part").mkdir()
    assert (linkages.attempt(run), linkages.keep(run), linkages.keep(run)) == ({}, {}, {})
    assert [path.name for path in results.parent.iterdir()] == ["results"]


def test_a_run_that_never_reached_the_job_database_is_taken_up_at_start(tmp_path: Path) -> None:
    with a_town(tmp_path / "data") as town:
        town.upload("food_bank", a_file("food_bank", people(1)))
        town.parts.jobs.submit = lambda run: None  # type: ignore[method-assign]
        run = town.send("coordinator", "POST", "/api/v1/runs").json()["run"]
    with a_town(tmp_path / "data") as town:
        wait_until(lambda: town.parts.runs.find(run).ended)
        assert town.parts.runs.find(run).state == "finished"


def test_a_run_that_the_job_database_gave_up_is_failed_at_start(tmp_path: Path) -> None:
    go = threading.Event()

    def link(files: Any, out: Path, *, progress: Any) -> object:
        go.wait(20)
        return quick_link(files, out, progress=progress)

    with a_town(tmp_path / "data", linking=Linking(link=link)) as town:
        town.upload("food_bank", a_file("food_bank", people(1)))
        first = town.send("coordinator", "POST", "/api/v1/runs").json()["run"]
        town.upload("clinic", a_file("clinic", people(2)))
        waiting = town.send("coordinator", "POST", "/api/v1/runs").json()["run"]
        DBOS.cancel_workflow(waiting)
        go.set()
        wait_until(lambda: town.parts.runs.find(first).ended)
    with a_town(tmp_path / "data") as town:
        run = town.parts.runs.find(waiting)
        assert (run.state, run.failure) == ("failed", "how this run ended could not be logged")


def test_an_unexpected_error_says_nothing_of_what_it_was(tmp_path: Path) -> None:
    def fail(run: Path, by: Breakdown, *, remarks: Any) -> Any:
        raise RuntimeError("row 17")

    with a_town(tmp_path / "data", linking=Linking(link=quick_link, count=fail)) as town:
        town.upload("food_bank", a_file("food_bank", people(1)))
        town.link()
        patient = TestClient(town.client.app, base_url=BASE, raise_server_exceptions=False)
        request = patient.build_request("GET", COUNTS)
        sign(request, town.keys["coordinator"], now=town.clock())
        answer = patient.send(request)
        assert answer.status_code == 500
        assert answer.json()["detail"] == "the service failed to answer"
        assert "row 17" not in answer.text
        assert answer.headers["content-security-policy"]


def test_a_body_that_is_no_json_is_refused_without_being_repeated(shared_town: Town) -> None:
    headers = {"content-type": "application/json"}
    answer = shared_town.send("coordinator", "PUT", "/api/v1/epochs/5", content=b'{"Smith', headers=headers)
    assert answer.status_code == 422
    assert "Smith" not in answer.text


def test_a_method_that_a_route_does_not_have_is_refused(shared_town: Town) -> None:
    assert shared_town.send("coordinator", "DELETE", "/api/v1/members").status_code == 405


# The log comes first.


class Watching:
    """A linkage that notes the log's last act at the moment it is asked for data."""

    def __init__(self) -> None:
        self.town: Town | None = None
        self.seen: list[str] = []

    def linking(self) -> Linking:
        return Linking(link=quick_link, count=self._count, care_matches=self._care_matches)

    def _note(self) -> None:
        assert self.town is not None
        self.seen.append(self.town.log()[-1].event.act.value)

    def _count(self, run: Path, by: Breakdown, *, rule: Any, remarks: Any) -> Any:
        self._note()
        return count(run, by, rule=rule, remarks=remarks)

    def _care_matches(self, *arguments: Any, **options: Any) -> Any:
        self._note()
        return sightings(*arguments, **options)


def test_the_entry_is_in_the_log_before_the_data_is_opened(tmp_path: Path) -> None:
    watching = Watching()
    with a_town(tmp_path / "data", linking=watching.linking()) as town:
        watching.town = town
        town.upload("food_bank", a_file("food_bank", people(*range(20))))
        town.link()
        town.send("coordinator", "GET", COUNTS)
        town.send("food_bank", "GET", MATCHES)
        assert watching.seen == ["count-read", "matches-read"]


@pytest.fixture
def without_log(tmp_path: Path) -> Iterator[tuple[Town, TestClient, Watching]]:
    """A linked town whose log can no longer be written, and a browser that was signed in before."""
    watching = Watching()
    with (
        suppress(LogUnavailable),  # at the end: the closing entry cannot be written either
        a_town(tmp_path / "data", linking=watching.linking()) as town,
    ):
        watching.town = town
        town.upload("food_bank", a_file("food_bank", people(*range(20))))
        town.link()
        browser = town.sign_in("coordinator")
        town.parts.journal.close()
        yield town, browser, watching


def test_when_the_log_cannot_be_written_nothing_is_read_kept_or_changed(
    without_log: tuple[Town, TestClient, Watching],
) -> None:
    town, browser, watching = without_log
    data = town.parts.settings.data
    files = sorted((data / "uploads").iterdir())
    asked = [
        town.send("coordinator", "GET", COUNTS),
        town.send("food_bank", "GET", MATCHES),
        town.send("auditor", "GET", "/api/v1/log/entries"),
        town.send("auditor", "GET", "/api/v1/log/bundle"),
        town.upload("clinic", a_file("clinic", people(1))),
        town.send("coordinator", "POST", "/api/v1/runs"),
        town.send("coordinator", "PUT", "/api/v1/epochs/2", json=EPOCH),
        town.send("auditor", "GET", COUNTS),  # even a refusal needs its entry
        town.client.get("/readyz"),
        browser.get("/counts?purpose=planning"),
    ]
    assert {answer.status_code for answer in asked} == {503}
    assert "audit log" in asked[0].json()["detail"]
    assert watching.seen == []
    assert sorted((data / "uploads").iterdir()) == files
    assert list((data / "incoming").iterdir()) == []
    assert len(town.parts.epochs.all()) == len(town.parts.runs.latest()) == 1


# Care matches.


def consent(*recipients: str, expires: str = "2026-12-31") -> dict[str, Any]:
    return {"expires": expires, "recipients": list(recipients)}


def matched(town: Town, member: str) -> list[dict[str, Any]]:
    answer = town.send(member, "GET", MATCHES)
    assert answer.status_code == 200, answer.text
    return answer.json()["matches"]


@pytest.fixture
def consented(town: Town) -> Town:
    """One person at three agencies; the food bank and the detox hold each other's consent."""
    here = a_row("Ada", services=[an_area("food")], consent=consent("detox"))
    there = a_row("Ada", services=[an_area("substance_use", "2026-01")], consent=consent("food_bank"))
    town.upload("food_bank", a_file("food_bank", [here, a_row("Ben", consent=consent("detox", "clinic"))]))
    town.upload("detox", a_file("detox", [there]))
    town.upload("clinic", a_file("clinic", [a_row("Ada", consent=consent("food_bank", "detox")), a_row("Ben")]))
    town.link()
    return town


def test_a_match_is_shown_where_both_sides_consent_with_the_notice_that_the_law_asks_for(
    consented: Town,
) -> None:
    (match,) = matched(consented, "food_bank")
    assert match["other_agency"] == "detox"
    assert match["other_name"] == "Detox"
    assert match["other_contact"] == "detox care desk"
    assert match["areas"] == ["substance_use"]
    assert match["first_month"] == match["last_month"] == "2026-01"
    assert match["consent_until"] == "2026-12-31"
    assert match["notices"] == [PART2_NOTICE]
    assert len(matched(consented, "detox")) == 1


def test_where_one_side_did_not_consent_nothing_is_said_to_either(consented: Town) -> None:
    assert matched(consented, "clinic") == []


def test_a_withdrawn_consent_acts_at_once(consented: Town) -> None:
    (match,) = matched(consented, "food_bank")
    without = {"row": match["row"], "codes": a_row("Ada")["codes"], "blocks": []}
    consented.upload("food_bank", a_file("food_bank", [without]))
    assert matched(consented, "food_bank") == []
    assert matched(consented, "detox") == []


def test_a_consent_that_ran_out_acts_at_once(consented: Town) -> None:
    consented.clock.now = consented.clock.now.replace(month=12, day=31)
    assert len(matched(consented, "food_bank")) == 1
    consented.clock.advance(days=1)
    assert matched(consented, "food_bank") == []


@pytest.mark.parametrize("member", ["haven", "police"])
def test_matches_are_not_for_victim_service_providers_nor_for_government(shared_town: Town, member: str) -> None:
    answer = shared_town.send(member, "GET", MATCHES)
    assert answer.status_code == 403
    event = shared_town.log()[-1].event
    assert (event.act, event.actor, event.rule) == ("denied", member, "kind")


def test_matches_are_for_care_coordination_alone(shared_town: Town) -> None:
    assert shared_town.send("clinic", "GET", "/api/v1/matches?purpose=planning").status_code == 422
