"""Every refusal of a known member is in the log, whatever it was refused for."""

from __future__ import annotations

from starlette.requests import Request

from api.callers import Caller
from api.deps import find_signed_in, get_parts
from api.errors import LogUnavailable, StoreUnavailable
from api.gate import API
from api.receipts import noted_acts
from api.tally import RULE
from audit.events import Act

REFUSALS = frozenset({Act.DENIED, Act.REFUSED, Act.UPLOAD_REFUSED})


def log_refused(request: Request, rule: str) -> LogUnavailable | StoreUnavailable | None:
    """Log that a request was refused by *rule*, unless it has logged so in better words already.

    What nobody known asked for, or what no route is there for, is not logged: anybody could fill the log with it.
    Returns why it could not be logged, which is then the answer.
    """
    route = request.scope.get("route")
    if route is None:
        return None
    try:
        _log(request, f"{request.method} {route.path}", rule)
    except (LogUnavailable, StoreUnavailable) as error:
        return error
    return None


def _log(request: Request, thing: str, rule: str) -> None:
    caller, parts = _known(request), get_parts(request)
    if caller is None:
        return
    if rule == RULE:
        parts.tally.take(caller, now=parts.clock())
        return
    parts.rates.refused(caller)
    if not noted_acts() & REFUSALS:
        parts.journal.append(caller.event(Act.REFUSED, thing, purpose="not stated", outcome="refused", rule=rule))


def _known(request: Request) -> Caller | None:
    if not request.url.path.startswith(API):
        return find_signed_in(request)
    caller: Caller | None = getattr(request.state, "caller", None)
    return caller
