"""Long lists page by page: so many at a time, from a cursor on, with a link to the next page (RFC 8288)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, TypeVar
from urllib.parse import urlencode

from fastapi import Depends, Query, Request, Response

from api.errors import BadRequest

MOST = 1000
T = TypeVar("T")
_CURSOR = r"^[A-Za-z0-9_-]*$"


@dataclass(frozen=True, slots=True)
class Paging:
    """Which page of a list is asked for."""

    request: Request
    response: Response
    limit: int
    cursor: str

    def cut(self, items: Sequence[T], key: Callable[[T], str]) -> Sequence[T]:
        """The page of *items*, each of which has a *key* of its own; says where the next page is.

        Raises:
            BadRequest: the cursor is not one, or what it stands for has gone.
        """
        start = self._start([key(item) for item in items])
        page = items[start : start + self.limit]
        if start + self.limit < len(items):
            query = urlencode({"limit": self.limit, "cursor": _pack(key(page[-1]))})
            self.response.headers["link"] = f'<{self.request.url.path}?{query}>; rel="next"'
        return page

    def _start(self, keys: Sequence[str]) -> int:
        if not self.cursor:
            return 0
        try:
            return keys.index(base64.urlsafe_b64decode(f"{self.cursor}==").decode()) + 1
        except (ValueError, UnicodeDecodeError, binascii.Error) as error:
            raise BadRequest(
                "the list cannot be continued from there", hint="Begin anew, without a cursor; follow the links."
            ) from error


def get_paging(
    request: Request,
    response: Response,
    limit: Annotated[int, Query(ge=1, le=MOST, description="entries on a page")] = 100,
    cursor: Annotated[str, Query(max_length=200, pattern=_CURSOR, description="from the link to the next page")] = "",
) -> Paging:
    """The page that a request asks for."""
    return Paging(request, response, limit, cursor)


def _pack(key: str) -> str:
    return base64.urlsafe_b64encode(key.encode()).decode("ascii").rstrip("=")


CurrentPaging = Annotated[Paging, Depends(get_paging)]
