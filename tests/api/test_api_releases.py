"""Releases of a period: made once, answered alike ever after, in the log first; and their packet."""

from __future__ import annotations

import hashlib
import io
import threading
import zipfile
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from api_town import SAME_ORIGIN, Town, a_file, a_row, a_town, an_area, people, quick_link, wait_until
from sqlalchemy import select, update

from api.linking import Linking
from api.storage.tables import RELEASE
from api.web.wording import member_label
from hashing.schema import HeadcountError
from linkage.cube.asking import ask
from linkage.disclosure import Released

QUARTER = {"period": "2026-Q1", "purpose": "council-report"}


def rows(first: int, last: int, area: str) -> list[dict[str, Any]]:
    """Half of the people in January, the other half in February."""
    return [a_row(f"person {n}", services=[an_area(area, f"2026-0{1 + n % 2}")]) for n in range(first, last)]


@pytest.fixture
def linked(tmp_path: Path):
    """Two hundred people at the food bank, as many at the clinic, half of them known to both."""
    with a_town(tmp_path / "data", linking=Linking(link=quick_link)) as town:
        town.upload("food_bank", a_file("food_bank", rows(0, 200, "food")))
        town.upload("clinic", a_file("clinic", rows(100, 300, "health")))
        town.link()
        yield town


def release(town: Town, asked: dict[str, Any] = QUARTER) -> Any:
    return town.send("coordinator", "POST", "/api/v1/releases", json=asked)


def test_a_release_tells_all_public_tables_of_the_period(linked):
    answer = release(linked)
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert (told["number"], told["period"], told["revision"]) == (0, "2026-Q1", 1)
    assert told["tables"]["people-by-agency"]["total"]["people"] == 300
    assert {row["label"]: row["people"] for row in told["tables"]["people-by-area"]["rows"]} == {
        "food": 201,
        "health": 201,
    }
    assert told["tables"]["overlap"]["columns"] == ["clinic", "food_bank"]


def test_the_same_question_has_the_same_answer_and_makes_no_second_release(linked):
    first, second = release(linked).json(), release(linked, QUARTER | {"purpose": "planning"}).json()
    assert second["tables"] == first["tables"]
    assert second["number"] == 0
    assert len(linked.send("coordinator", "GET", "/api/v1/releases").json()["releases"]) == 1


def test_reading_and_release_are_in_the_log_with_purpose_and_digest(linked):
    told = release(linked).json()
    read, released = linked.log()[-2:]
    assert (read.event.act, released.event.act) == ("count-read", "count-released")
    assert {read.event.purpose, released.event.purpose} == {"council-report"}
    assert released.event.details["release_sha256"] == told["sha256"]
    assert (told["read"]["index"], told["released"]["index"]) == (read.seq, released.seq)
    assert released.event.object == "release/0"


@pytest.mark.parametrize("period", ["2026-02..2026-04", "2026-01..2026-02"])
def test_a_period_that_cuts_across_a_released_one_is_refused(linked, period):
    release(linked)
    answer = release(linked, QUARTER | {"period": period})
    assert answer.status_code == 409
    assert "shares months" in answer.json()["detail"] or "part of the other" in answer.json()["detail"]


@pytest.mark.parametrize("period", ["", "March", "2026-Q5", "20260"])
def test_what_is_no_period_is_refused(linked, period):
    assert release(linked, QUARTER | {"period": period}).status_code == 422


def test_a_month_that_there_is_not_is_refused(linked):
    assert release(linked, QUARTER | {"period": "2026-13"}).status_code == 403


def test_a_release_without_a_purpose_is_refused(linked):
    assert release(linked, {"period": "2026"}).status_code == 422


def test_there_is_nothing_to_release_before_a_linkage(tmp_path):
    with a_town(tmp_path / "data", linking=Linking(link=quick_link)) as town:
        assert release(town).status_code == 409


def test_a_kept_release_can_be_read_again_and_its_packet_opened(linked):
    told = release(linked).json()
    again = linked.send("coordinator", "GET", "/api/v1/releases/0").json()
    assert again["tables"] == told["tables"]
    answer = linked.send("coordinator", "GET", "/api/v1/releases/0/packet")
    assert answer.headers["headcount-receipt"].startswith(f"{linked.last('count-read').seq};leaf=")
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert {"packet.pdf", "packet.xlsx", "crosswalk.csv", "pictures/overlap.svg"} <= set(archive.namelist())
    text = pypdfium2.PdfDocument(archive.read("packet.pdf"))[0].get_textpage().get_text_range()
    assert "300" in text
    again = linked.send("coordinator", "GET", "/api/v1/releases/0/packet")
    assert hashlib.sha256(again.content).digest() == hashlib.sha256(answer.content).digest()


