"""Could another agency have been shown a client on a day? What one side's openings and the log can tell of that.

A match is shown by the rule "consent on both sides": each agency's current file holds the client's consent, which names
the other and has not expired on that day (UTC); neither is of a kind that is never matched; and the linkage found
that the two records are one client. One side alone can rule it out. Only a disclosure that happened proves it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date

from audit.commitment import Kind
from audit.events import Act, Entry
from audit.why import Answer, Told

NEVER_MATCHED = frozenset({"victim-service-provider", "government"})  # linkage.matches, which is not loaded here


@dataclass(frozen=True, slots=True)
class Possibility:
    """What is known of whether *other* could be shown the client on *day*.

    *shown* happened on that day; *allowed* are the consents of the asking agency's side that held at some time on it;
    *barred* says what ruled it out whatever the client agreed to; *over* that the log goes on after that day, so that
    nothing of the day is still to come.
    """

    other: str
    day: date
    shown: tuple[Told, ...]
    allowed: tuple[Told, ...]
    barred: str
    over: bool


def could_see(answer: Answer, other: str, day: date, *, log: Sequence[Entry] | None = None) -> Possibility:
    """What *answer* and, where it is given, the verified *log* tell about *other* on *day*."""
    shown = tuple(one for one in answer.of(Kind.SHOWN_TO) if one.fact.other == other and _day(one.entry) == day)
    allowed = tuple(one for one in _in_force(answer.of(Kind.CONSENT), day) if _allows(one, other, day))
    over = log is not None and len(log) > 0 and _day(log[-1]) > day
    barred = _barred(log, (answer.agency, other), day, over=over) if log else ""
    return Possibility(other, day, shown, allowed, barred, over)


def could_lines(answer: Answer, found: Possibility) -> list[str]:
    """The finding in plain words, and why no more can be said."""
    head = f"Could {found.other} see this client on {found.day} (UTC)?"
    if found.shown:
        return [head, f"  Yes: it was shown the client on that day ({_entries(found.shown)})."]
    if found.barred:
        return [head, f"  No: {found.barred}."]
    if not found.allowed:
        return [head, *_not_allowed(answer, found)]
    return [
        head,
        f"  Your side allowed it: a consent that names {found.other} held ({_entries(found.allowed)}).",
        "  Whether it could cannot be told from here: by the rule 'consent on both sides' a consent that names",
        f"  {answer.agency} had to be in the file of {found.other}, and the linkage had to find one client in both.",
        f"  Ask {found.other}: its own openings tell of its consents.",
        *_kinds_unknown(answer),
    ]


def _not_allowed(answer: Answer, found: Possibility) -> list[str]:
    if answer.told and answer.missing == () and not answer.closed and found.over:
        return [f"  No: no consent that your files stated named {found.other} and held on that day."]
    return [
        f"  The file tells of no consent that named {found.other} and held on that day, without which it could not.",
        "  That is certain only if the row is the client's, if nothing was erased, and if a copy of the log that goes",
        "  on after that day shows that nothing is left out.",
    ]


def _kinds_unknown(answer: Answer) -> list[str]:
    if answer.missing is not None:
        return []
    return [
        "  Whether both were members, of a kind that is matched at all, shows with a copy of the log: --log BUNDLE."
    ]


def _in_force(consents: Sequence[Told], day: date) -> list[Told]:
    """What was said last before the day, for each row, and all that was said on it."""
    before = {one.fact.row: one for one in consents if _day(one.entry) < day}
    return [*before.values(), *(one for one in consents if _day(one.entry) == day)]


def _allows(told: Told, other: str, day: date) -> bool:
    return other in told.fact.recipients and told.fact.until is not None and told.fact.until >= day


def _barred(log: Sequence[Entry], agencies: Sequence[str], day: date, *, over: bool) -> str:
    for agency in agencies:
        kind = _kind(log, agency, day)
        if kind is None and over:
            return f"by the log, no member {agency} had been added by then"
        if kind in NEVER_MATCHED:
            return f"{agency} is of the kind '{kind}', which is never matched"
    return ""


def _kind(log: Sequence[Entry], agency: str, day: date) -> str | None:
    """The kind under which a member was added, which never changes; None if it was none by the end of the day."""
    for entry in log:
        event = entry.event
        if (event.act, event.object) == (Act.MEMBER_ADDED, f"member/{agency}") and _day(entry) <= day:
            return str(event.details.get("kind", ""))
    return None


def _entries(told: Iterable[Told]) -> str:
    return ", ".join(f"entry {one.entry.seq}" for one in told)


def _day(entry: Entry) -> date:
    return entry.time.astimezone(UTC).date()
