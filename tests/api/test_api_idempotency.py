"""Idempotency-Key: the same request again gets the same answer and does nothing more."""

import threading
from pathlib import Path
from typing import Any

import httpx2
import pytest
from api_town import Town, a_file, a_town, held_in_database, people, quick_link, sign

from api.linking import Linking

KEY = "7f9c24e5-0001"
ROWS = people(*range(20))


def post(town: Town, path: str, *, key: str = KEY, member: str = "coordinator", **options: Any) -> httpx2.Response:
    headers = {**options.pop("headers", {}), "idempotency-key": key}
    return town.send(member, "POST", path, headers=headers, **options)


def test_a_run_is_started_once_for_one_key(town: Town) -> None:
    town.upload("food_bank", a_file("food_bank", ROWS))
    first = post(town, "/api/v1/runs")
    size = town.parts.journal.size
    again = post(town, "/api/v1/runs")
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["headcount-receipt"] == first.headers["headcount-receipt"]
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    assert [entry.event.act for entry in town.parts.journal.entries(size, 50)].count("run-started") == 0
    assert len(town.parts.runs.latest()) == 1
    assert post(town, "/api/v1/runs", key="another").headers.get("idempotent-replayed") is None


def test_a_file_is_kept_once_and_answered_the_same(town: Town) -> None:
    body, kind = a_file("food_bank", ROWS), {"content-type": "application/jsonl"}
    answers = [post(town, "/api/v1/uploads", member="food_bank", content=body, headers=kind) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].content == answers[1].content
    other = a_file("food_bank", people(3))
    reused = post(town, "/api/v1/uploads", member="food_bank", content=other, headers=kind)
    assert (reused.status_code, reused.json()["type"]) == (422, "urn:headcount:problem:key-reused")
    assert [entry.event.act for entry in town.log()].count("upload-accepted") == 1


def test_a_key_is_its_members_own_and_of_one_address(shared_town: Town) -> None:
    town = shared_town
    first = post(town, "/api/v1/sign-in-links", key="mine", member="auditor").json()["url"]
    assert post(town, "/api/v1/sign-in-links", key="mine", member="operator").json()["url"] != first
    assert post(town, "/api/v1/purges", key="mine", member="operator").status_code == 422


def test_a_refusal_is_remembered_too(shared_town: Town) -> None:
    first = post(shared_town, "/api/v1/runs", key="none-to-link")
    again = post(shared_town, "/api/v1/runs", key="none-to-link")
    assert (first.status_code, again.status_code, again.content) == (409, 409, first.content)


def test_after_a_day_a_key_is_free_again(town: Town) -> None:
    first = post(town, "/api/v1/sign-in-links").json()
    town.clock.advance(hours=23)
    assert post(town, "/api/v1/sign-in-links").json() == first
    town.clock.advance(hours=1, seconds=1)
    assert post(town, "/api/v1/sign-in-links").json() != first


def test_an_answer_outlives_the_service_but_for_a_link_that_opens_a_session(tmp_path: Path) -> None:
    with a_town(tmp_path / "data") as town:
        town.upload("food_bank", a_file("food_bank", ROWS))
        run, link = post(town, "/api/v1/runs", key="r").json(), post(town, "/api/v1/sign-in-links", key="l").json()
        token = link["url"].rsplit("/", 1)[1]
        held = held_in_database(town)
        assert run["run"].encode() in held
        assert token.encode() not in held
    with a_town(tmp_path / "data", clock=town.clock) as town:
        assert post(town, "/api/v1/runs", key="r").json() == run
        lost = post(town, "/api/v1/sign-in-links", key="l")
        assert (lost.status_code, lost.json()["hint"]) == (409, "Ask again with a fresh key.")


def test_a_key_whose_request_is_still_being_answered_is_a_conflict(tmp_path: Path) -> None:
    with a_town(tmp_path / "data", linking=Linking(link=quick_link)) as town:
        answers: list[int] = []
        begun, go_on = threading.Event(), threading.Event()
        keep = town.parts.runs.add

        def slow(run: Any) -> None:
            begun.set()
            assert go_on.wait(20)
            keep(run)

        town.parts.runs.add = slow  # type: ignore[method-assign]
        town.upload("food_bank", a_file("food_bank", ROWS))
        thread = threading.Thread(target=lambda: answers.append(post(town, "/api/v1/runs").status_code))
        thread.start()
        assert begun.wait(20)
        assert post(town, "/api/v1/runs").status_code == 409
        go_on.set()
        thread.join()
        assert answers == [202]
        assert post(town, "/api/v1/runs").status_code == 202


@pytest.mark.parametrize("key", ["", "x" * 256, "two words"])
def test_a_key_that_is_none_is_refused(shared_town: Town, key: str) -> None:
    assert post(shared_town, "/api/v1/sign-in-links", key=key).status_code == 400


def test_a_key_that_the_signature_does_not_cover_is_refused(shared_town: Town) -> None:
    request = shared_town.request("POST", "/api/v1/sign-in-links")
    sign(request, shared_town.keys["auditor"], now=shared_town.clock())
    request.headers["idempotency-key"] = "added on the way"
    assert shared_town.client.send(request).status_code == 401
