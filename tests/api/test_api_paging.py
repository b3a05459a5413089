"""Long lists page by page, answers that a client has already, and changes that overwrite nobody else's."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import pytest
from api_town import EPOCH, Town, a_file, a_town, copy_town, new_key, people, public_line

MEMBERS = "/api/v1/members"
ETAGGED = [
    ("clinic", "/api/v1/me"),
    ("clinic", MEMBERS),
    ("clinic", f"{MEMBERS}/clinic"),
    ("clinic", f"{MEMBERS}/clinic/keys"),
    ("clinic", "/api/v1/epochs"),
    ("clinic", "/api/v1/uploads"),
    ("coordinator", "/api/v1/uploads"),
    ("coordinator", "/api/v1/runs"),
    ("coordinator", "/api/v1/releases"),
    ("coordinator", "/api/v1/approvals"),
]


@pytest.fixture
def town(founded: Path, tmp_path: Path) -> Iterator[Town]:
    """A town of its own, which was founded once for all."""
    copy_town(founded, tmp_path / "data")
    with a_town(tmp_path / "data") as town:
        yield town


def pages(town: Town, who: str, path: str, limit: int) -> list[list[Any]]:
    found, rest = [], f"{path}?limit={limit}"
    while rest:
        answer = town.send(who, "GET", rest)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        found.append(body["releases"] if isinstance(body, dict) else body)
        rest = answer.links.get("next", {}).get("url", "")
    return found


@pytest.mark.parametrize("limit", [1, 3, 7, 8, 100])
def test_the_pages_together_are_the_list(shared_town: Town, limit: int) -> None:
    whole = shared_town.send("auditor", "GET", MEMBERS).json()
    found = pages(shared_town, "auditor", MEMBERS, limit)
    assert [one for page in found for one in page] == whole
    assert all(len(page) == limit for page in found[:-1])
    assert len(found[-1]) <= limit


def fill(town: Town) -> None:
    for number in (2, 3):
        assert town.send("coordinator", "PUT", f"/api/v1/epochs/{number}", json=EPOCH).status_code == 200
    for size in (12, 13, 14):
        assert town.upload("clinic", a_file("clinic", people(*range(size)), epoch=3)).status_code == 201
        town.link()
        town.clock.advance(minutes=1)


def test_every_list_comes_in_pages(town: Town) -> None:
    fill(town)
    for period in ("2026-01", "2026-02"):
        asked = {"period": period, "purpose": "planning"}
        assert town.send("coordinator", "POST", "/api/v1/releases", json=asked).status_code == 201
    for who, path, length in [
        ("clinic", "/api/v1/epochs", 3),
        ("clinic", "/api/v1/uploads", 3),
        ("coordinator", "/api/v1/uploads", 4),
        ("coordinator", "/api/v1/runs", 3),
        ("coordinator", "/api/v1/releases", 2),
    ]:
        assert [len(page) for page in pages(town, who, path, 1)] == [1] * length, path


def test_a_page_goes_on_where_the_last_one_ended_though_newer_ones_came(town: Town) -> None:
    fill(town)
    first = town.send("coordinator", "GET", "/api/v1/runs?limit=1")
    town.upload("clinic", a_file("clinic", people(1), epoch=3))
    town.link()
    second = town.send("coordinator", "GET", first.links["next"]["url"]).json()
    assert second[0]["run"] != first.json()[0]["run"]
    assert second[0]["run"] == town.send("coordinator", "GET", "/api/v1/runs").json()[2]["run"]


def test_the_log_leads_on_as_well(shared_town: Town) -> None:
    answer = shared_town.send("auditor", "GET", "/api/v1/log/entries?start=2&limit=3")
    assert answer.links["next"]["url"] == "/api/v1/log/entries?start=5&limit=3"


@pytest.mark.parametrize("cursor", ["bm9ib2R5", "A", "_-_-", "AAAAA"])
def test_a_cursor_that_leads_nowhere_is_refused(shared_town: Town, cursor: str) -> None:
    answer = shared_town.send("auditor", "GET", f"{MEMBERS}?cursor={cursor}")
    assert (answer.status_code, answer.json()["detail"]) == (400, "the list cannot be continued from there")


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=x", "cursor=%00", "cursor=" + "a" * 201])
def test_a_page_of_no_size_is_refused(shared_town: Town, query: str) -> None:
    assert shared_town.send("auditor", "GET", f"{MEMBERS}?{query}").status_code == 422


@pytest.mark.parametrize(("who", "path"), ETAGGED)
def test_what_a_client_has_is_not_sent_again(shared_town: Town, who: str, path: str) -> None:
    first = shared_town.send(who, "GET", path)
    again = shared_town.send(who, "GET", path, headers={"if-none-match": f'"other", {first.headers["etag"]}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert "x-content-type-options" in again.headers
    other = shared_town.send(who, "GET", path, headers={"if-none-match": '"other"'})
    assert (other.status_code, other.content) == (200, first.content)


def test_a_look_that_is_logged_has_no_etag(town: Town) -> None:
    town.upload("clinic", a_file("clinic", people(*range(12))))
    town.link()
    ask: Callable[..., httpx2.Response] = lambda **more: town.send(  # noqa: E731
        "coordinator", "GET", "/api/v1/counts?by=agency&purpose=planning", **more
    )
    assert "etag" not in ask().headers
    assert ask(headers={"if-none-match": "*"}).status_code == 200


def change(town: Town, name: str, **headers: str) -> httpx2.Response:
    body = {"name": name, "role": "agency", "kind": "health", "public_key": public_line(town.keys["clinic"])}
    sent = {"content-type": "application/json"} | {key.replace("_", "-"): value for key, value in headers.items()}
    return town.send("coordinator", "PUT", f"{MEMBERS}/clinic", json=body, headers=sent)


def test_a_change_of_what_somebody_else_changed_meanwhile_is_refused(town: Town) -> None:
    read = town.send("coordinator", "GET", f"{MEMBERS}/clinic").headers["etag"]
    assert change(town, "Clinic on Main Street", if_match=read).status_code == 200
    late = change(town, "Clinic on Elm Street", if_match=read)
    assert (late.status_code, late.json()["type"]) == (412, "urn:headcount:problem:precondition-failed")
    assert town.parts.members.find("clinic").name == "Clinic on Main Street"
    anew = town.send("coordinator", "GET", f"{MEMBERS}/clinic").headers["etag"]
    assert change(town, "Clinic on Elm Street", if_match=anew).status_code == 200


def test_of_many_changes_at_once_of_what_all_of_them_read_one_is_made(town: Town) -> None:
    read = town.send("coordinator", "GET", f"{MEMBERS}/clinic").headers["etag"]
    names = [f"Clinic {number}" for number in range(8)]
    with ThreadPoolExecutor(4) as team:
        answers = list(team.map(lambda name: change(town, name, if_match=read), names))
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 7
    (made,) = (name for name, answer in zip(names, answers, strict=True) if answer.status_code == 200)
    assert town.parts.members.find("clinic").name == made


def test_only_what_is_new_is_made_where_that_is_asked_for(town: Town) -> None:
    assert change(town, "Another clinic", if_none_match="*").status_code == 412
    assert town.parts.members.find("clinic").name == "Clinic"
    body = {"name": "New", "role": "auditor", "public_key": public_line(new_key("new"))}
    path = f"{MEMBERS}/new"
    headers = {"if-match": "*"}
    assert town.send("coordinator", "PUT", path, json=body, headers=headers).status_code == 412
    assert town.send("coordinator", "PUT", path, json=body, headers={"if-none-match": "*"}).status_code == 200


def test_one_member_is_shown_and_no_other_answer_tells_who_is_there(shared_town: Town) -> None:
    assert shared_town.send("clinic", "GET", f"{MEMBERS}/detox").json()["name"] == "Detox"
    assert shared_town.send("clinic", "GET", f"{MEMBERS}/nobody").status_code == 404
