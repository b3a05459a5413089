"""A member's people: who they are, inviting them, shutting them out; by signed request, and as a page."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import RedirectResponse

from api.addresses import base_of_pages
from api.callers import Caller
from api.deps import CurrentCaller, CurrentParts
from api.forms import Fields, shaped
from api.inputs import PersonIn
from api.parts import Parts
from api.people import ROLES_OF, Person
from api.people_answers import InvitationOut, PersonOut
from api.staffing import Invitation, can_hand_out, invite, invite_anew, shut_out
from api.storage.together import together
from api.web.pages import render
from api.web.wording import ROLE_WORDS

PersonId = Annotated[str, Path(max_length=64)]

router = APIRouter(tags=["people"])


@router.get("/api/v1/people")
def list_people(caller: CurrentCaller, parts: CurrentParts) -> tuple[PersonOut, ...]:
    """Your own people, those who were shut out too."""
    return tuple(_out(parts, person) for person in parts.people.of(caller.member.id))


@router.post("/api/v1/people", status_code=201)
def post_person(asked: PersonIn, request: Request, caller: CurrentCaller, parts: CurrentParts) -> InvitationOut:
    """Invite somebody: a link that lets them enrol a passkey, once, within three days."""
    with together(parts.engine):  # what cannot be answered is not done
        made = invite(parts, caller, name=asked.name, email=asked.email, role=asked.role)
        return _invitation(request, parts, made)


@router.post("/api/v1/people/{person_id}/links", status_code=201)
def post_person_link(
    person_id: PersonId, request: Request, caller: CurrentCaller, parts: CurrentParts
) -> InvitationOut:
    """A new link for one of your people, when devices or an invitation were lost. It takes the earlier one's place."""
    with together(parts.engine):
        return _invitation(request, parts, invite_anew(parts, caller, person_id))


@router.delete("/api/v1/people/{person_id}")
def delete_person(person_id: PersonId, caller: CurrentCaller, parts: CurrentParts) -> PersonOut:
    """Shut one of your people out: sessions and links end at once."""
    with together(parts.engine):
        person = shut_out(parts, caller, person_id)
        return _out(parts, parts.people.find(caller.member.id, person.id) or person)


@router.get("/people", include_in_schema=False)
def people_page(request: Request, caller: CurrentCaller, parts: CurrentParts) -> Response:
    """Who gets in for this member."""
    return _page(request, caller, parts, None)


@router.post("/people", include_in_schema=False)
def invite_from_page(request: Request, fields: Fields, caller: CurrentCaller, parts: CurrentParts) -> Response:
    """The form 'Invite'; the link is shown once."""
    asked = shaped(PersonIn, fields)
    with together(parts.engine):
        made = invite(parts, caller, name=asked.name, email=asked.email, role=asked.role)
        return _page(request, caller, parts, made)


@router.post("/people/{person_id}/links", include_in_schema=False)
def link_from_page(person_id: PersonId, request: Request, caller: CurrentCaller, parts: CurrentParts) -> Response:
    """The button 'New link'; the link is shown once."""
    with together(parts.engine):
        return _page(request, caller, parts, invite_anew(parts, caller, person_id))


@router.post("/people/{person_id}/revoke", include_in_schema=False)
def revoke_from_page(person_id: PersonId, caller: CurrentCaller, parts: CurrentParts) -> Response:
    """The button 'Shut out'."""
    shut_out(parts, caller, person_id)
    return RedirectResponse("/people", status_code=303)


def _page(request: Request, caller: Caller, parts: Parts, made: Invitation | None) -> Response:
    people = parts.people.of(caller.member.id)
    return render(
        request,
        "people.html",
        caller=caller,
        people=[_out(parts, person) for person in people if person.revoked is None],
        gone=[person for person in people if person.revoked is not None],
        roles=[role for role in sorted(ROLES_OF[caller.member.role]) if can_hand_out(caller, role)],
        role_words=ROLE_WORDS,
        confirmed=caller.person is None or caller.is_confirmed(parts.clock()),
        made=None if made is None else _invitation(request, parts, made),
    )


def _out(parts: Parts, person: Person) -> PersonOut:
    return PersonOut.of(person, len(parts.ceremonies.passkeys.of(person.id)))


def _invitation(request: Request, parts: Parts, made: Invitation) -> InvitationOut:
    url = f"{base_of_pages(request, parts.settings)}/sign-in/{made.token}"
    return InvitationOut(person=_out(parts, made.person), url=url, expires=made.expires)
