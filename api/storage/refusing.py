"""A database that cannot read or write is told as one error of ours, whoever asked it."""

from __future__ import annotations

from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import OperationalError

from api.errors import StoreUnavailable


def tell_refusals(engine: Engine) -> None:
    """From now on *engine* raises StoreUnavailable where its disk is full or broken, or its server away.

    The transaction was rolled back then. What a constraint refuses stays what it is.
    """
    event.listen(engine, "handle_error", _told)


def _told(context: ExceptionContext) -> StoreUnavailable | None:
    if not isinstance(context.sqlalchemy_exception, OperationalError):
        return None
    return StoreUnavailable(
        "the service's database cannot be read or written, so nothing was done",
        hint="Try again later; tell the operator to look at the disk of the service.",
    )
