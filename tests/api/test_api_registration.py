"""Who may be registered, and what never changes."""

import pytest
from api_town import EPOCH, Town, new_key, public_line

PUT = "/api/v1/members/"


def put(town: Town, member: str, **body: object) -> object:
    return town.send("coordinator", "PUT", f"{PUT}{member}", json=body)


def test_a_registered_agency_signs_with_its_own_key(town: Town) -> None:
    key = new_key("ymca")
    answer = put(town, "ymca", name="YMCA", role="agency", kind="nonprofit", public_key=public_line(key, "desk"))
    assert answer.status_code == 200
    town.keys["ymca"] = key
    assert town.send("ymca", "GET", "/api/v1/me").json()["member"]["id"] == "ymca"
    assert town.last("member-added").event.details["kind"] == "nonprofit"


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"kind": None}, 400),  # an agency without a kind
        ({"role": "auditor"}, 400),  # a kind without an agency
        ({"public_key": "headcount-ed25519 AAAA"}, 400),
        ({"public_key": "ssh-ed25519 AAAA"}, 400),
        ({"role": "root"}, 422),
        ({"kind": "police"}, 422),
        ({"name": "two\nlines"}, 422),
        ({"admin": True}, 422),
        ({"name": ""}, 422),
    ],
)
def test_what_is_no_member_is_not_registered(shared_town: Town, changes: dict, status: int) -> None:
    body = {"name": "Y", "role": "agency", "kind": "nonprofit", "public_key": public_line(new_key("y"))}
    assert put(shared_town, "y", **(body | changes)).status_code == status
    assert shared_town.parts.members.find("y") is None


@pytest.mark.parametrize("name", ["Upper", "a b", "-dash", "x" * 65, "..%2f"])
def test_an_identifier_can_be_a_file_name_everywhere(shared_town: Town, name: str) -> None:
    body = {"name": "Y", "role": "auditor", "public_key": public_line(new_key("y"))}
    assert put(shared_town, name, **body).status_code in {404, 422}


def test_a_refused_field_is_named_and_its_value_is_not_repeated(shared_town: Town) -> None:
    answer = put(shared_town, "y", name="Y", role="secret-value", public_key="x")
    assert answer.json()["detail"] == ("'role' has to be one of: 'agency', 'coordinator', 'auditor' or 'operator'")
    assert "secret-value" not in answer.text


@pytest.mark.parametrize(
    ("member", "changes", "says"),
    [
        ("Food Bank", {}, "the member's identifier has to be 1 to 64 small letters, digits, '-' or '_', and to start"),
        ("y", {"name": ""}, "'name' is empty or too short"),
        ("y", {"name": "two\nlines"}, "'name' has to be one line of text"),
        ("y", {"contact": "x" * 201}, "'contact' is longer than 200 characters"),
        ("y", {"smith": "Smith"}, "the request has a field that the service does not know"),
        ("y", {"name": None, "areas": 5}, "'name' is not what it has to be; 'areas' is not what it has to be"),
    ],
)
def test_a_wrong_field_is_told_in_plain_words(shared_town: Town, member: str, changes: dict, says: str) -> None:
    body = {"name": "Y", "role": "auditor", "public_key": public_line(new_key("y"))}
    detail = put(shared_town, member, **(body | changes)).json()["detail"]
    assert detail.startswith(says)
    assert "smith" not in detail.lower()


@pytest.mark.parametrize(
    ("method", "path", "says"),
    [
        ("GET", "/api/v1/counts?by=agency", "'purpose' is missing"),
        (
            "GET",
            "/api/v1/counts?by=agency&purpose=x",
            "'purpose' has to be one of: 'council-report', 'funding-report', 'planning' or 'quality-check'",
        ),
        ("PUT", "/api/v1/epochs/0", "'number' has to be 1 or more"),
        ("PUT", "/api/v1/epochs/1000001", "'number' has to be 1000000 or less"),
        ("PUT", "/api/v1/epochs/x", "'number' has to be a whole number"),
    ],
)
def test_a_wrong_question_is_told_in_plain_words(shared_town: Town, method: str, path: str, says: str) -> None:
    body = {"json": EPOCH} if method == "PUT" else {}
    assert shared_town.send("coordinator", method, path, **body).json()["detail"] == says


