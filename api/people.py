"""The people of a member: staff who sign in to the pages, each with one role that their member's role bounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from api.errors import BadRequest
from api.roster import Member, Role


class PersonRole(StrEnum):
    """What a person is here for; one role a person."""

    UPLOADER = "uploader"
    NAVIGATOR = "navigator"
    COORDINATOR = "coordinator"
    AUDITOR = "auditor"
    OPERATOR = "operator"


# A person never may more than the member: only agencies share their rights out.
ROLES_OF: Mapping[Role, frozenset[PersonRole]] = {
    Role.AGENCY: frozenset({PersonRole.UPLOADER, PersonRole.NAVIGATOR}),
    Role.COORDINATOR: frozenset({PersonRole.COORDINATOR}),
    Role.AUDITOR: frozenset({PersonRole.AUDITOR}),
    Role.OPERATOR: frozenset({PersonRole.OPERATOR}),
}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody on the staff of a member. Name and work e-mail are all that is known; the log knows the id alone."""

    id: str
    member: str
    name: str
    email: str
    role: PersonRole
    invited: datetime
    revoked: datetime | None = None  # None: may sign in


def check_member_can_have(member: Member, role: PersonRole) -> None:
    """What a member's people may do is part of what the member may do.

    Raises:
        BadRequest: *member* has nobody of that role.
    """
    if role not in ROLES_OF[member.role]:
        possible = " or ".join(repr(one.value) for one in sorted(ROLES_OF[member.role]))
        raise BadRequest(
            f"a member with the role '{member.role}' has nobody with the role '{role}'",
            hint=f"Give the role {possible}.",
        )
