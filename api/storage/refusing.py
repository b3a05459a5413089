"""A database that cannot read or write is told as one error of ours, whoever asked it."""

from __future__ import annotations

from sqlite3 import SQLITE_ERROR

from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DatabaseError, InternalError, OperationalError, SQLAlchemyError

from api.errors import StoreUnavailable


def tell_refusals(engine: Engine) -> None:
    """From now on *engine* raises StoreUnavailable where its disk is full or broken, or its server away.

    The transaction was rolled back then. What a constraint refuses stays what it is.
    """
    event.listen(engine, "handle_error", _told)


def _told(context: ExceptionContext) -> StoreUnavailable | None:
    if not _is_refusal(context.sqlalchemy_exception):
        return None
    return StoreUnavailable(
        "the service's database cannot be read or written, so nothing was done",
        hint="Try again later; tell the operator to look at the disk of the service.",
    )


def _is_refusal(error: SQLAlchemyError | None) -> bool:
    """Full, broken, damaged or away; not what we asked wrongly.

    sqlite3 says that a file is damaged with a plain DatabaseError, psycopg that a server takes no writes (25006), or
    that it is damaged (XX), with an InternalError: postgresql.org/docs/current/errcodes-appendix.html.
    """
    if isinstance(error, InternalError):
        state = getattr(error.orig, "sqlstate", None) or ""
        return state == "25006" or state.startswith("XX")
    if getattr(getattr(error, "orig", None), "sqlite_errorcode", None) == SQLITE_ERROR:
        return False
    return isinstance(error, OperationalError) or type(error) is DatabaseError
