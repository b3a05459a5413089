"""Several changes of the database as one: all of them are there after a crash or a full disk, or none is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from sqlalchemy import Connection, Engine

_JOINED: ContextVar[Connection | None] = ContextVar("joined", default=None)


class JoiningEngine(Engine):
    """An engine whose transactions join the one that `together` has begun in the same thread."""

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A connection in a transaction: the one that is under way, or one of its own."""
        joined = _JOINED.get()
        if joined is not None and joined.engine is self:
            yield joined
            return
        with super().begin() as connection:
            yield connection


def joining(engine: Engine) -> Engine:
    """The same database as *engine*, which has no listeners yet, open to `together`."""
    return JoiningEngine(engine.pool, engine.dialect, engine.url, hide_parameters=engine.hide_parameters)


@contextmanager
def together(engine: Engine) -> Iterator[None]:
    """Whatever this thread does to the database within this is kept as a whole, or not at all.

    Nobody else writes meanwhile: what takes long belongs before it.

    Raises:
        StoreUnavailable: nothing of it was kept.
    """
    with engine.begin() as connection:
        before = _JOINED.set(connection)
        try:
            yield
        finally:
            _JOINED.reset(before)