@pytest.mark.parametrize("name", EPOCH)
def test_what_an_epoch_has_to_look_like_is_told_in_plain_words(shared_town: Town, name: str) -> None:
    answer = shared_town.send("coordinator", "PUT", "/api/v1/epochs/7", json=EPOCH | {name: "Ä"})
    assert answer.json()["detail"].startswith(f"'{name}' has to be ")


@pytest.mark.parametrize(
    ("changes", "detail", "hint"),
    [
        ({"kind": None}, "the agency's kind is missing", "Give --kind, one of: nonprofit, "),
        ({"role": "auditor"}, "only an agency has a kind", "Leave --kind out for the role 'auditor'."),
    ],
)
def test_a_kind_that_is_missing_or_too_much_is_told_by_its_option(
    shared_town: Town, changes: dict, detail: str, hint: str
) -> None:
    body = {"name": "Y", "role": "agency", "kind": "nonprofit", "public_key": public_line(new_key("y"))}
    problem = put(shared_town, "y", **(body | changes)).json()
    assert problem["detail"] == detail
    assert problem["hint"].startswith(hint)


def test_role_and_kind_never_change(town: Town) -> None:
    body = {"name": "Haven", "public_key": public_line(town.keys["haven"])}
    assert put(town, "haven", role="agency", kind="nonprofit", **body).status_code == 409
    assert put(town, "haven", role="coordinator", **body).status_code == 409
    assert town.parts.members.find("haven").kind == "victim-service-provider"


def test_two_members_never_share_a_key(town: Town) -> None:
    body = {"name": "Copy", "role": "agency", "kind": "health", "public_key": public_line(town.keys["clinic"])}
    answer = put(town, "copy", **body)
    assert answer.status_code == 409
    assert "belongs to the member 'clinic'" in answer.json()["detail"]


def test_a_new_key_replaces_the_old_one_and_ends_its_sessions(town: Town) -> None:
    browser = town.sign_in("clinic")
    assert browser.get("/").status_code == 200
    fresh = new_key("clinic, new laptop")
    answer = put(town, "clinic", name="Clinic", role="agency", kind="health", public_key=public_line(fresh))
    assert answer.status_code == 200
    assert town.last("key-added").event.object == "member/clinic"
    assert town.send("clinic", "GET", "/api/v1/me").status_code == 401
    assert browser.get("/").status_code == 401
    town.keys["clinic"] = fresh
    assert town.send("clinic", "GET", "/api/v1/me").status_code == 200


def test_an_epoch_never_changes_and_numbers_only_go_up(town: Town) -> None:
    other = EPOCH | {"key_check_value": "00" * 16}
    assert town.send("coordinator", "PUT", "/api/v1/epochs/1", json=EPOCH).status_code == 200
    answer = town.send("coordinator", "PUT", "/api/v1/epochs/1", json=other)
    assert answer.status_code == 409
    assert "Open epoch 2" in answer.json()["hint"]
    assert town.send("coordinator", "PUT", "/api/v1/epochs/3", json=other).status_code == 200
    assert town.send("coordinator", "PUT", "/api/v1/epochs/2", json=other).status_code == 409
    assert [line["number"] for line in town.send("clinic", "GET", "/api/v1/epochs").json()] == [1, 3]


def test_an_agency_learns_what_its_next_file_must_match(shared_town: Town) -> None:
    me = shared_town.send("clinic", "GET", "/api/v1/me").json()
    assert me["member"]["kind"] == "health"
    assert me["epoch"]["key_check_value"] == EPOCH["key_check_value"]
