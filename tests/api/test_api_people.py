"""People: invited by their member, bounded by it, shut out at once; and what each role may, route by route."""

import re
from collections.abc import Iterator

import pytest
from api_town import BASE, SAME_ORIGIN, Town, a_town, new_key, public_line
from authenticator import AT_HOME, Authenticator, Human, a_person, invitation, newcomer
from starlette.testclient import TestClient

from api.errors import StartError
from api.people import ROLES_OF, PersonRole
from api.person_policies import CONFIRMED_ONLY, ENROLLING, OF_AGENCIES, check_people_are_settled
from api.policies import POLICY, Open
from api.roster import Role
from audit.events import Act

MEMBER_OF = {
    PersonRole.UPLOADER: "food_bank",
    PersonRole.NAVIGATOR: "food_bank",
    PersonRole.COORDINATOR: "coordinator",
    PersonRole.AUDITOR: "auditor",
    PersonRole.OPERATOR: "operator",
}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """One town for all of these: founding one takes longer than most of them."""
    with a_town(tmp_path_factory.mktemp("people") / "data") as town:
        yield town


# Inviting.


def test_a_member_invites_and_the_person_enrols_a_passkey(town: Town) -> None:
    made = invitation(town, "food_bank", "navigator", "Robin Doe")
    assert made["url"].startswith(f"{AT_HOME}/sign-in/")
    invited = town.last(Act.PERSON_INVITED).event
    assert (invited.actor, invited.object) == ("food_bank", f"person/{made['person']['id']}")
    human = newcomer(town, made["url"], made["person"]["id"])
    assert "Add your first passkey" in human.get("/passkeys").text
    answer = human.enrol(human.device)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "Welcome, Robin Doe" in human.get("/").text
    added = town.last(Act.PASSKEY_ADDED).event
    assert (added.actor, added.role, added.details["person"]) == ("food_bank", "navigator", human.id)
    (person,) = (one for one in town.send("food_bank", "GET", "/api/v1/people").json() if one["id"] == human.id)
    assert (person["name"], person["role"], person["passkeys"]) == ("Robin Doe", "navigator", 1)


def test_the_log_never_names_a_person(town: Town) -> None:
    made = invitation(town, "food_bank", "navigator", "Robin Quillfeather")
    human = newcomer(town, made["url"], made["person"]["id"])
    human.enrol(human.device)
    told = repr(town.log())
    assert human.id in told
    assert "Quillfeather" not in told
    assert made["person"]["email"] not in told


def test_an_invitation_lets_in_once_and_only_to_enrol(town: Town) -> None:
    made = invitation(town, "food_bank", "navigator")
    human = newcomer(town, made["url"], made["person"]["id"])
    assert human.get("/matches").status_code == 403
    assert "You have not enrolled yet." in human.get("/").text
    again = TestClient(town.client.app, base_url=AT_HOME).post(made["url"], headers=SAME_ORIGIN)
    assert again.status_code == 401


def test_an_invitation_is_good_for_three_days(town: Town) -> None:
    made = invitation(town, "food_bank", "navigator", "Robin Doe")
    browser = TestClient(town.client.app, base_url=AT_HOME)
    town.clock.advance(days=3)
    assert "Welcome, Robin Doe" in browser.get(made["url"]).text
    town.clock.advance(seconds=1)
    assert browser.get(made["url"]).status_code == 401


def test_a_new_link_takes_the_place_of_the_earlier_one(town: Town) -> None:
    made = invitation(town, "food_bank", "navigator")
    anew = town.send("food_bank", "POST", f"/api/v1/people/{made['person']['id']}/links")
    assert anew.status_code == 201
    browser = TestClient(town.client.app, base_url=AT_HOME)
    assert browser.get(made["url"]).status_code == 401
    assert browser.get(anew.json()["url"]).status_code == 200
    assert town.last(Act.SIGN_IN_OFFERED).event.object == f"person/{made['person']['id']}"


def test_whose_device_is_lost_comes_back_by_a_link_and_enrols_another(town: Town) -> None:
    human = a_person(town, "food_bank", "navigator")
    anew = town.send("food_bank", "POST", f"/api/v1/people/{human.id}/links").json()["url"]
    assert human.get("/").status_code == 401  # the lost device may still be signed in
    back = newcomer(town, anew, human.id)
    assert back.get("/matches").status_code == 403
    assert back.enrol(back.device, "New laptop").status_code == 303
    assert back.get("/").status_code == 200
    assert town.last(Act.PASSKEY_ADDED).event.details["person"] == human.id


