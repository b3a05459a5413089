"""Who was shown a client, when, why and under which rule: an agency's question about a row of its own.

The log never names a row. The agency's openings do, and each is checked here against the signed log before it counts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from audit.bands import NONE
from audit.commitment import Fact, Kind
from audit.errors import VerificationError
from audit.events import Act, Entry
from audit.openings import SHOWN, CheckedList, check_list, read_openings

_OTHER_LOG = "Take the openings and the copy of the log from the same service."


@dataclass(frozen=True, slots=True)
class Told:
    """One fact about the row, and the entry that stands for it in the log."""

    entry: Entry
    fact: Fact


@dataclass(frozen=True, slots=True)
class Answer:
    """All that the openings tell about a row.

    *closed* counts facts about rows of the agency that nobody can open any more, *missing* the entries of the log
    about which the file says nothing; it is None where there was no copy of the log to compare with.
    """

    agency: str
    told: tuple[Told, ...]
    closed: int
    missing: tuple[int, ...] | None

    def of(self, kind: Kind) -> tuple[Told, ...]:
        """The facts of one kind, in the order of the log."""
        return tuple(told for told in self.told if told.fact.kind is kind)


def ask_why(data: bytes, rows: Collection[str], *, vkeys: str, log: Iterable[Entry] | None = None) -> Answer:
    """What the openings file *data* tells about *rows* (one client's pseudonyms), every word of it checked.

    *log* are the entries of a verified bundle: with them it is told, too, what the file leaves out.

    Raises:
        VerificationError: something in the file does not hold.
        SigningKeyError: *vkeys* are no verifier keys.
    """
    agency, lists = read_openings(data)
    checked = tuple(sorted((check_list(one, agency, vkeys=vkeys) for one in lists), key=lambda one: one.entry.seq))
    _check_once(checked)
    told = tuple(Told(one.entry, fact) for one in checked for fact in one.facts if fact.row in rows)
    missing = None if log is None else _left_out(agency, checked, log)
    return Answer(agency, told, sum(one.closed for one in checked), missing)


def _check_once(checked: tuple[CheckedList, ...]) -> None:
    numbers = [one.entry.seq for one in checked]
    if len({*numbers}) != len(numbers):
        raise VerificationError("the file has two lists for one entry")


def _left_out(agency: str, checked: tuple[CheckedList, ...], log: Iterable[Entry]) -> tuple[int, ...]:
    lists = {one.entry.seq: one.entry for one in checked}
    missing = []
    for entry in log:
        given = lists.pop(entry.seq, None)
        if given is not None and given != entry:
            raise VerificationError(f"entry {entry.seq} is another one in the copy of the log", _OTHER_LOG)
        if given is None and _concerns(entry, agency):
            missing.append(entry.seq)
    if lists:
        raise VerificationError(f"the copy of the log ends before entry {min(lists)}", _OTHER_LOG)
    return tuple(missing)


def _concerns(entry: Entry, agency: str) -> bool:
    event = entry.event
    if event.act is Act.MATCHES_RELEASED:
        return agency in {event.actor, event.agency} and event.details.get(SHOWN, NONE) != NONE
    return event.act is Act.CONSENT_CHANGED and event.agency == agency
