"""Limits: who asks too often waits, an honest agency never does, and the log stays readable."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from api_town import SAME_ORIGIN, Town, a_town, copy_town, keyid, new_key, public_line, sign

from api.errors import StartError
from api.settings import Settings

ME = "/api/v1/me"
NOWHERE = "/api/v1/runs/none/report"


Limited = Callable[..., AbstractContextManager[Town]]


@pytest.fixture
def limited(founded: Path, tmp_path: Path) -> Limited:
    return lambda **rates: _limited(founded, tmp_path / "data", **rates)


@contextmanager
def _limited(founded: Path, data: Path, **rates: int) -> Iterator[Town]:
    """A town whose limits are low from now on; it was founded without any."""
    copy_town(founded, data)
    with a_town(data, **rates) as town:
        yield town


def turned_away(town: Town) -> list[Any]:
    return [entry.event for entry in town.log() if entry.event.rule == "too-many-requests"]


def test_a_key_that_asks_too_often_is_told_when_to_ask_again(limited: Limited) -> None:
    with limited(rate_per_key=3) as town:
        answers = [town.send("clinic", "GET", ME) for _ in range(5)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
        problem = answers[3].json()
        assert problem["type"] == "urn:headcount:problem:too-many-requests"
        assert "Retry-After" in problem["hint"]
        assert 1 <= int(answers[3].headers["retry-after"]) <= 60
        assert [answer.headers["ratelimit"].split(";")[1] for answer in answers] == ["r=2", "r=1", "r=0", "r=0", "r=0"]
        assert answers[0].headers["ratelimit-policy"] == '"key";q=3;w=60'
        assert town.send("food_bank", "GET", ME).status_code == 200


def test_a_second_key_does_not_double_what_a_member_may_ask(limited: Limited) -> None:
    with limited(rate_per_key=10, rate_per_member=4) as town:
        fresh = new_key("clinic, second")
        body = {"public_key": public_line(fresh)}
        assert town.send("clinic", "PUT", f"/api/v1/members/clinic/keys/{keyid(fresh)}", json=body).status_code == 200
        first = [town.send("clinic", "GET", ME).status_code for _ in range(2)]
        town.keys["clinic"] = fresh
        assert first + [town.send("clinic", "GET", ME).status_code for _ in range(2)] == [200, 200, 200, 429]


def test_all_together_may_not_ask_more_than_the_service_can(limited: Limited) -> None:
    with limited(rate_of_all=3) as town:
        statuses = [town.send(who, "GET", ME).status_code for who in ("clinic", "detox", "food_bank", "police")]
        assert statuses == [200, 200, 200, 429]


def test_pages_count_as_well_and_say_so_on_a_page(limited: Limited) -> None:
    with limited(rate_per_member=3) as town:
        browser = town.sign_in("clinic")
        answers = [browser.get("/", headers=SAME_ORIGIN) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert "text/html" in answers[2].headers["content-type"]
        assert 1 <= int(answers[2].headers["retry-after"]) <= 60
        assert [event.actor for event in turned_away(town)] == ["clinic"]


def test_what_is_beyond_a_limit_is_two_entries_a_minute_however_often_it_comes(limited: Limited) -> None:
    with limited(rate_per_key=1) as town:
        for _ in range(8):
            town.send("clinic", "GET", ME)
        assert [event.details for event in turned_away(town)] == [{"requests": 1}]
        town.clock.advance(seconds=60)
        town.parts.tally.settle(now=town.clock())
        assert [event.details for event in turned_away(town)] == [{"requests": 1}, {"requests": 6}]
        assert {event.actor for event in turned_away(town)} == {"clinic"}
        town.parts.tally.settle(now=town.clock())
        assert len(turned_away(town)) == 2


def test_the_next_minute_tells_what_was_counted_before_it_counts_on(limited: Limited) -> None:
    with limited(rate_per_key=1) as town:
        for _ in range(4):
            town.send("clinic", "GET", ME)
        town.clock.advance(seconds=60)
        town.send("clinic", "GET", ME)
        assert [event.details["requests"] for event in turned_away(town)] == [1, 2, 1]


def test_what_was_counted_is_in_the_log_when_the_service_stops(limited: Limited, tmp_path: Path) -> None:
    with limited(rate_per_key=1) as town:
        for _ in range(4):
            town.send("clinic", "GET", ME)
    with a_town(tmp_path / "data") as town:
        assert [event.details["requests"] for event in turned_away(town)] == [1, 2]


def test_who_is_refused_over_and_over_has_to_wait_and_fills_no_log(limited: Limited) -> None:
    with limited(rate_of_refusals=3) as town:
        statuses = [town.send("coordinator", "GET", NOWHERE).status_code for _ in range(6)]
        assert statuses == [404, 404, 404, 429, 429, 429]
        assert town.send("coordinator", "GET", ME).status_code == 429
        assert len([entry for entry in town.log() if entry.event.act == "refused"]) == 4


@pytest.mark.parametrize("path", [ME, "/sign-in/guess", "/counts"])
def test_strangers_are_counted_by_address_and_hold_up_nobody_who_signs(limited: Limited, path: str) -> None:
    with limited(rate_of_strangers=3) as town:
        size = town.parts.journal.size
        answers = [town.client.get(path, headers=SAME_ORIGIN) for _ in range(5)]
        assert [answer.status_code for answer in answers] == [401, 401, 401, 429, 429]
        assert 1 <= int(answers[4].headers["retry-after"]) <= 60
        assert town.parts.journal.size == size
        assert town.send("clinic", "GET", ME).status_code == 200  # from the same address


def test_a_forged_signature_uses_up_nothing_of_the_member_it_names(limited: Limited) -> None:
    with limited(rate_per_member=2, rate_of_strangers=0) as town:
        for _ in range(5):
            request = town.request("GET", ME)
            sign(request, new_key("forger"), now=town.clock(), key_id=keyid(town.keys["clinic"]))
            assert town.client.send(request).status_code == 401
        assert town.send("clinic", "GET", ME).status_code == 200


def test_without_limits_no_answer_speaks_of_any(shared_town: Town) -> None:
    assert not {name for name in shared_town.send("clinic", "GET", ME).headers if name.startswith("ratelimit")}


def test_the_defaults_let_a_command_wait_for_a_linkage_that_asks_three_times_a_second() -> None:
    settings = Settings(data=Path("x"))
    assert settings.rate_per_key >= 2 * 60 * 4
    assert settings.rate_per_member > settings.rate_per_key
    assert settings.rate_of_all > 5 * settings.rate_per_member


def test_a_limit_below_nothing_is_refused() -> None:
    with pytest.raises(StartError, match="below 0"):
        Settings.read({"data": Path("x")}, {"HEADCOUNT_RATE_PER_KEY": "-1"})