@pytest.mark.parametrize(
    ("member", "role"),
    [
        (member, role.value)
        for member, kind in (("food_bank", Role.AGENCY), ("coordinator", Role.COORDINATOR), ("auditor", Role.AUDITOR))
        for role in PersonRole
        if role not in ROLES_OF[kind]
    ],
)
def test_a_member_has_only_people_of_its_own_kind(shared_town: Town, member: str, role: str) -> None:
    body = {"name": "R", "email": "r@example.org", "role": role}
    answer = shared_town.send(member, "POST", "/api/v1/people", json=body)
    assert answer.status_code == 400
    assert f"has nobody with the role '{role}'" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        ({"email": "no address"}, "'email' has to be an e-mail address"),
        ({"name": ""}, "'name' is empty or too short"),
        ({"role": "king"}, "'role' has to be one of"),
        ({"telephone": "1"}, "the request has a field that the service does not know"),
    ],
)
def test_a_wrong_invitation_is_told_field_by_field(shared_town: Town, change: dict[str, str], detail: str) -> None:
    body = {"name": "R", "email": "r@example.org", "role": "navigator"} | change
    answer = shared_town.send("food_bank", "POST", "/api/v1/people", json=body)
    assert answer.status_code == 422
    assert detail in answer.json()["detail"]


def test_one_address_is_invited_once(town: Town) -> None:
    body = {"name": "R", "email": "r@example.org", "role": "navigator"}
    assert town.send("food_bank", "POST", "/api/v1/people", json=body).status_code == 201
    again = town.send("food_bank", "POST", "/api/v1/people", json=body | {"email": "R@example.org"})
    assert again.status_code == 409
    assert "r@example.org" not in again.text.lower()
    assert town.send("clinic", "POST", "/api/v1/people", json=body).status_code == 201


# Shutting out.


def test_whoever_is_shut_out_is_out_at_once_and_cannot_come_back(town: Town) -> None:
    human = a_person(town, "food_bank", "navigator")
    assert human.get("/").status_code == 200
    gone = town.send("food_bank", "DELETE", f"/api/v1/people/{human.id}")
    assert gone.status_code == 200
    assert gone.json()["revoked"] is not None
    assert human.get("/").status_code == 401
    answer = human.sign_in()
    assert answer.status_code == 401
    assert "person shut out" in answer.text
    assert town.last(Act.REFUSED).event.details["person"] == human.id


def test_the_link_of_whoever_is_shut_out_opens_nothing(town: Town) -> None:
    made = invitation(town, "food_bank", "navigator")
    town.send("food_bank", "DELETE", f"/api/v1/people/{made['person']['id']}")
    assert TestClient(town.client.app, base_url=AT_HOME).get(made["url"]).status_code == 401
    assert town.send("food_bank", "POST", f"/api/v1/people/{made['person']['id']}/links").status_code == 404


def test_a_new_key_of_the_member_ends_the_sessions_and_links_of_its_people(town: Town) -> None:
    human, made = a_person(town, "detox", "navigator"), invitation(town, "detox", "uploader")
    key = public_line(new_key("another"))
    body = {"name": "Detox", "role": "agency", "kind": "part2", "public_key": key}
    assert town.send("coordinator", "PUT", "/api/v1/members/detox", json=body).status_code == 200
    assert human.get("/").status_code == 401
    assert TestClient(town.client.app, base_url=AT_HOME).get(made["url"]).status_code == 401


# The page.


def test_the_page_invites_and_shuts_out(town: Town) -> None:
    browser = town.sign_in("food_bank")
    fields = {"name": "Robin Doe", "email": "robin@example.org", "role": "uploader"}
    page = browser.post("/people", data=fields, headers=SAME_ORIGIN)
    assert page.status_code == 200
    (url,) = re.findall(rf"{AT_HOME}/sign-in/[\w-]+", page.text)
    (person,) = (one for one in town.parts.people.of("food_bank") if one.email == "robin@example.org")
    assert newcomer(town, url, person.id).get("/passkeys").status_code == 200
    assert url not in browser.get("/people").text
    assert browser.post(f"/people/{person.id}/links", headers=SAME_ORIGIN).status_code == 200
    gone = browser.post(f"/people/{person.id}/revoke", headers=SAME_ORIGIN)
    assert "Shut out</h2>" in gone.text


