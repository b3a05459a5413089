"""Two keys of a member at once: for a stated time, and never without an entry in the log."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from api_town import Town, a_town, copy_town, keyid, new_key, public_line
from sqlalchemy import URL, create_engine, text

from api.storage.engine import open_database
from api.storage.keys import Keys

NEW = new_key("clinic, next year")


@pytest.fixture
def town(founded: Path, tmp_path: Path) -> Iterator[Town]:
    """A town of its own, which was founded once for all."""
    copy_town(founded, tmp_path / "data")
    with a_town(tmp_path / "data") as town:
        yield town


def path(member: str, key: object = NEW) -> str:
    return f"/api/v1/members/{member}/keys/{keyid(key)}"


def add(town: Town, sender: str = "clinic", member: str = "clinic", key: object = NEW, **body: object) -> object:
    return town.send(sender, "PUT", path(member, key), json={"public_key": public_line(key), **body})


def status_with(town: Town, key: object) -> int:
    old, town.keys["clinic"] = town.keys["clinic"], key
    try:
        return town.send("clinic", "GET", "/api/v1/me").status_code
    finally:
        town.keys["clinic"] = old


def test_both_keys_count_until_the_stated_time_and_then_the_new_one_alone(town: Town) -> None:
    ends = town.clock() + timedelta(days=2)
    answer = add(town, old_ends=ends.isoformat())
    assert answer.status_code == 200, answer.text
    assert [key["retires"] for key in answer.json()] == [ends.isoformat().replace("+00:00", "Z"), None]
    old = town.keys["clinic"]
    assert (status_with(town, old), status_with(town, NEW)) == (200, 200)
    town.clock.advance(days=2, seconds=-1)
    assert (status_with(town, old), status_with(town, NEW)) == (200, 200)
    town.clock.advance(seconds=1)
    assert (status_with(town, old), status_with(town, NEW)) == (401, 200)


def test_the_old_key_ends_after_a_week_if_nothing_is_said(town: Town) -> None:
    add(town)
    old = town.keys["clinic"]
    town.clock.advance(days=7, seconds=-1)
    assert status_with(town, old) == 200
    town.clock.advance(seconds=1)
    assert status_with(town, old) == 401


def test_the_log_says_which_key_came_and_when_the_others_end(town: Town) -> None:
    add(town, old_ends="2026-03-03T12:00:00Z")
    event = town.last("key-added").event
    assert (event.actor, event.object) == ("clinic", "member/clinic")
    assert event.details == {"keyid": keyid(NEW), "old_keys_end": "2026-03-03T12:00:00+00:00"}


def test_the_roster_shows_the_new_key_and_a_planned_change_ends_no_session(town: Town) -> None:
    browser = town.sign_in("clinic")
    add(town)
    assert town.send("clinic", "GET", "/api/v1/me").json()["member"]["keyid"] == keyid(NEW)
    assert browser.get("/").status_code == 200


def test_a_third_key_is_refused_and_the_same_one_again_only_moves_the_end(town: Town) -> None:
    add(town)
    third = add(town, key=new_key("third"))
    assert (third.status_code, third.json()["detail"]) == (409, "this member has two keys already")
    answer = add(town, old_ends="2026-03-02T00:00:00Z")
    assert answer.json()[0]["retires"] == "2026-03-02T00:00:00Z"


def test_once_the_old_key_has_ended_the_next_can_come(town: Town) -> None:
    add(town)
    town.clock.advance(days=8)
    town.keys["clinic"] = NEW
    assert add(town, key=new_key("third")).status_code == 200


@pytest.mark.parametrize("sender", ["clinic", "coordinator"])
def test_a_key_is_ended_at_once_with_its_sessions_and_the_other_stays_for_good(town: Town, sender: str) -> None:
    add(town, old_ends="2026-03-02T00:00:00Z")
    browser = town.sign_in("clinic")
    answer = town.send(sender, "DELETE", path("clinic"))
    assert (answer.status_code, answer.text) == (204, "")
    assert (status_with(town, NEW), status_with(town, town.keys["clinic"])) == (401, 200)
    assert browser.get("/").status_code == 401
    event = town.last("key-revoked").event
    assert event.details == {"keyid": keyid(NEW), "stays": keyid(town.keys["clinic"])}
    town.clock.advance(days=400)  # it was to end in a day; without the other one it must not
    assert status_with(town, town.keys["clinic"]) == 200


def test_the_only_key_cannot_be_ended(town: Town) -> None:
    answer = town.send("clinic", "DELETE", path("clinic", town.keys["clinic"]))
    assert (answer.status_code, answer.json()["detail"]) == (409, "this is the member's only key")


def test_a_key_that_was_ended_never_comes_back(town: Town) -> None:
    add(town)
    town.send("clinic", "DELETE", path("clinic"))
    answer = add(town)
    assert (answer.status_code, "was ended before" in answer.json()["detail"]) == (409, True)


def test_nor_by_the_coordinators_replacement(town: Town) -> None:
    old = public_line(town.keys["clinic"])
    body = {"name": "Clinic", "role": "agency", "kind": "health"}
    fresh = body | {"public_key": public_line(NEW)}
    assert town.send("coordinator", "PUT", "/api/v1/members/clinic", json=fresh).status_code == 200
    answer = town.send("coordinator", "PUT", "/api/v1/members/clinic", json=body | {"public_key": old})
    assert (answer.status_code, "was ended before" in answer.json()["detail"]) == (409, True)
    assert town.send("coordinator", "PUT", "/api/v1/members/clinic", json=fresh).status_code == 200


def test_a_coordinators_replacement_ends_both_keys_at_once(town: Town) -> None:
    add(town)
    lost = new_key("clinic, after the burglary")
    body = {"name": "Clinic", "role": "agency", "kind": "health", "public_key": public_line(lost)}
    assert town.send("coordinator", "PUT", "/api/v1/members/clinic", json=body).status_code == 200
    assert [status_with(town, key) for key in (town.keys["clinic"], NEW, lost)] == [401, 401, 200]


@pytest.mark.parametrize("ends", ["2026-03-01T09:30:00Z", "2020-01-01T00:00:00Z", "2026-05-30T09:30:01Z"])
def test_the_end_of_the_old_key_is_stated_and_near(shared_town: Town, ends: str) -> None:
    answer = add(shared_town, old_ends=ends)
    assert (answer.status_code, "within the next 90 days" in answer.json()["detail"]) == (400, True)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_anothers_keys_are_as_good_as_not_there(shared_town: Town, method: str) -> None:
    target = "/api/v1/members/{}/keys" + ("" if method == "GET" else f"/{keyid(NEW)}")
    body = {"json": {"public_key": public_line(NEW)}} if method == "PUT" else {}
    others = shared_town.send("food_bank", method, target.format("clinic"), **body)
    nobodys = shared_town.send("food_bank", method, target.format("nobody"), **body)
    assert (others.status_code, others.json()) == (404, nobodys.json())
    assert shared_town.last("denied").event.rule == "own keys only"


def test_nobody_takes_anothers_key(shared_town: Town) -> None:
    answer = add(shared_town, key=shared_town.keys["detox"])
    assert (answer.status_code, "belongs to another member" in answer.json()["detail"]) == (409, True)


def test_the_address_names_the_key_that_is_sent(shared_town: Town) -> None:
    body = {"public_key": public_line(new_key("other"))}
    answer = shared_town.send("clinic", "PUT", path("clinic"), json=body)
    assert (answer.status_code, answer.json()["detail"]) == (400, "the address names another key than the request")


def test_a_database_of_before_keeps_its_members_keys(tmp_path: Path) -> None:
    engine = create_engine(URL.create("sqlite", database=str(tmp_path / "old.sqlite")))
    config = Config()
    config.set_main_option("script_location", "api.storage:migrations")
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "r0003")
        line = public_line(NEW).split()[1]
        values = {"line": line, "keyid": keyid(NEW)}
        connection.execute(
            text("INSERT INTO member VALUES ('clinic', 'Clinic', 'agency', 'health', '', '', :line, :keyid)"), values
        )
        connection.commit()
    engine.dispose()
    engine = open_database(URL.create("sqlite", database=str(tmp_path / "old.sqlite")))
    found = Keys(engine).find(keyid(NEW))
    assert found is not None
    assert (found.member, found.retires, found.key.keyid) == ("clinic", None, keyid(NEW))
    engine.dispose()
