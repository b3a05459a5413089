"""Rendering a page: Jinja templates that escape everything and know no undefined name."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse

from api.callers import Caller
from api.policies import caller_may
from api.roster import can_see_matches
from api.web.wording import NAVIGATION, Link, day, moment, sentence, spread

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=select_autoescape(default=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters["day"] = day
_TEMPLATES.filters["moment"] = moment
_TEMPLATES.filters["sentence"] = sentence
_TEMPLATES.filters["spread"] = spread


def render(request: Request, template: str, *, status: int = 200, **values: object) -> HTMLResponse:
    """The page of *template*; with a ``caller`` among *values* it has that caller's navigation."""
    caller = values.setdefault("caller", None)
    links = offered(caller) if isinstance(caller, Caller) else ()
    html = _TEMPLATES.get_template(template).render(links=links, here=request.url.path, **values)
    return HTMLResponse(html, status_code=status)


def offered(caller: Caller) -> tuple[Link, ...]:
    """The navigation of *caller*: the pages that would let them in and have something for them."""
    return tuple(link for link in NAVIGATION if caller_may(caller, ("GET", link.path)) and _has_something(caller, link))


def _has_something(caller: Caller, link: Link) -> bool:
    if link.path == "/matches":
        return can_see_matches(caller.member)
    return link.path != "/passkeys" or caller.person is not None