def test_a_form_that_is_wrong_says_which_field(town: Town) -> None:
    browser = town.sign_in("food_bank")
    answer = browser.post("/people", data={"name": "R", "role": "uploader"}, headers=SAME_ORIGIN)
    assert answer.status_code == 422
    assert "&#39;email&#39; is missing" in answer.text


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"name=a&name=b", "application/x-www-form-urlencoded", 400),
        (b"name=%ff", "application/x-www-form-urlencoded", 400),
        (b"x" * 70_000, "application/x-www-form-urlencoded", 413),
        (b"{}", "application/json", 415),
    ],
)
def test_what_is_no_form_of_ours_is_refused(town: Town, content: bytes, kind: str, status: int) -> None:
    headers = SAME_ORIGIN | {"content-type": kind}
    answer = town.sign_in("food_bank").post("/people", content=content, headers=headers)
    assert answer.status_code == status


def test_a_person_invites_for_their_own_role_only(town: Town) -> None:
    human = a_person(town, "food_bank", "navigator")
    fields = {"name": "Kim", "email": "kim@example.org"}
    assert human.post("/people", **fields, role="uploader").status_code == 403
    assert human.post("/people", **fields, role="navigator").status_code == 200
    uploader = a_person(town, "food_bank", "uploader")
    assert human.post(f"/people/{uploader.id}/revoke").status_code == 403
    assert uploader.get("/").status_code == 200


def test_a_person_cannot_become_another_by_making_a_link_for_them(town: Town) -> None:
    human, other = a_person(town, "food_bank", "navigator"), a_person(town, "food_bank", "navigator")
    answer = human.post(f"/people/{other.id}/links")
    assert answer.status_code == 403
    assert "organisation&#39;s key only" in answer.text


# Every page, every role, and what is somebody else's.


@pytest.fixture(scope="module")
def staff(shared_town: Town) -> dict[PersonRole, Human]:
    """One person of each role, confirmed."""
    return {role: a_person(shared_town, member, role) for role, member in MEMBER_OF.items()}


@pytest.fixture(scope="module")
def stranger(shared_town: Town) -> Human:
    return a_person(shared_town, "clinic", "navigator")


PAGES = [route for route, policy in sorted(POLICY.items()) if not (isinstance(policy, Open) or "/api/" in route[1])]
LAST = ("POST", "/sign-out")
MATRIX = [(*route, role) for route in PAGES if route != LAST for role in PersonRole]


def may(role: PersonRole, route: tuple[str, str]) -> bool:
    """By the tables alone."""
    kind = next(kind for kind, roles in ROLES_OF.items() if role in roles)
    policy = POLICY[route]
    assert not isinstance(policy, Open)
    return kind in policy and (kind is not Role.AGENCY or role in OF_AGENCIES[route])


def filled(path: str, stranger: Human) -> str:
    (passkey,) = stranger.town.parts.ceremonies.passkeys.of(stranger.id)
    return nowhere(path.replace("{person_id}", stranger.id).replace("{passkey_id}", passkey.id))


def nowhere(path: str) -> str:
    """The path of what nobody has: a release that was never made, a proposal, a person, a passkey."""
    return re.sub(r"\{\w+\}", "0" * 16, path.replace("{number}", "999"))


def fields_of(path: str) -> dict[str, str]:
    """What the form of a page has to have."""
    if path.endswith("/decision"):
        return {"decision": "approve", "digest": "0" * 64}
    return {"name": "Other"} if path.endswith("/name") else {}


