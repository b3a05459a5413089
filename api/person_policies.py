"""What of their member's rights people have in a session; what is settled nowhere is refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from api.callers import Caller
from api.errors import Denied, NotConfirmed, StartError
from api.people import PersonRole
from api.roster import Role

Route = tuple[str, str]  # method and path template

UPLOADER = frozenset({PersonRole.UPLOADER})
NAVIGATOR = frozenset({PersonRole.NAVIGATOR})
BOTH = UPLOADER | NAVIGATOR

# An agency's pages, shared out among its people. The people of other members may what their member may.
OF_AGENCIES: Mapping[Route, frozenset[PersonRole]] = {
    ("GET", "/"): BOTH,
    ("POST", "/sign-out"): BOTH,
    ("GET", "/matches"): NAVIGATOR,
    ("GET", "/uploads"): UPLOADER,
    ("GET", "/people"): BOTH,
    ("POST", "/people"): BOTH,
    ("POST", "/people/{person_id}/links"): BOTH,
    ("POST", "/people/{person_id}/revoke"): BOTH,
    ("GET", "/passkeys"): BOTH,
    ("POST", "/passkeys"): BOTH,
    ("POST", "/passkeys/{passkey_id}/name"): BOTH,
    ("POST", "/passkeys/{passkey_id}/delete"): BOTH,
    ("GET", "/confirm"): BOTH,
    ("POST", "/confirm"): BOTH,
}
ENROLLING = frozenset({("GET", "/passkeys"), ("POST", "/passkeys"), ("POST", "/sign-out")})
# Releases, and who gets in: a person who left the computer unlocked has done none of these.
CONFIRMED_ONLY = frozenset(
    {
        ("GET", "/counts"),
        ("POST", "/releases"),
        ("GET", "/releases/{number}"),
        ("GET", "/releases/{number}/packet"),
        ("POST", "/approvals/{proposal}/decision"),
        ("POST", "/people"),
        ("POST", "/people/{person_id}/revoke"),
        ("POST", "/passkeys"),
        ("POST", "/passkeys/{passkey_id}/delete"),
    }
)


def check_person_may(caller: Caller, route: Route) -> None:
    """The person of *caller*, if there is one, has the right that their member has.

    Raises:
        Denied: they do not, or have not enrolled yet.
    """
    if caller.person is None:
        return
    if caller.is_enrolling and route not in ENROLLING:
        raise Denied("you have not enrolled yet", hint="Go to /passkeys and add a passkey to this device first.")
    if caller.member.role is Role.AGENCY:
        _check_agency_person(caller.person.role, route)


def _check_agency_person(role: PersonRole, route: Route) -> None:
    allowed = OF_AGENCIES.get(route, frozenset())
    if role not in allowed:
        roles = " or ".join(repr(one.value) for one in sorted(allowed)) or "that your agency's key stands for"
        raise Denied(
            f"a person with the role '{role}' may not do this", hint=f"It is for people with the role {roles}."
        )


def check_confirmed(caller: Caller, route: Route, *, now: datetime) -> None:
    """What a passkey must have vouched for within the last minutes, one has; an invitation lets enrol without.

    Raises:
        NotConfirmed: it has not.
    """
    if caller.person is None or route not in CONFIRMED_ONLY or caller.is_enrolling or caller.is_confirmed(now):
        return
    raise NotConfirmed(
        "this needs your passkey once more", hint="Open the page 'Confirm' (/confirm), then do this again."
    )


def check_people_are_settled(agency_routes: Iterable[Route]) -> None:
    """Every page that agencies may open says which of their people may.

    Raises:
        StartError: one does not, or one that is named here is no page of agencies.
    """
    pages = {route for route in agency_routes if not route[1].startswith("/api/")}
    wrong = sorted(" ".join(route) for route in pages ^ OF_AGENCIES.keys())
    if wrong:
        raise StartError(
            f"which people of an agency may do this is not settled: {', '.join(wrong)}",
            hint="Give each such page its line in api/person_policies.py.",
        )
