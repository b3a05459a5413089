"""Passkeys: what an authenticator's answer must be, each forgery with its reason, and what a session is good for."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from api_town import SAME_ORIGIN, Town, a_file, a_town, held_by, people
from authenticator import AT_HOME, Authenticator, Human, a_person, b64, invitation, newcomer, question
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import inspect
from starlette.testclient import TestClient

from api.errors import Refused
from api.passkeys import Site
from audit.events import Act


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """One town for all of these: founding one takes longer than most of them."""
    with a_town(tmp_path_factory.mktemp("passkeys") / "data") as town:
        yield town


@pytest.fixture(scope="module")
def human(shared_town: Town) -> Human:
    """A navigator with a passkey, signed in."""
    return a_person(shared_town, "food_bank", "navigator")


@pytest.fixture
def at_the_door(human: Human) -> Human:
    """The same person in a browser of its own, not signed in."""
    return Human(human.town, TestClient(human.town.client.app, base_url=AT_HOME), human.id, human.device)


def cookie_of(human: Human) -> str:
    return next(cookie.value for cookie in human.browser.cookies.jar if cookie.name == "headcount")


# Signing in.


def test_a_passkey_signs_in(at_the_door: Human) -> None:
    answer = at_the_door.sign_in()
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert at_the_door.get("/").status_code == 200
    event = at_the_door.town.last(Act.SIGN_IN).event
    assert (event.actor, event.role, event.rule) == ("food_bank", "navigator", "passkey")
    assert event.details == {"person": at_the_door.id}


def test_what_is_asked_of_authenticators(human: Human, at_the_door: Human) -> None:
    asked = question(at_the_door.get("/sign-in").text)
    assert (asked["rpId"], asked["userVerification"], asked.get("allowCredentials", [])) == (
        "localhost",
        "required",
        [],
    )
    assert len(asked["challenge"]) >= 43  # 32 bytes
    human.confirm()
    enrolment = question(human.get("/passkeys").text)
    chosen = enrolment["authenticatorSelection"]
    assert (chosen["residentKey"], chosen["userVerification"]) == ("required", "required")
    assert enrolment["rp"] == {"name": "Headcount", "id": "localhost"}
    assert [one["id"] for one in enrolment["excludeCredentials"]] == [b64(human.device.credential)]
    assert enrolment["attestation"] == "none"


FORGED: list[tuple[dict[str, Any], Refused]] = [
    ({"origin": "https://evil.example"}, Refused.ORIGIN),
    ({"origin": "http://localhost:9999"}, Refused.ORIGIN),
    ({"origin": "http://127.0.0.1:8470"}, Refused.ORIGIN),
    ({"rp_id": "evil.example"}, Refused.SITE),
    ({"verified": False}, Refused.UNVERIFIED),
    ({"present": False}, Refused.MALFORMED),
    ({"challenge": "AAAA"}, Refused.CHALLENGE),
    ({"type": "webauthn.create"}, Refused.MALFORMED),
    ({"key": ec.derive_private_key(7, ec.SECP256R1())}, Refused.SIGNATURE),
    ({"count": 0}, Refused.COUNTER),
]  # fmt: skip
NAMES = [f"{next(iter(changes))}={reason.name}" for changes, reason in FORGED]


@pytest.mark.parametrize(("changes", "reason"), FORGED, ids=NAMES)
def test_a_forged_answer_is_refused_with_its_reason_and_logged(
    at_the_door: Human, changes: dict[str, Any], reason: Refused
) -> None:
    answer = at_the_door.sign_in(**changes)
    assert answer.status_code == 401
    assert f"Your passkey was not accepted: {reason}." in answer.text
    assert "set-cookie" not in answer.headers
    event = at_the_door.town.last(Act.REFUSED).event
    assert (event.actor, event.rule, event.details["person"]) == ("food_bank", reason, at_the_door.id)


@pytest.mark.parametrize(("changes", "reason"), FORGED, ids=NAMES)
def test_a_forged_confirmation_is_refused_with_its_reason(
    human: Human, changes: dict[str, Any], reason: Refused
) -> None:
    answer = human.confirm(**changes)
    assert answer.status_code == 401
    assert f"Your passkey was not accepted: {reason}." in answer.text


@pytest.mark.parametrize(
    ("changes", "reason"),
    [one for one in FORGED if one[1] not in {Refused.SIGNATURE, Refused.COUNTER} and "type" not in one[0]]
    + [({"type": "webauthn.get"}, Refused.MALFORMED)],
)
def test_a_forged_enrolment_is_refused_with_its_reason(human: Human, changes: dict[str, Any], reason: Refused) -> None:
    human.confirm()
    answer = human.enrol(Authenticator(), **changes)
    assert answer.status_code == 401
    assert f"Your passkey was not accepted: {reason}." in answer.text
    assert len(human.town.parts.ceremonies.passkeys.of(human.id)) == 1


def test_an_answer_counts_once(human: Human, at_the_door: Human) -> None:
    asked = question(at_the_door.get("/sign-in").text)
    answer = human.device.answer(asked)
    assert at_the_door.post("/sign-in", credential=answer).status_code == 303
    again = TestClient(human.town.client.app, base_url=AT_HOME)
    replayed = again.post("/sign-in", data={"credential": answer}, headers=SAME_ORIGIN)
    assert replayed.status_code == 401
    assert Refused.CHALLENGE.value in replayed.text


def test_a_challenge_is_good_for_five_minutes(town: Town) -> None:
    human = a_person(town, "food_bank", "navigator")
    asked = question(human.get("/sign-in").text)
    town.clock.advance(minutes=5)
    assert human.post("/sign-in", credential=human.device.answer(asked)).status_code == 303
    asked = question(human.get("/sign-in").text)
    town.clock.advance(minutes=5, seconds=1)
    assert Refused.CHALLENGE.value in human.post("/sign-in", credential=human.device.answer(asked)).text


@pytest.mark.parametrize(("asking", "answering"), [("/sign-in", "/confirm"), ("/confirm", "/sign-in")])
def test_a_challenge_counts_only_for_what_it_was_made_for(human: Human, asking: str, answering: str) -> None:
    asked = question(human.get(asking).text)
    answer = human.post(answering, credential=human.device.answer(asked))
    assert answer.status_code == 401
    assert Refused.CHALLENGE.value in answer.text


def test_a_question_to_one_person_is_not_answered_by_another(shared_town: Town, human: Human) -> None:
    other = a_person(shared_town, "food_bank", "navigator")
    asked = question(human.get("/confirm").text)
    assert Refused.CHALLENGE.value in other.post("/confirm", credential=other.device.answer(asked)).text
    own = question(human.get("/confirm").text)
    assert Refused.UNKNOWN.value in human.post("/confirm", credential=other.device.answer(own)).text


def test_a_passkey_that_nobody_enrolled_is_not_known_and_leaves_no_entry(at_the_door: Human) -> None:
    at_the_door.device = Authenticator()
    before = at_the_door.town.parts.journal.size
    answer = at_the_door.sign_in()
    assert answer.status_code == 401
    assert Refused.UNKNOWN.value in answer.text
    assert at_the_door.town.parts.journal.size == before


def test_a_passkey_is_enrolled_once(human: Human) -> None:
    human.confirm()
    answer = human.enrol(human.device)
    assert answer.status_code == 401
    assert Refused.KNOWN.value in answer.text


RUBBISH = ["", "[]", "null", "{}", '{"id": 7}', '{"id": "é"}', "[" * 5000, '{"id": "AAAA"}']


@pytest.mark.parametrize("text", RUBBISH)
@pytest.mark.parametrize("path", ["/sign-in", "/confirm", "/passkeys"])
def test_rubbish_is_refused_as_such(human: Human, text: str, path: str) -> None:
    human.confirm()
    answer = human.post(path, credential=text, name="x")
    assert answer.status_code == 401
    assert "Your passkey was not accepted" in answer.text


@pytest.mark.parametrize("field", ["clientDataJSON", "authenticatorData", "signature"])
@pytest.mark.parametrize("value", ["", "AAAA", None, 7, "e30", "W10"])
def test_an_answer_of_which_a_part_is_rubbish_is_refused(at_the_door: Human, field: str, value: object) -> None:
    asked = question(at_the_door.get("/sign-in").text)
    told = json.loads(at_the_door.device.answer(asked))
    told["response"][field] = value
    assert at_the_door.post("/sign-in", credential=json.dumps(told)).status_code == 401


def test_a_form_from_elsewhere_signs_nobody_in(at_the_door: Human) -> None:
    asked = question(at_the_door.get("/sign-in").text)
    body = {"credential": at_the_door.device.answer(asked)}
    assert at_the_door.browser.post("/sign-in", data=body, headers={"sec-fetch-site": "cross-site"}).status_code == 400


# Sessions.


def test_the_token_of_a_session_changes_at_each_step(town: Town) -> None:
    made = invitation(town, "food_bank", "navigator")
    human = newcomer(town, made["url"], made["person"]["id"])
    seen = [cookie_of(human)]
    for step in (lambda: human.enrol(human.device), human.sign_in, human.confirm):
        assert step().status_code == 303
        seen.append(cookie_of(human))
    assert len(set(seen)) == 4
    for old in seen[:-1]:
        thief = TestClient(town.client.app, base_url=AT_HOME)
        thief.cookies.set("headcount", old)
        assert thief.get("/").status_code == 401
    assert human.get("/").status_code == 200


def test_a_session_idles_out_and_confirming_makes_it_no_older_than_a_working_day(town: Town) -> None:
    human = a_person(town, "food_bank", "navigator")
    for step in range(8 * 60 // 15):
        town.clock.advance(minutes=15)
        assert human.confirm().status_code == 303 if step % 8 == 0 else human.get("/").status_code == 200
    town.clock.advance(seconds=1)
    assert human.get("/").status_code == 401
    human.sign_in()
    town.clock.advance(minutes=15, seconds=1)
    assert human.get("/").status_code == 401


# Confirming.

RELEASE = "/counts?purpose=council-report"


def test_a_release_needs_a_passkey_of_the_last_five_minutes(town: Town) -> None:
    town.upload("food_bank", a_file("food_bank", people(*range(20))))
    town.link()
    human = a_person(town, "coordinator", "coordinator")
    town.clock.advance(minutes=5)
    assert human.get(RELEASE).status_code == 200
    town.clock.advance(seconds=1)
    before = town.parts.journal.size
    asked = human.get(RELEASE)
    assert (asked.status_code, asked.headers["location"]) == (303, "/confirm?back=/counts")
    assert town.parts.journal.size == before  # nothing was read
    confirmed = human.confirm(back="/counts")
    assert confirmed.headers["location"] == "/counts"
    assert human.get(RELEASE).status_code == 200
    assert town.last(Act.CONFIRMED).event.details == {"person": human.id}
    assert town.last(Act.COUNT_RELEASED).event.details["person"] == human.id


@pytest.mark.parametrize(
    ("path", "back"),
    [("/people", "/people"), ("/people/{other}/revoke", "/people"), ("/passkeys", "/passkeys")],
)
def test_who_gets_in_needs_a_passkey_of_the_last_five_minutes(town: Town, path: str, back: str) -> None:
    human, other = a_person(town, "food_bank", "navigator"), a_person(town, "food_bank", "navigator")
    known = town.parts.people.of("food_bank")
    town.clock.advance(minutes=5, seconds=1)
    fields = {"name": "Kim", "email": "kim@example.org", "role": "navigator"}
    answer = human.post(path.format(other=other.id), **fields)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/confirm?back={back}")
    assert town.parts.people.of("food_bank") == known
    assert other.get("/").status_code == 200
    assert "Confirm with your passkey" in human.get("/people").text


@pytest.mark.parametrize(
    "back", ["https://evil.example", "//evil.example", "/sign-out", "javascript:alert(1)", "\\evil"]
)
def test_a_confirmation_leads_only_to_our_own_pages(human: Human, back: str) -> None:
    assert human.confirm(back=back).headers["location"] == "/"
    assert "evil" not in human.browser.get("/confirm", params={"back": back}).text


# A person's own passkeys.


def test_a_passkey_is_renamed_and_deleted_but_never_the_last(town: Town) -> None:
    human = a_person(town, "food_bank", "navigator")
    second = Authenticator()
    assert human.enrol(second, "Key ring").status_code == 303
    named = {passkey.name: passkey for passkey in town.parts.ceremonies.passkeys.of(human.id)}
    first, ring = named["Laptop"], named["Key ring"]
    assert human.post(f"/passkeys/{ring.id}/name", name="Blue key").status_code == 303
    assert "Blue key</th>" in human.get("/passkeys").text
    lost = Human(town, TestClient(town.client.app, base_url=AT_HOME), human.id, human.device)
    assert lost.sign_in().status_code == 303
    assert human.post(f"/passkeys/{first.id}/delete").status_code == 303
    assert lost.get("/").status_code == 401
    assert human.get("/").status_code == 200
    assert town.last(Act.PASSKEY_REMOVED).event.object == f"passkey/{first.id}"
    assert Refused.UNKNOWN.value in human.sign_in().text
    answer = human.post(f"/passkeys/{ring.id}/delete")
    assert answer.status_code == 409
    assert "This is your only passkey." in answer.text
    human.device = second
    assert human.sign_in().status_code == 303


# What is kept.


def test_what_is_kept_of_a_person_is_a_name_an_address_and_public_keys(town: Town) -> None:
    a_person(town, "food_bank", "navigator")
    columns, kept = (
        {one["name"] for one in inspect(town.parts.engine).get_columns(table)} for table in ("person", "passkey")
    )
    assert columns == {"id", "member", "name", "email", "role", "invited", "revoked"}
    assert kept == {"id", "credential", "person", "name", "public_key", "sign_count", "added", "used"}


def test_no_token_of_a_person_is_kept_in_the_clear(town: Town) -> None:
    made = invitation(town, "food_bank", "navigator")
    human = newcomer(town, made["url"], made["person"]["id"])
    human.enrol(human.device)
    everything = held_by(town)
    assert made["person"]["id"].encode() in everything
    assert made["url"].rsplit("/", 1)[1].encode() not in everything
    assert cookie_of(human).encode() not in everything


# Behind TLS.


def test_behind_tls_passkeys_are_bound_to_the_public_name(tmp_path: Path) -> None:
    public = "https://headcount.example.org"
    with a_town(tmp_path / "data", public_url=public) as town:
        made = invitation(town, "food_bank", "navigator")
        assert made["url"].startswith(f"{public}/sign-in/")
        browser = TestClient(town.client.app, base_url=public)
        entered = browser.post(made["url"], headers=SAME_ORIGIN, follow_redirects=False)
        assert entered.headers["set-cookie"].startswith("__Host-headcount=")
        human = Human(town, browser, made["person"]["id"], Authenticator(public, "headcount.example.org"))
        assert human.enrol(human.device).status_code == 303
        answer = human.sign_in()
        assert answer.status_code == 303
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-headcount=")
        assert all(part in cookie for part in ("Secure", "HttpOnly", "SameSite=strict", "Path=/"))
        human.device.origin = AT_HOME
        assert Refused.ORIGIN.value in human.sign_in().text


@pytest.mark.parametrize(
    ("base", "site"),
    [
        ("https://headcount.example.org", Site("headcount.example.org", "https://headcount.example.org")),
        ("https://headcount.example.org:8443/", Site("headcount.example.org", "https://headcount.example.org:8443")),
        ("http://localhost:8470", Site("localhost", "http://localhost:8470")),
    ],
)
def test_the_site_is_that_of_the_pages(base: str, site: Site) -> None:
    assert Site.at(base) == site


# The script.


def test_only_pages_that_ask_a_passkey_have_a_script_and_it_is_ours(human: Human) -> None:
    for path in ("/sign-in", "/confirm", "/passkeys"):
        text = human.get(path).text
        assert text.count("<script") == 1
        assert '<script src="/static/passkeys.js" defer></script>' in text
    assert "<script" not in human.get("/people").text


def test_the_script_makes_no_html_and_fetches_nothing(shared_town: Town) -> None:
    answer = shared_town.client.get("/static/passkeys.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    for sink in ("innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval(", "fetch(", "XMLHttp", "import("):
        assert sink not in answer.text