@pytest.mark.parametrize(("method", "path", "role"), MATRIX)
def test_a_person_gets_through_exactly_where_the_tables_say_and_never_to_what_is_anothers(
    shared_town: Town, staff: dict[PersonRole, Human], stranger: Human, method: str, path: str, role: PersonRole
) -> None:
    human, before = staff[role], shared_town.parts.journal.size
    fields = {"data": fields_of(path)} if fields_of(path) else {}
    answer = human.browser.request(
        method, filled(path, stranger), headers=SAME_ORIGIN, follow_redirects=False, **fields
    )
    entries = [entry.event for entry in shared_town.parts.journal.entries(before, 50)]
    assert all(event.details["person"] == human.id and event.role == role for event in entries)
    if not may(role, (method, path)):
        assert answer.status_code == 403
        assert [event.act for event in entries] == [Act.DENIED]
    elif "{" in path:
        assert answer.status_code == 404
        assert [(event.act, event.rule) for event in entries] == [(Act.REFUSED, "not-found")]
    else:
        assert answer.status_code not in {403, 404, 405, 500}
        assert answer.headers.get("location", "") not in {"/sign-in", "/confirm"}


@pytest.mark.parametrize("role", PersonRole)
def test_what_is_anothers_is_answered_like_what_is_nowhere(
    staff: dict[PersonRole, Human], stranger: Human, role: PersonRole
) -> None:
    for method, path in PAGES:
        if "{" not in path or method == "GET" or not may(role, (method, path)):
            continue
        theirs = staff[role].post(filled(path, stranger), **fields_of(path))
        missing = staff[role].post(nowhere(path), **fields_of(path))
        assert theirs.status_code == missing.status_code == 404
        assert theirs.text == missing.text
    assert stranger.get("/").status_code == 200


@pytest.mark.parametrize(("method", "path"), [route for route in POLICY if "/people/{person_id}" in route[1]])
def test_another_members_person_is_answered_like_nobody_in_the_api(
    shared_town: Town, stranger: Human, method: str, path: str
) -> None:
    if not path.startswith("/api/"):
        browser = shared_town.sign_in("food_bank")
        asked = [browser.post(path.format(person_id=one), headers=SAME_ORIGIN) for one in (stranger.id, "0" * 16)]
    else:
        asked = [shared_town.send("food_bank", method, path.format(person_id=one)) for one in (stranger.id, "0" * 16)]
    theirs, nobody = asked
    assert theirs.status_code == nobody.status_code == 404
    assert theirs.text == nobody.text


@pytest.mark.parametrize("role", PersonRole)
def test_a_person_is_offered_exactly_the_pages_that_let_them_in(
    staff: dict[PersonRole, Human], role: PersonRole
) -> None:
    text = staff[role].get("/").text
    offered = set(re.findall(r'<a href="(/\w+)"', text[text.index("<nav") : text.index("</nav>")]))
    paths = {path for method, path in PAGES if method == "GET" and "{" not in path and may(role, (method, path))}
    assert offered == paths - {"/", "/confirm", "/log/bundle"}


def test_a_session_of_a_person_does_not_open_the_api(staff: dict[PersonRole, Human]) -> None:
    assert staff[PersonRole.COORDINATOR].get("/api/v1/members").status_code == 401
    assert staff[PersonRole.COORDINATOR].get("/api/v1/people").status_code == 401


def test_a_page_of_agencies_that_is_not_shared_out_does_not_start() -> None:
    with pytest.raises(StartError, match="GET /inbox"):
        check_people_are_settled([*OF_AGENCIES, ("GET", "/inbox")])


def test_the_tables_name_no_route_that_is_not_there() -> None:
    assert CONFIRMED_ONLY | ENROLLING | OF_AGENCIES.keys() <= POLICY.keys()


def test_passkeys_are_no_matter_of_the_members_key(shared_town: Town) -> None:
    browser = shared_town.sign_in("food_bank")
    answer = browser.get("/passkeys")
    assert answer.status_code == 409
    assert "Invite yourself on the page People" in answer.text
    assert "/passkeys" not in browser.get("/").text


def test_whoever_signs_in_at_an_address_without_a_name_is_sent_to_the_one_that_has(shared_town: Town) -> None:
    answer = TestClient(shared_town.client.app, base_url=BASE).get("/sign-in", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{AT_HOME}/sign-in")


def test_a_second_passkey_is_asked_for_until_it_is_there(town: Town) -> None:
    human = a_person(town, "food_bank", "navigator")
    assert "add a second one" in human.get("/").text
    assert human.enrol(Authenticator(), "Key ring").status_code == 303
    assert "add a second one" not in human.get("/").text
