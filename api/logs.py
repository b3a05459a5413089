"""The service's own log: one JSON object a line on standard error, about the service and never about a person.

An error's message may hold a value that it stumbled over, and so may whatever a library logs: neither is written.
An error is told by its kinds, by places in the code, and by an id, the same whenever the same error comes again.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from traceback import walk_tb

OURS = "headcount"  # loggers whose words are written in this code, and say nothing of anybody
LAST = 20  # places shown of a long way down


class JsonLines(logging.Formatter):
    """A record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "place": f"{record.module}:{record.lineno}",
        }
        if record.name.partition(".")[0] == OURS:
            line["message"] = record.getMessage()
        if record.exc_info and record.exc_info[1]:
            line |= _told(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False)


def _told(error: BaseException) -> dict[str, object]:
    errors = [(_kind(one), [*_places(one)][-LAST:]) for one in _chain(error)]
    found = hashlib.sha256(repr(errors).encode()).hexdigest()[:8]
    return {"error": found, "kinds": [kind for kind, _ in errors], "places": [places for _, places in errors]}


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An error and what caused it, the causes last."""
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield cause
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)


def _kind(error: BaseException) -> str:
    kind = type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _places(error: BaseException) -> Iterator[str]:
    for frame, line in walk_tb(error.__traceback__):
        yield f"{frame.f_globals.get('__name__', '?')}:{line} {frame.f_code.co_name}"


def log_to_stderr() -> None:
    """Send every record of this process, warnings and worse of others, to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("headcount").setLevel(logging.INFO)
    for name in ("dbos", "alembic", "uvicorn"):
        logger = logging.getLogger(name)
        logger.setLevel(logging.WARNING)
        logger.handlers, logger.propagate = [handler], False
