"""Signing in with a passkey, confirming with it, and a person's own passkeys."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import RedirectResponse

from api.addresses import base_of_pages, is_elsewhere, site_of
from api.cookies import session_token, set_session
from api.deps import CurrentCaller, CurrentParts, find_signed_in
from api.forms import Fields, shaped
from api.inputs import PasskeyNameIn
from api.parts import Parts
from api.recognition import Answer, confirm, enrol, person_of, remove, rename, sign_in
from api.storage.passkeys import Purpose
from api.web.pages import render
from api.web.wording import NAVIGATION

PasskeyId = Annotated[str, Path(max_length=64)]
ANSWER = "credential"  # the field with what the authenticator answered
# A confirmation leads back to these only: an address from elsewhere leads nowhere.
RETURN_TO = frozenset(link.path for link in NAVIGATION)

router = APIRouter(include_in_schema=False)


@router.get("/sign-in")
def sign_in_page(request: Request, parts: CurrentParts) -> Response:
    """A button that asks for a passkey."""
    if is_elsewhere(request, parts.settings):
        return _see(f"{base_of_pages(request, parts.settings)}/sign-in")
    question = parts.ceremonies.question(Purpose.SIGN_IN, None, site_of(request, parts.settings), now=parts.clock())
    return render(
        request,
        "sign_in_passkey.html",
        caller=find_signed_in(request),
        question=question,
        openid=bool(parts.settings.oidc_issuer),
    )


@router.post("/sign-in")
def sign_in_with_passkey(request: Request, fields: Fields, parts: CurrentParts) -> Response:
    """Open a session for whose passkey answered."""
    before = session_token(request, parts.settings)
    return _go_on("/", sign_in(parts, _answer(request, fields, parts), instead_of=before), parts)


@router.get("/confirm")
def confirm_page(
    request: Request, caller: CurrentCaller, parts: CurrentParts, back: Annotated[str, Query(max_length=64)] = "/"
) -> Response:
    """Ask the passkey of who is signed in once more."""
    person = person_of(caller)
    question = parts.ceremonies.question(
        Purpose.CONFIRM, person.id, site_of(request, parts.settings), now=parts.clock()
    )
    return render(
        request,
        "confirm.html",
        caller=caller,
        question=question,
        back=_back(back),
        openid=bool(parts.settings.oidc_issuer),
    )


@router.post("/confirm")
def confirm_with_passkey(request: Request, fields: Fields, caller: CurrentCaller, parts: CurrentParts) -> Response:
    """The passkey vouched for who sits there."""
    token = session_token(request, parts.settings) or ""
    new = confirm(parts, caller, _answer(request, fields, parts), token=token)
    return _go_on(_back(fields.get("back", "/")), new, parts)


def ask_to_confirm(request: Request, _error: Exception) -> Response:
    """What a page answers when a passkey has to confirm first; a form is to be sent again after that."""
    return _see(f"/confirm?back={_back('/' + request.url.path.split('/')[1])}")


@router.get("/passkeys")
def passkeys_page(request: Request, caller: CurrentCaller, parts: CurrentParts) -> Response:
    """A person's own passkeys, and a form for the next one."""
    person = person_of(caller)
    can_add = caller.is_enrolling or caller.is_confirmed(parts.clock())
    site = site_of(request, parts.settings)
    return render(
        request,
        "passkeys.html",
        caller=caller,
        openid=parts.settings.has_provider and caller.is_enrolling,
        passkeys=parts.ceremonies.passkeys.of(person.id),
        question=parts.ceremonies.enrolment(person, site, now=parts.clock()) if can_add else None,
    )


@router.post("/passkeys")
def add_passkey(request: Request, fields: Fields, caller: CurrentCaller, parts: CurrentParts) -> Response:
    """Enrol a passkey; a session that an invitation opened is a full one from here on."""
    named = shaped(PasskeyNameIn, {"name": fields.get("name", "")})
    token = session_token(request, parts.settings) or ""
    new = enrol(parts, caller, _answer(request, fields, parts), name=named.name, token=token)
    return _go_on("/" if caller.is_enrolling else "/passkeys", new, parts)


@router.post("/passkeys/{passkey_id}/name")
def rename_passkey(passkey_id: PasskeyId, fields: Fields, caller: CurrentCaller, parts: CurrentParts) -> Response:
    """Call a passkey otherwise."""
    rename(parts, caller, passkey_id, shaped(PasskeyNameIn, fields).name)
    return _see("/passkeys")


@router.post("/passkeys/{passkey_id}/delete")
def delete_passkey(passkey_id: PasskeyId, request: Request, caller: CurrentCaller, parts: CurrentParts) -> Response:
    """Forget a passkey of which another is left."""
    remove(parts, caller, passkey_id, token=session_token(request, parts.settings) or "")
    return _see("/passkeys")


def _answer(request: Request, fields: Fields, parts: Parts) -> Answer:
    return Answer(fields.get(ANSWER, ""), site_of(request, parts.settings))


def _back(path: str) -> str:
    return path if path in RETURN_TO else "/"


def _see(path: str) -> Response:
    return RedirectResponse(path, status_code=303)


def _go_on(path: str, token: str, parts: Parts) -> Response:
    response = _see(path)
    set_session(response, token, parts.settings)
    return response
