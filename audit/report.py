"""The report of a verified log: a page that anybody can read, and tables that a spreadsheet can."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from importlib.resources import files
from string import Template

from audit.events import Act, Entry
from audit.learned import TELLING, Learned, shortly, who_learned_what
from audit.unusual import READS, REFUSALS, Limits, Unusual, find_unusual
from audit.verdict import completeness, unaltered
from audit.verify import VerifiedLog
from audit.wording import ACT_WORDS, describe_limits, rule_in_words

PAGE, LEARNED, UNUSUAL, ENTRIES = "report.html", "learned.csv", "unusual.csv", "entries.csv"
MOST_NAMED = 6  # entries named one by one in a cell of the page
MOST_CHANGES = 2000  # lines of the page's last table; entries.csv has them all
# Neither lets anything out nor changes anything: they are in entries.csv alone.
_ROUTINE = frozenset({*TELLING, *READS, Act.SIGN_IN_OFFERED, Act.SIGN_IN, Act.SIGN_OUT, Act.STARTED, Act.STOPPED})

Cells = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A log that `audit.verify.verify_bundle` accepted, its entries, and what was found in them."""

    log: VerifiedLog
    entries: Sequence[Entry]
    limits: Limits
    learned: tuple[Learned, ...]
    unusual: tuple[Unusual, ...]


def review(log: VerifiedLog, entries: Sequence[Entry], limits: Limits) -> Reviewed:
    """Look through a verified log."""
    return Reviewed(log, entries, limits, who_learned_what(entries), find_unusual(entries, limits))


def report_files(found: Reviewed) -> dict[str, bytes]:
    """The files of the report by their names."""
    return {
        PAGE: page(found).encode(),
        LEARNED: _csv(_LEARNED_TITLES, (_learned_cells(line, numbers_of) for line in found.learned)),
        UNUSUAL: _csv(_UNUSUAL_TITLES, (_unusual_cells(one, numbers_of) for one in found.unusual)),
        ENTRIES: _csv(_ENTRY_TITLES, map(_entry_cells, found.entries)),
    }


def page(found: Reviewed) -> str:
    """The report as one HTML page that fetches nothing and runs nothing."""
    template = Template(files("audit").joinpath(PAGE).read_text("utf-8"))
    changes = [entry for entry in found.entries if entry.event.act not in _ROUTINE]
    return template.substitute(
        span=escape(_span(found.log)),
        doubt="" if found.log.keys_given else " problem",
        verdict=escape(_verdict(found.log)),
        facts=_facts(found.log),
        learned=_rows((_learned_cells(line, _some) for line in found.learned), _LEARNED_KINDS, "Nothing was let out."),
        limits=escape(describe_limits(found.limits)),
        unusual=_rows((_unusual_cells(one, _some) for one in found.unusual), _UNUSUAL_KINDS, "Nothing unusual."),
        changes=_rows(map(_change_cells, changes[-MOST_CHANGES:]), _CHANGE_KINDS, "Nothing was changed or refused."),
    )


_LEARNED_TITLES = ("who", "role", "learned", "about", "why", "rule", "times", "first_utc", "last_utc", "entries")
_LEARNED_KINDS = ("", "", "", "", "", "number", "when", "when", "")
_UNUSUAL_TITLES = ("rule", "first_utc", "who", "what", "entries")
_UNUSUAL_KINDS = ("when", "", "", "")
_CHANGE_KINDS = ("number", "when", "", "", "", "", "")
_ENTRY_TITLES = (
    "entry",
    "time",
    "actor",
    "role",
    "act",
    "object",
    "purpose",
    "rule",
    "agency",
    "epoch",
    "request_signature",
    "outcome",
    "details",
)


def _learned_cells(line: Learned, numbers: Callable[[Sequence[int]], str]) -> Cells:
    first, last = _minute(line.first), _minute(line.last)
    who = (line.who, line.role) if numbers is numbers_of else (_named(line.who, line.role),)
    rule = line.rule if numbers is numbers_of else rule_in_words(line.rule)
    return (*who, line.what, line.about, line.why, rule, str(line.times), first, last, numbers(line.entries))


def _named(who: str, role: str) -> str:
    return who if who == role else f"{who} ({role})"