@pytest.mark.parametrize("path", ["/api/v1/releases/1", "/api/v1/releases/1/packet"])
def test_a_release_that_is_not_there_is_not_found(linked, path):
    release(linked)
    assert linked.send("coordinator", "GET", path).status_code == 404


@pytest.mark.parametrize("member", ["food_bank", "auditor", "operator"])
def test_nobody_else_releases_or_reads(linked, member):
    release(linked)
    assert linked.send(member, "POST", "/api/v1/releases", json=QUARTER).status_code == 403
    assert linked.send(member, "GET", "/api/v1/releases/0").status_code == 403
    assert linked.send(member, "GET", "/api/v1/releases/0/packet").status_code == 403


def test_late_data_makes_a_revision_and_the_old_numbers_stay(linked):
    release(linked)
    linked.clock.advance(minutes=1)
    linked.upload("food_bank", a_file("food_bank", rows(0, 260, "food")))
    linked.link()
    assert release(linked).json()["number"] == 0
    revised = release(linked, QUARTER | {"revise": True}).json()
    assert (revised["number"], revised["revision"]) == (1, 2)
    assert linked.send("coordinator", "GET", "/api/v1/releases/0").json()["revision"] == 1


def test_an_altered_release_stops_the_next_one(linked):
    release(linked)
    with linked.parts.engine.begin() as connection:
        text = connection.execute(select(RELEASE.c.text)).scalar_one()
        connection.execute(update(RELEASE).values(text=text + b" "))
    answer = release(linked, QUARTER | {"period": "2026"})
    assert answer.status_code == 500
    assert "altered" in answer.json()["detail"]


def test_two_releases_at_once_are_protected_beside_each_other(tmp_path):
    """The second asker read the ledger before the first one kept its answer."""
    town_of: list[Town] = []

    def slow(run: Path, wanted: Any, purpose: str, **more: Any) -> Released:
        told = ask(run, wanted, purpose, **more)
        if len(town_of) == 1:
            town_of.append(town_of[0])
            assert release(town_of[0], QUARTER | {"period": "2026"}).status_code == 201
        return told

    with a_town(tmp_path / "data", linking=Linking(link=quick_link, ask=slow)) as town:
        town.upload("food_bank", a_file("food_bank", rows(0, 200, "food")))
        town.upload("clinic", a_file("clinic", rows(100, 300, "health")))
        town.link()
        town_of.append(town)
        assert release(town).status_code == 409
        assert release(town).status_code == 201
        assert [each.number for each in town.parts.releases.all()] == [0, 1]


# -- on the pages -------------------------------------------------------------------------------------------------


