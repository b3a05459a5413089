"""Every route against every role, from the one table; and nothing outside of the table."""

import pytest
from api_town import SAME_ORIGIN, Town
from fastapi import FastAPI
from starlette.routing import Route as PlainRoute

from api.errors import StartError
from api.policies import POLICY, Open, check_every_route_has_a_policy
from api.roster import Role

ASKING = {
    Role.AGENCY: "food_bank",
    Role.COORDINATOR: "coordinator",
    Role.AUDITOR: "auditor",
    Role.OPERATOR: "operator",
}
FILLED = {
    "{member_id}": "somebody",
    "{keyid}": "0" * 16,
    "{proposal}": "0" * 16,
    "{number}": "7",
    "{digest}": "0" * 64,
    "{run_id}": "0" * 32,
    "{session_id}": "0" * 32,
    "{job_id}": "0" * 32,
    "{offset}": "0",
    "{index}": "0",
    "{token}": "no-such-token",
}
MATRIX = [
    (method, path, role)
    for (method, path), policy in sorted(POLICY.items())
    if not isinstance(policy, Open)
    for role in Role
]


def _path(template: str) -> str:
    for name, value in FILLED.items():
        template = template.replace(name, value)
    return template


def _ask(town: Town, role: Role, method: str, path: str) -> int:
    if path.startswith("/api/"):
        return town.send(ASKING[role], method, _path(path)).status_code
    browser = town.sign_in(ASKING[role])
    return browser.request(method, path, headers=SAME_ORIGIN, follow_redirects=False).status_code


@pytest.mark.parametrize(("method", "path", "role"), MATRIX)
def test_a_role_gets_through_exactly_where_the_table_says(
    shared_town: Town, monkeypatch: pytest.MonkeyPatch, method: str, path: str, role: Role
) -> None:
    # There is one queue of jobs a process, and another test's town may have closed this one's.
    monkeypatch.setattr(shared_town.parts.jobs, "submit_task", lambda job_id: None)
    before = shared_town.parts.journal.size
    status = _ask(shared_town, role, method, path)
    denied = [
        entry.event
        for entry in shared_town.parts.journal.entries(before, 50)
        if entry.event.act == "denied" and entry.event.rule == "role"
    ]
    if role in POLICY[method, path]:
        assert status not in {401, 403, 405, 500}
        assert denied == []
    else:
        assert status == 403
        assert [(event.actor, event.object) for event in denied] == [(ASKING[role], f"{method} {path}")]


@pytest.mark.parametrize(
    ("member", "path", "hint"),
    [
        ("coordinator", "/api/v1/matches", "It is for members with the role 'agency'."),
        ("food_bank", "/api/v1/log/checkpoint", "It is for members with the role 'auditor' or 'coordinator'."),
    ],
)
def test_whoever_is_refused_is_told_whom_it_is_for(shared_town: Town, member: str, path: str, hint: str) -> None:
    assert shared_town.send(member, "GET", path).json()["hint"] == hint


@pytest.mark.parametrize(
    ("method", "path"), [route for route, policy in sorted(POLICY.items()) if not isinstance(policy, Open)]
)
def test_nobody_gets_through_unsigned(shared_town: Town, method: str, path: str) -> None:
    answer = shared_town.client.request(method, _path(path), headers=SAME_ORIGIN)
    assert answer.status_code == 401


@pytest.mark.parametrize("path", [path for (method, path), p in POLICY.items() if p in {Open.HEALTH}])
def test_health_is_open(shared_town: Town, path: str) -> None:
    assert shared_town.client.get(path).status_code == 200


def test_a_route_without_a_policy_does_not_start(shared_town: Town) -> None:
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)

    @app.get("/api/v1/forgotten")
    def forgotten() -> None: ...

    with pytest.raises(StartError, match="GET /api/v1/forgotten"):
        check_every_route_has_a_policy(app)


def test_a_route_that_bypasses_the_check_does_not_start() -> None:
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.router.routes.append(PlainRoute("/side-door", lambda request: None))
    with pytest.raises(StartError, match="/side-door bypasses the policies"):
        check_every_route_has_a_policy(app)


def test_a_policy_without_a_route_does_not_start() -> None:
    with pytest.raises(StartError, match="GET /api/v1/counts"):
        check_every_route_has_a_policy(FastAPI(openapi_url=None, docs_url=None, redoc_url=None))


def test_the_description_covers_every_api_route(shared_town: Town) -> None:
    document = shared_town.client.get("/openapi.json").json()
    described = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    assert described == {route for route in POLICY if route[1].startswith("/api/")}
