"""Signing in by way of an OpenID provider: bound by an invitation alone; every forged token refused with its reason."""

from collections.abc import Iterator
from typing import Any

import pytest
from api_town import SAME_ORIGIN, Clock, Town, a_town
from authenticator import AT_HOME, Human, a_person, invitation, newcomer
from joserfc.jwk import OctKey, RSAKey
from openid_provider import OpenIdProvider, openid_provider, settings_for
from starlette.testclient import TestClient

from api.errors import StartError, Unaccepted
from api.openid import is_private_way
from api.settings import Settings
from audit.events import Act


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def listening(clock: Clock) -> Iterator[OpenIdProvider]:
    with openid_provider(clock) as provider:
        yield provider


@pytest.fixture
def provider(listening: OpenIdProvider) -> OpenIdProvider:
    listening.reset()
    return listening


@pytest.fixture(scope="module")
def town(clock: Clock, listening: OpenIdProvider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("openid")
    with a_town(folder / "data", clock=clock, **settings_for(listening, folder)) as town:
        yield town


@pytest.fixture(scope="module")
def robin(town: Town, listening: OpenIdProvider) -> Human:
    """A coordinator whose account is bound."""
    human = someone_new(town, "coordinator", "coordinator")
    answer = there_and_back(human, listening)
    assert answer.status_code == 200, answer.text
    return human


def someone_new(town: Town, member: str = "food_bank", role: str = "navigator") -> Human:
    made = invitation(town, member, role)
    return newcomer(town, made["url"], made["person"]["id"])


def at_the_door(town: Town) -> Human:
    return Human(town, TestClient(town.client.app, base_url=AT_HOME), "", None)  # type: ignore[arg-type]


def there_and_back(human: Human, provider: OpenIdProvider, path: str = "/openid", **changes: str) -> Any:
    sent = human.get(path)
    assert sent.status_code == 303, sent.text
    back = provider.authorise(sent.headers["location"])
    for old, new in changes.items():
        back = back.replace(old, new)
    return human.browser.get(back, headers={"sec-fetch-site": "cross-site"}, follow_redirects=False)


def test_an_invitation_binds_an_account_which_then_signs_in(town: Town, robin: Human, provider: OpenIdProvider) -> None:
    assert town.last(Act.OPENID_LINKED).event.details["person"] == robin.id
    browser = at_the_door(town)
    answer = there_and_back(browser, provider)
    assert answer.status_code == 200
    assert 'content="0; url=/"' in answer.text  # a redirect would not carry the cookie: it began at another site
    assert "SameSite=strict" in answer.headers["set-cookie"]
    assert "Welcome, Robin" in browser.get("/").text
    event = town.last(Act.SIGN_IN).event
    assert (event.actor, event.rule, event.details["person"]) == ("coordinator", "openid connect", robin.id)


def test_what_the_provider_is_asked(town: Town, provider: OpenIdProvider) -> None:
    there_and_back(at_the_door(town), provider, "/openid?again=true")
    asked = provider.asked
    assert (asked["scope"], asked["redirect_uri"]) == ("openid", f"{AT_HOME}/openid/callback")
    assert (asked["prompt"], asked["max_age"]) == ("login", "0")
    assert min(len(asked[name]) for name in ("state", "nonce", "code_challenge")) >= 43


FORGED: list[tuple[dict[str, Any], Unaccepted]] = [
    ({"claims": {"nonce": "another"}}, Unaccepted.NONCE),
    ({"without": ("nonce",)}, Unaccepted.NONCE),
    ({"alg": "none"}, Unaccepted.TOKEN),
    ({"claims": {"aud": "another"}}, Unaccepted.AUDIENCE),
    ({"claims": {"aud": ["headcount", "another"], "azp": "another"}}, Unaccepted.AUDIENCE),
    ({"claims": {"exp": 1}}, Unaccepted.EXPIRED),
    ({"without": ("exp",)}, Unaccepted.TOKEN),
    ({"claims": {"iss": "https://evil.example"}}, Unaccepted.ISSUER),
    ({"signing_key": RSAKey.generate_key(2048, parameters={"kid": "one"})}, Unaccepted.TOKEN),
    ({"alg": "HS256", "signing_key": OctKey.import_key("the-client-secret-the-client-secret")}, Unaccepted.TOKEN),
    ({"claims": {"amr": ["pwd"]}}, Unaccepted.FACTOR),
    ({"without": ("amr",)}, Unaccepted.FACTOR),
    ({"claims": {"sub": ""}}, Unaccepted.TOKEN),
    ({"claims": {"sub": 7}}, Unaccepted.TOKEN),
]  # fmt: skip


@pytest.mark.parametrize(("spoilt", "reason"), FORGED)
def test_a_forged_token_is_refused_with_its_reason(
    town: Town, robin: Human, provider: OpenIdProvider, spoilt: dict[str, Any], reason: Unaccepted
) -> None:
    for name, value in spoilt.items():
        setattr(provider, name, value)
    browser = at_the_door(town)
    answer = there_and_back(browser, provider)
    assert answer.status_code == 401
    assert f"Your account was not accepted: {reason}." in answer.text
    assert browser.get("/").status_code == 401
    assert robin.get("/").status_code == 200


def test_a_forged_token_binds_nobody_and_is_logged(town: Town, provider: OpenIdProvider) -> None:
    human = someone_new(town)
    provider.subject, provider.claims = "kim-8", {"amr": ["pwd"]}
    assert there_and_back(human, provider).status_code == 401
    event = town.last(Act.REFUSED).event
    assert (event.rule, event.details["person"]) == (Unaccepted.FACTOR, human.id)
    assert town.parts.openids.person_of(provider.issuer, "kim-8") is None


def test_an_account_that_nobody_bound_signs_nobody_in_whatever_its_address(
    town: Town, robin: Human, provider: OpenIdProvider
) -> None:
    (person,) = (one for one in town.parts.people.of("coordinator") if one.id == robin.id)
    provider.subject, provider.claims = "stranger", {"email": person.email, "email_verified": True}
    answer = there_and_back(at_the_door(town), provider)
    assert answer.status_code == 401
    assert Unaccepted.NOBODY.value in answer.text


def test_an_account_is_bound_to_one_person(town: Town, robin: Human, provider: OpenIdProvider) -> None:
    other = someone_new(town)
    answer = there_and_back(other, provider)
    assert answer.status_code == 401
    assert Unaccepted.TAKEN.value in answer.text
    assert town.parts.openids.person_of(provider.issuer, "robin-7") == robin.id


def test_a_full_session_binds_nothing(town: Town, robin: Human, provider: OpenIdProvider) -> None:
    human = a_person(town, "food_bank", "navigator")
    provider.subject = "newcomer"
    assert Unaccepted.NOBODY.value in there_and_back(human, provider).text


@pytest.mark.parametrize("part", ["state=", "code="])
def test_a_changed_state_or_code_is_refused(town: Town, robin: Human, provider: OpenIdProvider, part: str) -> None:
    answer = there_and_back(at_the_door(town), provider, **{part: f"{part}x"})
    assert answer.status_code == 401
    assert (Unaccepted.STATE if part == "state=" else Unaccepted.CODE).value in answer.text


def test_an_answer_counts_once_and_only_in_the_browser_that_asked(
    town: Town, robin: Human, provider: OpenIdProvider
) -> None:
    asking, other = at_the_door(town), at_the_door(town)
    back = provider.authorise(asking.get("/openid").headers["location"])
    assert Unaccepted.STATE.value in other.get(back).text
    assert asking.get(back).status_code == 200
    assert Unaccepted.STATE.value in asking.get(back).text


def test_an_answer_is_good_for_ten_minutes(town: Town, robin: Human, provider: OpenIdProvider, clock: Clock) -> None:
    browser = at_the_door(town)
    back = provider.authorise(browser.get("/openid").headers["location"])
    clock.advance(minutes=10, seconds=1)
    assert Unaccepted.STATE.value in browser.get(back).text


def test_whoever_is_shut_out_is_not_let_in_by_a_provider(town: Town, provider: OpenIdProvider) -> None:
    human = someone_new(town)
    provider.subject = "leaver"
    assert there_and_back(human, provider).status_code == 200
    town.send("food_bank", "DELETE", f"/api/v1/people/{human.id}")
    assert human.get("/").status_code == 401
    assert Unaccepted.SHUT_OUT.value in there_and_back(at_the_door(town), provider).text


def test_a_provider_confirms_only_by_telling_when_it_last_asked(
    town: Town, robin: Human, provider: OpenIdProvider, clock: Clock
) -> None:
    browser = at_the_door(town)
    fields = {"name": "Kim", "email": "kim@example.org", "role": "coordinator"}
    provider.claims = {"auth_time": int(clock().timestamp()) - 301}
    assert there_and_back(browser, provider).status_code == 200
    assert browser.post("/people", **fields).headers["location"] == "/confirm?back=/people"
    provider.claims, provider.without = {}, ("auth_time",)
    assert there_and_back(browser, provider, "/openid?again=true").status_code == 200
    assert browser.post("/people", **fields).headers["location"] == "/confirm?back=/people"
    assert "/openid?again=true" in browser.get("/confirm").text
    provider.without = ()
    assert there_and_back(browser, provider, "/openid?again=true").status_code == 200
    assert browser.post("/people", **fields).status_code == 200


def test_without_a_provider_there_is_no_such_page(shared_town: Town) -> None:
    browser = TestClient(shared_town.client.app, base_url=AT_HOME)
    assert browser.get("/openid", follow_redirects=False).status_code == 404
    assert "/openid" not in browser.get("/sign-in").text


def test_a_provider_that_does_not_answer_is_told_as_such(tmp_path: Any) -> None:
    with a_town(tmp_path / "data", oidc_issuer="http://127.0.0.1:9", oidc_client_id="headcount") as town:
        answer = at_the_door(town).get("/openid")
        assert answer.status_code == 401
        assert Unaccepted.UNREACHABLE.value in answer.text


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"OIDC_ISSUER": "http://accounts.example.org", "OIDC_CLIENT_ID": "x"}, "does not start with https"),
        ({"OIDC_ISSUER": "https://accounts.example.org"}, "needs a client id"),
        ({"OIDC_ISSUER": "https://accounts.example.org", "OIDC_CLIENT_ID": "x", "OIDC_AMR": " "}, "second factor"),
    ],
)
def test_a_provider_is_set_up_safely_or_the_service_does_not_start(settings: dict[str, str], words: str) -> None:
    environment = {f"HEADCOUNT_{name}": value for name, value in settings.items()}
    with pytest.raises(StartError, match=words):
        Settings.read({"data": "data"}, environment)


@pytest.mark.parametrize(
    ("url", "private"),
    [("https://a.example/x", True), ("http://127.0.0.1:9/x", True), ("http://a.example/x", False), ("", False)],
)
def test_a_provider_is_asked_only_where_nobody_listens(url: str, private: bool) -> None:
    assert is_private_way(url) is private


def test_the_way_back_is_no_way_in_for_other_forms(town: Town) -> None:
    answer = town.client.post("/openid/callback", headers=SAME_ORIGIN)
    assert answer.status_code == 405
