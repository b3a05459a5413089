"""Who learned what about whom, and why: the entries of a log that let something out, put together line by line."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from audit.bands import NONE
from audit.events import Act, Entry, Event

A_LONG_NAME = 31  # digests and identifiers of runs; members' names are shorter, or told as they are


@dataclass(frozen=True, slots=True)
class Learned:
    """The same thing learned by the same member for the same reason, once or oftener; *entries* names each time."""

    who: str
    role: str
    what: str
    about: str
    why: str
    rule: str
    first: datetime
    last: datetime
    entries: tuple[int, ...]

    @property
    def times(self) -> int:
        """How often."""
        return len(self.entries)


@dataclass(frozen=True, slots=True)
class _Told:
    """What an act lets its actor know, and about whom."""

    what: Callable[[Event], str]
    about: Callable[[Event], str]


def _matches(event: Event) -> str:
    shown = event.details.get("shown", NONE)
    return "no match" if shown == NONE else f"that {shown} of its clients are theirs, too"


def _of_matches(event: Event) -> str:
    return f"clients of {event.agency}" if event.details.get("shown", NONE) != NONE else "nobody"


def shortly(thing: str) -> str:
    """A thing by the first eight signs of its identifier; the entries have it whole."""
    kind, _, name = thing.partition("/")
    return thing if " " in kind else f"{kind} {name[:8] if len(name) > A_LONG_NAME else name}".strip()


def _counted(event: Event) -> str:
    """By what people were counted: one breakdown, or all tables of a period that may be published."""
    period = event.details.get("period")
    return f"in each table of {period}" if period else f"by {event.details.get('by', 'something')}"


_KEPT = _Told(
    lambda event: f"the {event.details.get('what', 'tables')} of a release that was kept, small numbers withheld",
    lambda event: f"everybody in {shortly(event.object)}",
)
TELLING: dict[Act, _Told] = {
    Act.COUNT_RELEASED: _Told(
        lambda event: f"how many people there are {_counted(event)}, small numbers withheld",
        lambda event: f"everybody in {shortly(event.object)}",
    ),
    Act.REPORT_READ: _Told(
        lambda _: "the report of a linkage, small numbers withheld", lambda event: shortly(event.object)
    ),
    Act.MATCHES_RELEASED: _Told(_matches, _of_matches),
    Act.LOG_READ: _Told(lambda _: "entries of this log", lambda _: "the members"),
    Act.LOG_EXPORTED: _Told(lambda _: "the whole log", lambda _: "the members"),
    Act.OPENINGS_READ: _Told(lambda _: "who was shown its own clients", lambda event: f"clients of {event.agency}"),
}


def who_learned_what(entries: Iterable[Entry]) -> tuple[Learned, ...]:
    """One line for each who, what, about whom, why and rule, by the first time that it happened."""
    groups: dict[tuple[str, ...], list[Entry]] = {}
    for entry in entries:
        if told_by(entry.event) is not None:
            groups.setdefault(_key(entry.event), []).append(entry)
    return tuple(_line(key, group) for key, group in groups.items())


def told_by(event: Event) -> _Told | None:
    """What an event tells somebody; None where it tells nothing. A release that was kept is told when it is read."""
    if event.act is Act.COUNT_READ and event.object.startswith("release/"):
        return _KEPT
    return TELLING.get(event.act)


def _key(event: Event) -> tuple[str, ...]:
    told = told_by(event)
    if told is None:
        raise ValueError("this event tells nobody anything")
    return (event.actor, event.role, told.what(event), told.about(event), event.purpose, event.rule)


def _line(key: tuple[str, ...], group: list[Entry]) -> Learned:
    who, role, what, about, why, rule = key
    times = (group[0].time, group[-1].time)
    return Learned(who, role, what, about, why, rule, *times, tuple(entry.seq for entry in group))