def from_page(town: Town, browser: Any, asked: dict[str, Any]) -> Any:
    """What the page of the job says when it has ended."""
    answer = browser.post("/releases", data=asked, headers=SAME_ORIGIN, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    wait_until(lambda: not town.parts.job_table.unfinished())
    return browser.get(answer.headers["location"], follow_redirects=False)


def test_a_coordinator_releases_and_reads_on_the_pages(linked):
    browser = linked.sign_in("coordinator")
    assert "Nothing was released yet" in browser.get("/releases").text
    answer = from_page(linked, browser, QUARTER)
    assert (answer.status_code, answer.headers["location"]) == (303, "/releases/0")
    page = browser.get("/releases/0").text
    table = release(linked).json()["tables"]["people-by-agency"]
    for row in table["rows"]:
        assert f'<td class="number">{row["people"]}</td>' in page
    assert 'href="/releases/0"' in browser.get("/releases").text
    packet = browser.get("/releases/0/packet")
    assert zipfile.ZipFile(io.BytesIO(packet.content)).namelist()[0] == "packet.pdf"
    (kept,) = (linked.parts.settings.data / "packets").iterdir()
    assert kept.read_bytes() == packet.content  # made with the release, not for the one who asks


def test_a_release_that_takes_long_is_waited_for_on_a_page(tmp_path):
    go_on = threading.Event()

    def slow(*args: Any, **options: Any) -> Released:
        assert go_on.wait(60)
        return ask(*args, **options)

    with a_town(tmp_path / "data", linking=Linking(link=quick_link, ask=slow)) as town:
        town.upload("food_bank", a_file("food_bank", rows(0, 200, "food")))
        town.link()
        browser = town.sign_in("coordinator")
        answer = browser.post("/releases", data=QUARTER, headers=SAME_ORIGIN, follow_redirects=False)
        page = browser.get(answer.headers["location"])
        assert (page.status_code, "<h1>Being released</h1>" in page.text) == (200, True)
        assert '<meta http-equiv="refresh" content="2">' in page.text
        go_on.set()
        wait_until(lambda: not town.parts.job_table.unfinished())
        assert browser.get(answer.headers["location"]).text.count("Release of 2026-Q1") > 0


def test_a_release_stands_where_no_packet_can_be_made(linked, monkeypatch):
    def lacking(*_: Any) -> bytes:
        raise HeadcountError("what makes packets is not installed", hint="Install it.")

    monkeypatch.setattr("api.packets.packet_of", lacking)
    browser = linked.sign_in("coordinator")
    assert from_page(linked, browser, QUARTER).headers["location"] == "/releases/0"
    assert "what makes packets is not installed" in browser.get("/releases/0/packet").text.lower()


def test_why_nothing_was_released_is_told_on_the_page(linked):
    browser = linked.sign_in("coordinator")
    assert from_page(linked, browser, QUARTER).headers["location"] == "/releases/0"
    page = from_page(linked, browser, QUARTER | {"period": "2026-01..2026-02"})
    assert (page.status_code, "<h1>Not released</h1>" in page.text) == (409, True)
    assert "refresh" not in page.text
    assert len(linked.parts.releases.all()) == 1


@pytest.mark.parametrize("job", ["0" * 32, "purge"])
def test_the_page_of_a_release_shows_no_other_job(linked, job):
    if job == "purge":
        job = linked.send("coordinator", "POST", "/api/v1/purges").json()["job"]
    assert linked.sign_in("coordinator").get(f"/releases/jobs/{job}").status_code == 404


def test_agencies_have_their_names_and_areas_never_an_agencys():
    names = {"food_bank": "The Food Bank", "behavioral_health": "Clinic on Main Street"}
    assert member_label("combinations", "food_bank + ymca", names) == "The Food Bank + ymca"
    assert member_label("combinations", "food_bank only", names) == "The Food Bank only"
    assert member_label("combinations", "one agency only", names) == "one agency only"
    assert member_label("people-by-area", "behavioral_health", names) == "behavioral health"
    assert member_label("people-by-age", "18_24", names) == "18 to 24"


def test_a_period_that_is_none_is_told_on_a_page(linked):
    browser = linked.sign_in("coordinator")
    for period, status in (("soon", 422), ("2026-13", 403), ("2026-02..2026-01", 403)):
        answer = browser.post("/releases", data=QUARTER | {"period": period}, headers=SAME_ORIGIN)
        assert answer.status_code == status, answer.text
        assert "<h1>" in answer.text
    assert linked.send("coordinator", "GET", "/api/v1/releases").json()["releases"] == []


def test_a_form_of_another_site_releases_nothing(linked):
    browser = linked.sign_in("coordinator")
    answer = browser.post("/releases", data=QUARTER, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 400
    assert linked.send("coordinator", "GET", "/api/v1/releases").json()["releases"] == []


@pytest.mark.parametrize("member", ["food_bank", "auditor", "operator"])
def test_nobody_else_sees_the_pages_of_releases(linked, member):
    release(linked)
    browser = linked.sign_in(member)
    for path in ("/releases", "/releases/0", "/releases/0/packet"):
        assert browser.get(path).status_code == 403


@pytest.mark.parametrize("period", ["2026..2029", "0001-01..9999-12"])
def test_a_period_that_would_take_for_ever_is_refused(town: Town, period: str) -> None:
    assert town.upload("clinic", a_file("clinic", people(1, 2))).status_code == 201
    town.link()
    answer = town.send("coordinator", "POST", "/api/v1/releases", json={"period": period, "purpose": "planning"})
    assert (answer.status_code, answer.json()["detail"]) == (403, "a release is of 36 months at most")