def _unusual_cells(one: Unusual, numbers: Callable[[Sequence[int]], str]) -> Cells:
    rule = (one.rule.value,) if numbers is numbers_of else ()
    places = [entry.seq for entry in one.entries]
    return (*rule, _minute(one.entries[0].time), one.actor, one.words, numbers(places))


def _change_cells(entry: Entry) -> Cells:
    event = entry.event
    changes = event.details.get("changes") if event.act is Act.CONSENT_CHANGED else None
    did = "changed consents: " + str(changes) if changes else ACT_WORDS[event.act]
    outcome = "" if event.act in REFUSALS else event.outcome
    return (
        str(entry.seq),
        _minute(entry.time),
        event.actor,
        did,
        shortly(event.object),
        rule_in_words(event.rule),
        outcome,
    )


def _entry_cells(entry: Entry) -> Cells:
    event = entry.event
    details = " ".join(f"{name}={value}" for name, value in sorted(event.details.items()))
    return (
        str(entry.seq),
        f"{entry.time:%Y-%m-%dT%H:%M:%S.%fZ}",
        event.actor,
        event.role,
        event.act.value,
        event.object,
        event.purpose,
        event.rule,
        event.agency,
        "" if event.epoch is None else str(event.epoch),
        event.request_signature,
        event.outcome,
        details,
    )


def numbers_of(places: Sequence[int]) -> str:
    """Every number of an entry."""
    return " ".join(map(str, places))


def _some(places: Sequence[int]) -> str:
    named = ", ".join(map(str, places[:MOST_NAMED]))
    return named if len(places) <= MOST_NAMED else f"{named} and {len(places) - MOST_NAMED} more"


def _rows(lines: Iterable[Cells], kinds: Sequence[str], nothing: str) -> str:
    rows = [f"<tr>{''.join(map(_cell, cells, kinds))}</tr>" for cells in lines]
    return "\n".join(rows) or f'<tr><td colspan="{len(kinds)}">{escape(nothing)}</td></tr>'


def _cell(text: str, kind: str) -> str:
    return f'<td class="{kind}">{escape(text)}</td>' if kind else f"<td>{escape(text)}</td>"


def _csv(titles: Sequence[str], lines: Iterable[Cells]) -> bytes:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")  # RFC 4180
    writer.writerow(titles)
    writer.writerows(tuple(_inert(cell) for cell in cells) for cells in lines)
    return stream.getvalue().encode("utf-8-sig")  # without the mark, Excel takes UTF-8 for something else


def _inert(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula (CWE-1236)."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def _facts(log: VerifiedLog) -> str:
    facts = (
        ("Log", log.origin),
        ("Entries", f"{log.entries:,}"),
        ("Root", log.root),
        ("Checkpoints", f"{log.checkpoints:,}, the last one signed {_when(log.signed_at)}"),
        *(("Signed by", signer) for signer in log.signers),
        ("Fingerprint", log.fingerprint),
        *_witnesses(log),
    )
    return "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts)


def _witnesses(log: VerifiedLog) -> list[tuple[str, str]]:
    if log.witnessed is None:
        return [("Witnesses", "none was named, so only the log's own people vouch that everybody was shown this log")]
    later = log.entries - log.witnessed.entries
    upto = f"all {log.entries:,} entries" if not later else f"{log.witnessed.entries:,} entries; {later:,} are newer"
    return [("Witnessed", upto), *(("Cosigned by", f"{one.name}, {_when(one.time)}") for one in log.witnessed.by)]


def _verdict(log: VerifiedLog) -> str:
    if log.keys_given:
        return f"{unaltered(log)}: checked with the log's keys that the auditor holds. {completeness(log)}"
    return (
        f"{unaltered(log)}, if these are the log's own keys. They came with the copy itself: "
        f"ask the people who run the log for their fingerprint. {completeness(log)}"
    )


def _span(log: VerifiedLog) -> str:
    if log.first is None:
        return f"The log of {log.origin}, which has no entry yet."
    return f"From the log of {log.origin}, {_when(log.first)} to {_when(log.last)}."


def _when(time: datetime | None) -> str:
    return f"{time:%Y-%m-%d %H:%M} UTC" if time else "at a time that this key does not tell"


def _minute(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M}"
