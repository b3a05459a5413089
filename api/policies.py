"""Who may do what: one table over every route. What is not in it does not start, let alone answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from api.callers import Caller
from api.errors import Denied, StartError
from api.person_policies import Route, check_people_are_settled, check_person_may
from api.roster import Role


class Open(StrEnum):
    """Routes that need no caller, each with the reason."""

    HEALTH = "says nothing but that the service runs"
    DESCRIPTION = "the same for every service of this version"
    WITNESS = "what goes out shows no entry, what comes in is signed by a witness that the operator named"
    SIGN_IN = "the one-time token in the address is the key"
    PASSKEY = "whoever signs in is not known before"


Policy = Open | frozenset[Role]

EVERYONE = frozenset(Role)
COORDINATOR = frozenset({Role.COORDINATOR})
AGENCY = frozenset({Role.AGENCY})
AUDITOR = frozenset({Role.AUDITOR})

POLICY: Mapping[Route, Policy] = {
    ("GET", "/healthz"): Open.HEALTH,
    ("GET", "/readyz"): Open.HEALTH,
    ("GET", "/openapi.json"): Open.DESCRIPTION,
    ("GET", "/static/app.css"): Open.DESCRIPTION,
    ("GET", "/static/passkeys.js"): Open.DESCRIPTION,
    ("GET", "/api/v1/me"): EVERYONE,
    ("GET", "/api/v1/members"): COORDINATOR | AGENCY | AUDITOR,
    ("GET", "/api/v1/members/{member_id}"): COORDINATOR | AGENCY | AUDITOR,
    ("PUT", "/api/v1/members/{member_id}"): COORDINATOR,
    ("GET", "/api/v1/members/{member_id}/keys"): EVERYONE,  # one's own; a coordinator's everyone's
    ("PUT", "/api/v1/members/{member_id}/keys/{keyid}"): EVERYONE,
    ("DELETE", "/api/v1/members/{member_id}/keys/{keyid}"): EVERYONE,
    ("GET", "/api/v1/epochs"): COORDINATOR | AGENCY | AUDITOR,
    ("PUT", "/api/v1/epochs/{number}"): COORDINATOR,
    ("POST", "/api/v1/uploads"): AGENCY,
    ("GET", "/api/v1/uploads"): COORDINATOR | AGENCY,
    ("GET", "/api/v1/uploads/{digest}"): AGENCY,
    ("POST", "/api/v1/upload-sessions"): AGENCY,
    ("GET", "/api/v1/upload-sessions/{session_id}"): AGENCY,
    ("PUT", "/api/v1/upload-sessions/{session_id}/pieces/{offset}"): AGENCY,
    ("POST", "/api/v1/upload-sessions/{session_id}/finish"): AGENCY,
    ("GET", "/api/v1/jobs"): COORDINATOR | AGENCY | {Role.OPERATOR},
    ("GET", "/api/v1/jobs/{job_id}"): COORDINATOR | AGENCY | {Role.OPERATOR},
    ("DELETE", "/api/v1/jobs/{job_id}"): COORDINATOR | AGENCY,
    ("POST", "/api/v1/purges"): COORDINATOR | {Role.OPERATOR},
    ("POST", "/api/v1/runs"): COORDINATOR,
    ("GET", "/api/v1/runs"): COORDINATOR | {Role.OPERATOR},
    ("GET", "/api/v1/runs/{run_id}"): COORDINATOR | {Role.OPERATOR},
    ("GET", "/api/v1/runs/{run_id}/report"): COORDINATOR,
    ("GET", "/api/v1/counts"): COORDINATOR,
    ("POST", "/api/v1/releases"): COORDINATOR,
    ("GET", "/api/v1/releases"): COORDINATOR | AUDITOR,
    ("GET", "/api/v1/releases/{number}"): COORDINATOR,
    ("GET", "/api/v1/releases/{number}/packet"): COORDINATOR,
    ("GET", "/api/v1/approvals"): COORDINATOR | AUDITOR,
    ("GET", "/api/v1/approvals/{proposal}"): COORDINATOR | AUDITOR,
    ("POST", "/api/v1/approvals/{proposal}/decision"): COORDINATOR | AUDITOR,
    ("GET", "/api/v1/matches"): AGENCY,
    ("GET", "/api/v1/openings"): AGENCY,
    ("POST", "/api/v1/openings/erasures"): AGENCY,
    ("GET", "/api/v1/log/entries"): AUDITOR,
    ("GET", "/api/v1/log/bundle"): AUDITOR,
    ("GET", "/api/v1/log/checkpoint"): AUDITOR | COORDINATOR,
    ("GET", "/api/v1/log/proofs/{index}"): EVERYONE,
    ("GET", "/witness/add-checkpoint"): Open.WITNESS,
    ("GET", "/witness/checkpoint"): Open.WITNESS,
    ("POST", "/witness/cosignatures"): Open.WITNESS,
    ("POST", "/api/v1/sign-in-links"): EVERYONE,
    ("GET", "/api/v1/people"): EVERYONE,
    ("POST", "/api/v1/people"): EVERYONE,
    ("POST", "/api/v1/people/{person_id}/links"): EVERYONE,
    ("DELETE", "/api/v1/people/{person_id}"): EVERYONE,
    ("GET", "/people"): EVERYONE,
    ("POST", "/people"): EVERYONE,
    ("POST", "/people/{person_id}/links"): EVERYONE,
    ("POST", "/people/{person_id}/revoke"): EVERYONE,
    ("GET", "/sign-in"): Open.PASSKEY,
    ("POST", "/sign-in"): Open.PASSKEY,
    ("GET", "/openid"): Open.PASSKEY,
    ("GET", "/openid/callback"): Open.PASSKEY,
    ("GET", "/passkeys"): EVERYONE,
    ("POST", "/passkeys"): EVERYONE,
    ("POST", "/passkeys/{passkey_id}/name"): EVERYONE,
    ("POST", "/passkeys/{passkey_id}/delete"): EVERYONE,
    ("GET", "/confirm"): EVERYONE,
    ("POST", "/confirm"): EVERYONE,
    ("GET", "/sign-in/{token}"): Open.SIGN_IN,
    ("POST", "/sign-in/{token}"): Open.SIGN_IN,
    ("POST", "/sign-out"): EVERYONE,
    ("GET", "/"): EVERYONE,
    ("GET", "/counts"): COORDINATOR,
    ("POST", "/runs"): COORDINATOR,
    ("GET", "/releases"): COORDINATOR,
    ("POST", "/releases"): COORDINATOR,
    ("GET", "/releases/jobs/{job_id}"): COORDINATOR,
    ("GET", "/releases/{number}"): COORDINATOR,
    ("GET", "/releases/{number}/packet"): COORDINATOR,
    ("GET", "/matches"): AGENCY,
    ("GET", "/uploads"): COORDINATOR | AGENCY,
    ("GET", "/approvals"): COORDINATOR | AUDITOR,
    ("POST", "/approvals/{proposal}/decision"): COORDINATOR | AUDITOR,
    ("GET", "/log"): AUDITOR,
    ("GET", "/log/bundle"): AUDITOR,
}


def check_may(caller: Caller, route: Route) -> None:
    """The caller's role is among those that the table names for *route*.

    Raises:
        Denied: it is not.
    """
    policy = POLICY[route]
    if isinstance(policy, Open) or caller.member.role not in policy:
        roles = () if isinstance(policy, Open) else sorted(policy)
        raise Denied(
            f"a member with the role '{caller.member.role}' may not do this",
            hint=f"It is for members with the role {' or '.join(repr(role.value) for role in roles)}.",
        )
    check_person_may(caller, route)


def caller_may(caller: Caller, route: Route) -> bool:
    """Whether `check_may` lets *caller* through."""
    try:
        check_may(caller, route)
    except Denied:
        return False
    return True


def check_every_route_has_a_policy(app: FastAPI) -> None:
    """The routes of *app* and the table are the same, so that no route is open by oversight.

    Raises:
        StartError: a route has no policy, a policy has no route, or a route bypasses the check.
    """
    found = set(_routes(app))
    wrong = sorted(f"{method} {path}" for method, path in found ^ POLICY.keys())
    if wrong:
        raise StartError(
            f"routes and policies differ: {', '.join(wrong)}", hint="Give each route its line in api/policies.py."
        )
    check_people_are_settled(route for route, policy in POLICY.items() if _is_for_agencies(policy))


def _is_for_agencies(policy: Policy) -> bool:
    return not isinstance(policy, Open) and Role.AGENCY in policy


def _routes(app: FastAPI) -> Iterable[Route]:
    for context in iter_route_contexts(app.routes):
        if not isinstance(context.original_route, APIRoute):
            raise StartError(f"the route {context.path} bypasses the policies", hint="Write it as a route of FastAPI.")
        for method in context.methods or ():
            yield method, context.path or ""
