"""A person vouched for by an OpenID provider: bound to them by an invitation, never by an e-mail address."""

from __future__ import annotations

import secrets

from api.callers import Caller
from api.errors import OpenIdRefused, Unaccepted, not_there
from api.openid import Identity, Provider
from api.parts import Parts
from api.settings import Settings
from api.storage.openids import Started
from api.storage.sessions import Holder, OpenedBy, Session
from api.storage.together import together
from audit.events import Act

PURPOSE = "sign-in"
RULE = "openid connect"


def provider_of(settings: Settings) -> Provider | None:
    """The provider, if the operator named one."""
    if not settings.has_provider:
        return None
    secret = "" if settings.oidc_secret is None else settings.oidc_secret.read_text(encoding="utf-8").strip()
    acr, amr = (frozenset(text.replace(",", " ").split()) for text in (settings.oidc_acr, settings.oidc_amr))
    return Provider(settings.oidc_issuer, settings.oidc_client_id, secret, acr, amr)


def start(parts: Parts, caller: Caller | None, redirect_uri: str, *, anew: bool) -> tuple[str, str]:
    """The address at the provider, and the state that comes back from there.

    Raises:
        NotFound: the operator named no provider.
        OpenIdRefused: it cannot be asked.
    """
    provider = _provider(parts)
    joining = caller.person.id if caller is not None and caller.person is not None and caller.is_enrolling else None
    state = secrets.token_urlsafe(32)
    started = Started(secrets.token_urlsafe(32), secrets.token_urlsafe(48), joining)
    address = provider.address(redirect_uri, state, started, anew=anew)
    parts.openids.start(state, started, now=parts.clock())
    return address, state


def finish(parts: Parts, code: str, state: str, redirect_uri: str, *, instead_of: str | None) -> str:
    """Open a session for whom the provider vouches: the token for the cookie.

    Raises:
        NotFound: the operator named no provider.
        OpenIdRefused: the answer does not count, nobody is bound to the account, or they were shut out.
        LogUnavailable: nobody was signed in because it could not be logged.
    """
    provider, now = _provider(parts), parts.clock()
    started = parts.openids.take(state, now=now)
    if started is None:
        raise OpenIdRefused(Unaccepted.STATE)
    try:
        identity = provider.identity(code, redirect_uri, started, now=now)
    except OpenIdRefused as refused:
        if started.person is not None:  # whoever else it was is not known
            _log_refused(parts, _caller(parts, started.person), refused.reason)
        raise
    with together(parts.engine):  # nobody is bound without being let in
        caller = _bound(parts, identity) if started.person is None else _join(parts, identity, started.person)
        parts.journal.append(caller.event(Act.SIGN_IN, "pages", purpose=PURPOSE, rule=RULE))
        person = caller.person.id if caller.person is not None else None
        session = Session(Holder(caller.member.id, person), OpenedBy.OPENID, confirmed=identity.confirmed)
        return parts.sessions.open(session, instead_of=instead_of, now=now)


def _provider(parts: Parts) -> Provider:
    provider = provider_of(parts.settings)
    if provider is None:
        raise not_there()
    return provider


def _bound(parts: Parts, identity: Identity) -> Caller:
    person = parts.openids.person_of(identity.issuer, identity.subject)
    if person is None:
        raise OpenIdRefused(Unaccepted.NOBODY)
    return _caller(parts, person)


def _join(parts: Parts, identity: Identity, person: str) -> Caller:
    caller = _caller(parts, person)
    if parts.openids.person_of(identity.issuer, identity.subject) not in {None, person}:
        _log_refused(parts, caller, Unaccepted.TAKEN)
        raise OpenIdRefused(Unaccepted.TAKEN)
    parts.journal.append(caller.event(Act.OPENID_LINKED, f"person/{person}", purpose=PURPOSE, rule=RULE))
    parts.openids.bind(identity.issuer, identity.subject, person)
    return caller


def _caller(parts: Parts, person_id: str) -> Caller:
    person = parts.people.holder(person_id)
    member = None if person is None else parts.members.find(person.member)
    if person is None or member is None:
        raise OpenIdRefused(Unaccepted.NOBODY)
    caller = Caller(member, person=person)
    if person.revoked is not None:
        _log_refused(parts, caller, Unaccepted.SHUT_OUT)
        raise OpenIdRefused(Unaccepted.SHUT_OUT)
    return caller


def _log_refused(parts: Parts, caller: Caller, reason: Unaccepted) -> None:
    parts.journal.append(caller.event(Act.REFUSED, "openid", purpose=PURPOSE, outcome="refused", rule=reason))
