"""Access that somebody should look at: out of hours, much or many clients at once, refused again, new to a role.

Plain thresholds over the entries, no learning: an auditor can redo each finding by hand. A finding is a question, not
a verdict.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from enum import StrEnum
from statistics import median

from audit.bands import NONE
from audit.events import Act, Entry

READS = frozenset(
    {Act.COUNT_READ, Act.REPORT_READ, Act.MATCHES_READ, Act.LOG_READ, Act.LOG_EXPORTED, Act.OPENINGS_READ}
)
REFUSALS = frozenset({Act.DENIED, Act.REFUSED, Act.UPLOAD_REFUSED})
HOUR = timedelta(hours=1)


class Rule(StrEnum):
    """Why a finding is one."""

    OUT_OF_HOURS = "out of hours"
    MUCH_AT_ONCE = "much at once"
    MANY_CLIENTS = "many clients at once"
    REFUSED_AGAIN = "refused again and again"
    NEW_TO_ROLE = "new to the role"


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """When work is done: from *opens* to before *closes* on *days* (0 is Monday), by the clock of *zone*."""

    zone: tzinfo
    opens: time = time(7)
    closes: time = time(19)
    days: frozenset[int] = frozenset(range(5))

    def has(self, moment: datetime) -> bool:
        """Is *moment* within them?"""
        there = moment.astimezone(self.zone)
        return there.weekday() in self.days and self.opens <= there.time() < self.closes


@dataclass(frozen=True, slots=True)
class Limits:
    """What is still usual. Without *hours* no time of day is unusual."""

    hours: OfficeHours | None = None
    reads_an_hour: int = 30  # that nobody has to explain
    times_usual: float = 5.0  # beyond which a busy hour is more than a busy hour of this actor
    hours_known: int = 5  # with fewer busy hours behind it, an actor has no usual yet
    refusals_an_hour: int = 5
    clients_an_hour: int = 1000  # shown at least, by the lower ends of bands, that nobody has to explain


@dataclass(frozen=True, slots=True)
class Unusual:
    """A finding: the entries that it rests on, who, and what is unusual about it in plain words."""

    rule: Rule
    actor: str
    entries: tuple[Entry, ...]
    words: str


def find_unusual(entries: Sequence[Entry], limits: Limits) -> tuple[Unusual, ...]:
    """Every finding in *entries* (a whole log, in its order), by its first entry."""
    found = (
        *_out_of_hours(entries, limits.hours),
        *_much_at_once(entries, limits),
        *_many_clients(entries, limits),
        *_refused_again(entries, limits),
        *_new_to_role(entries),
    )
    return tuple(sorted(found, key=lambda one: (one.entries[0].seq, one.rule)))


def _out_of_hours(entries: Iterable[Entry], hours: OfficeHours | None) -> Iterator[Unusual]:
    """One finding for each actor and day there."""
    if hours is None:
        return
    late: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.event.act in READS and not hours.has(entry.time):
            there = entry.time.astimezone(hours.zone)
            late[entry.event.actor, f"{there:%Y-%m-%d}"].append(entry)
    for (actor, _), group in late.items():
        there = group[0].time.astimezone(hours.zone)
        words = f"read something on {there:%A %Y-%m-%d at %H:%M} ({hours.zone}), out of office hours"
        yield Unusual(Rule.OUT_OF_HOURS, actor, tuple(group), words)


def _much_at_once(entries: Iterable[Entry], limits: Limits) -> Iterator[Unusual]:
    by_actor = _by_actor(entry for entry in entries if entry.event.act in READS)
    for actor, reads in by_actor.items():
        for burst in _bursts(reads, limits.reads_an_hour):
            usual = _usual_hour(reads, burst[0], limits.hours_known)
            if len(burst) > limits.times_usual * usual:
                beside = f"; an hour of {actor} usually has {usual:g}" if usual else ", in its first hours here"
                words = f"read {len(burst)} times within an hour or in hours on end{beside}"
                yield Unusual(Rule.MUCH_AT_ONCE, actor, burst, words)


def _many_clients(entries: Iterable[Entry], limits: Limits) -> Iterator[Unusual]:
    """The hours of the clock in which a member was shown far more clients than in those before."""
    by_actor = _by_actor(entry for entry in entries if _shown_at_least(entry))
    for actor, looks in by_actor.items():
        hours: dict[str, list[Entry]] = defaultdict(list)
        for entry in looks:
            hours[f"{entry.time:%Y-%m-%d %H}"].append(entry)
        before: list[int] = []
        for group in hours.values():
            shown = sum(map(_shown_at_least, group))
            usual = median(before) if len(before) >= limits.hours_known else 0.0
            if shown > max(limits.clients_an_hour, limits.times_usual * usual):
                beside = f"; an hour of {actor} usually has {usual:g}" if usual else ", in its first hours here"
                words = f"was shown at least {shown} clients within an hour{beside}"
                yield Unusual(Rule.MANY_CLIENTS, actor, tuple(group), words)
            before.append(shown)


def _shown_at_least(entry: Entry) -> int:
    """The lower end of the band of clients that a look at matches showed."""
    if entry.event.act is not Act.MATCHES_RELEASED:
        return 0
    lower = str(entry.event.details.get("shown", NONE)).partition(" ")[0]
    return int(lower) if lower.isdecimal() else 0


def _refused_again(entries: Iterable[Entry], limits: Limits) -> Iterator[Unusual]:
    by_actor = _by_actor(entry for entry in entries if entry.event.act in REFUSALS)
    for actor, refused in by_actor.items():
        for burst in _bursts(refused, limits.refusals_an_hour):
            rules = ", ".join(sorted({entry.event.rule for entry in burst if entry.event.rule})) or "not stated"
            words = f"was refused {len(burst)} times within an hour or in hours on end (by the rules: {rules})"
            yield Unusual(Rule.REFUSED_AGAIN, actor, burst, words)


def _new_to_role(entries: Iterable[Entry]) -> Iterator[Unusual]:
    """The first time that a role reads what until then only other roles have read."""
    seen: dict[Act, set[str]] = defaultdict(set)
    for entry in entries:
        act, role = entry.event.act, entry.event.role
        if act not in READS:
            continue
        if seen[act] and role not in seen[act]:
            before = " and ".join(sorted(seen[act]))
            words = f"is the first with the role '{role}' to do this ({act}); until then it was {before}"
            yield Unusual(Rule.NEW_TO_ROLE, entry.event.actor, (entry,), words)
        seen[act].add(role)


def _by_actor(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        found[entry.event.actor].append(entry)
    return found


def _bursts(entries: Sequence[Entry], most: int) -> Iterator[tuple[Entry, ...]]:
    """The stretches in which every entry belongs to more than *most* within one hour; each as long as can be."""
    window: deque[int] = deque()
    burst: range | None = None
    for place, entry in enumerate(entries):
        window.append(place)
        while entry.time - entries[window[0]].time >= HOUR:
            window.popleft()
        if len(window) > most:
            if burst is not None and window[0] >= burst.stop:
                yield tuple(entries[burst.start : burst.stop])
                burst = None
            burst = range(window[0] if burst is None else burst.start, place + 1)
    if burst is not None:
        yield tuple(entries[burst.start : burst.stop])


def _usual_hour(entries: Iterable[Entry], before: Entry, known: int) -> float:
    """How many entries an hour has that has any, by the median of those *before*; 0 with fewer than *known*."""
    hours = Counter(f"{entry.time:%Y-%m-%d %H}" for entry in entries if entry.time < before.time)
    return median(hours.values()) if len(hours) >= known else 0.0
