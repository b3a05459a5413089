"""Open routes: is it up, is it ready, what does it offer, how does it look."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response

from api.deps import CurrentParts
from api.description import describe

_STATIC = Path(__file__).parent.parent / "web" / "static"
STYLE_SHEET, SCRIPT = _STATIC / "app.css", _STATIC / "passkeys.js"

router = APIRouter(include_in_schema=False)


@router.get("/healthz")
def is_up() -> dict[str, str]:
    """The process answers."""
    return {"status": "up"}


@router.get("/readyz")
def is_ready(parts: CurrentParts) -> dict[str, str]:
    """The log, the database and the disk can be written; a problem that says which cannot, if one cannot."""
    parts.readiness.check()
    return {"status": "ready"}


@router.get("/openapi.json")
def description(request: Request) -> dict[str, Any]:
    """The description of the API in OpenAPI 3.1; the same for every service of this version."""
    return describe(request.app)


@router.get("/static/app.css")
def style_sheet() -> Response:
    """How the pages look."""
    return Response(STYLE_SHEET.read_bytes(), media_type="text/css")


@router.get("/static/passkeys.js")
def script() -> Response:
    """What asks the browser for a passkey; the only script there is."""
    return Response(SCRIPT.read_bytes(), media_type="text/javascript")
