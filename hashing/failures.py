"""What a person sees when a command fails: one sentence and a hint, or where in the code Headcount itself failed.

The message of an error that nobody foresaw may hold a cell (``could not convert string to float: 'John'``), and so may
a warning. Neither is ever shown: an error is told by the kinds of errors and the places in the code alone.
"""

from __future__ import annotations

import logging
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from traceback import walk_tb
from types import FrameType
from typing import NoReturn, TextIO

from hashing.command_words import as_typed
from hashing.schema import HeadcountError

REFUSED = 1
FAILED = 70  # EX_SOFTWARE of sysexits.h: an error in the program, not in what it was given
STOPPED = 130  # 128 + SIGINT, as shells say it
FIRST, LAST = 10, 20  # places shown of a long way down, such as an endless recursion
_FRONT = frozenset({"typer", "click", "contextlib"})  # leads from the command line to us, and to every error


@contextmanager
def failing_in_words() -> Iterator[None]:
    """End the program with a sentence on standard error, whatever goes wrong inside.

    Raises:
        SystemExit: 1 for what was refused, 70 for an error in Headcount, 130 where a person stopped it.
    """
    with _hiding_values():
        try:
            yield
        except HeadcountError as error:
            _end(REFUSED, f"headcount: {error.what}.", f"  {as_typed(error.hint)}")
        except KeyboardInterrupt:
            _end(STOPPED, "headcount: stopped.")
        except Exception as error:
            _end(FAILED, *describe_failure(error))


def describe_failure(error: BaseException) -> Iterator[str]:
    """An error as kinds and places in the code, causes last; no message, no value, no path of this computer."""
    yield f"headcount: an error in Headcount itself: {_kind(error)}."
    yield "  Please report it with the lines below; nothing of your files is in them."
    yield f"  headcount {version('headcount')}, Python {sys.version.split()[0]}, {sys.platform}"
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield f"  {_kind(cause)}"
        yield from _places(cause)
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)


def _kind(error: BaseException) -> str:
    kind = type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _places(error: BaseException) -> Iterator[str]:
    places = [
        f"    {_module(frame)}:{line} {frame.f_code.co_name}"
        for frame, line in walk_tb(error.__traceback__)
        if _module(frame).partition(".")[0] not in _FRONT
    ]
    left_out = len(places) - FIRST - LAST
    yield from places[:FIRST]
    if left_out > 0:
        yield f"    ... {left_out:,} more ..."
    yield from places[max(FIRST, len(places) - LAST) :]


def _module(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", "?"))


@contextmanager
def _hiding_values() -> Iterator[None]:
    before = threading.excepthook, sys.unraisablehook, logging.lastResort
    try:
        with warnings.catch_warnings():
            hide_values()
            yield
    finally:
        threading.excepthook, sys.unraisablehook, logging.lastResort = before


def hide_values() -> None:
    """What threads and finalizers of this process fail with, and what libraries warn of or log, loses its words.

    The command does so by itself; a process of its own that is given clients to encode has to do it first.
    """
    threading.excepthook = sys.unraisablehook = _failed_aside
    warnings.showwarning = _show_warning
    logging.lastResort = _PlaceOfRecord(logging.WARNING)  # for records that nobody has said where to send


class _PlaceOfRecord(logging.Handler):
    """Tells that a library logged something, where, and the kind of error that it logged; not what."""

    def emit(self, record: logging.LogRecord) -> None:
        """Tell of one record."""
        _say(f"headcount: {record.levelname.lower()} of {record.name} in {record.module}:{record.lineno}")
        if record.exc_info and record.exc_info[1]:
            _say(*describe_failure(record.exc_info[1]))


def _failed_aside(failed: threading.ExceptHookArgs | sys.UnraisableHookArgs) -> None:
    if failed.exc_value is not None and not isinstance(failed.exc_value, SystemExit):  # a thread that ends itself
        _say(*describe_failure(failed.exc_value))


def _show_warning(  # noqa: PLR0913 -- the shape that Python asks for
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    del message, file, line
    _say(f"headcount: {category.__name__} in {filename.replace(chr(92), '/').rsplit('/', 1)[-1]}:{lineno}")


def _end(code: int, *lines: str) -> NoReturn:
    _say(*lines)
    sys.exit(code)


def _say(*lines: str) -> None:
    print(*lines, sep="\n", file=sys.stderr)  # noqa: T201 -- there may be nothing left of the command to say it with
