"""Every refusal of a known member is in the log, whatever it was refused for."""

from __future__ import annotations

from starlette.requests import Request

from api.callers import Caller
from api.deps import find_signed_in, get_parts
from api.errors import LogUnavailable
from api.gate import API
from api.receipts import noted_acts
from api.tally import RULE
from audit.events import Act

REFUSALS = frozenset({Act.DENIED, Act.REFUSED, Act.UPLOAD_REFUSED})


def log_refused(request: Request, rule: str) -> LogUnavailable | None:
    """Log that a request was refused by *rule*, unless it has logged so in better words already.

    What nobody known asked for, or what no route is there for, is not logged: anybody could fill the log with it.
    Returns why it could not be logged, which is then the answer.
    """
    caller, route = _known(request), request.scope.get("route")
    if caller is None or route is None:
        return None
    if rule == RULE:
        return _count(request, caller)
    get_parts(request).rates.refused(caller)
    if noted_acts() & REFUSALS:
        return None
    thing = f"{request.method} {route.path}"
    event = caller.event(Act.REFUSED, thing, purpose="not stated", outcome="refused", rule=rule)
    try:
        get_parts(request).journal.append(event)
    except LogUnavailable as error:
        return error
    return None


def _count(request: Request, caller: Caller) -> LogUnavailable | None:
    parts = get_parts(request)
    try:
        parts.tally.take(caller, now=parts.clock())
    except LogUnavailable as error:
        return error
    return None


def _known(request: Request) -> Caller | None:
    if not request.url.path.startswith(API):
        return find_signed_in(request)
    caller: Caller | None = getattr(request.state, "caller", None)
    return caller
