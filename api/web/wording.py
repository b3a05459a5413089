"""The words of the pages: navigation, purposes, and each log entry as a sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from api.inputs import CountPurpose
from api.people import PersonRole
from audit.bands import NONE
from audit.events import Act, Entry
from linkage.breakdown import Breakdown
from linkage.disclosure import SafeRow, SafeTable


@dataclass(frozen=True, slots=True)
class Link:
    """One entry of the navigation."""

    path: str
    words: str


NAVIGATION = (
    Link("/", "Home"),
    Link("/counts", "Counts"),
    Link("/releases", "Releases"),
    Link("/matches", "Care matches"),
    Link("/uploads", "Files"),
    Link("/approvals", "Approvals"),
    Link("/log", "Audit log"),
    Link("/people", "People"),
    Link("/passkeys", "Passkeys"),
)

PURPOSES = {
    CountPurpose.COUNCIL_REPORT: "a report to the council",
    CountPurpose.FUNDING_REPORT: "a report to a funder",
    CountPurpose.PLANNING: "planning services",
    CountPurpose.QUALITY: "checking the quality of the data",
}

OF_AGENCIES = frozenset({"people-by-agency", "overlap", "combinations", "households-by-agency"})
ALONE = " only"
ROLE_WORDS = {
    PersonRole.UPLOADER: "sees what was sent and the receipts, and no matches",
    PersonRole.NAVIGATOR: "sees care matches, and no files",
    PersonRole.COORDINATOR: "links files and asks for counts",
    PersonRole.AUDITOR: "reads the audit log",
    PersonRole.OPERATOR: "keeps the service running, and reads nothing",
}

# {who} did this to {what}.
_SENTENCES = {
    Act.FOUND: "The service was set up; its first member is {what}",
    Act.MEMBER_ADDED: "{who} added {what} to the roster",
    Act.KEY_ADDED: "{who} gave {what} a new key",
    Act.KEY_REVOKED: "{who} ended a key of {what}",
    Act.SETTINGS_CHANGED: "{who} changed the details of {what}",
    Act.EPOCH_OPENED: "{who} opened {what}",
    Act.UPLOAD_BEGUN: "{who} began to send a file in pieces",
    Act.UPLOAD_SENT: "{who} sent the last piece of a file",
    Act.UPLOAD_ACCEPTED: "{who} sent a file, which was kept",
    Act.UPLOAD_REFUSED: "{who} sent a file, which was refused: {why}",
    Act.RUN_STARTED: "{who} started a linkage",
    Act.RUN_FINISHED: "A linkage finished",
    Act.RUN_FAILED: "A linkage failed",
    Act.CODES_PURGED: "{who} removed what was kept long enough: {what}",
    Act.JOB_STARTED: "{who} asked for {what}: {kind}",
    Act.JOB_FAILED: "The service failed at {what}: {kind}",
    Act.JOB_CANCELLED: "{who} cancelled {what}",
    Act.NOTICE_SENT: "The service wrote {what} that something awaits them",
    Act.COUNT_READ: "{who} asked for counts ({by})",
    Act.COUNT_RELEASED: "{who} was shown counts ({by})",
    Act.REPORT_READ: "{who} read the report of a linkage",
    Act.MATCHES_READ: "{who} asked for its care matches",
    Act.MATCHES_RELEASED: "{who} was shown {shown} care matches{other}",
    Act.OPENINGS_READ: "{who} asked who was shown its clients",
    Act.OPENINGS_ERASED: "{who} erased what opens commitments about its clients",
    Act.CONSENT_CHANGED: "{who} sent consents that differ from those before",
    Act.SIGN_IN_OFFERED: "{who} asked for a link to sign in",
    Act.LOG_READ: "{who} read this log",
    Act.LOG_EXPORTED: "{who} took a copy of this log",
    Act.PERSON_INVITED: "{who} invited {what}",
    Act.PERSON_REVOKED: "{who} shut out {what}",
    Act.PASSKEY_ADDED: "{who} added a passkey",
    Act.PASSKEY_REMOVED: "{who} removed a passkey",
    Act.OPENID_LINKED: "{who} joined by way of an OpenID provider",
    Act.CONFIRMED: "{who} confirmed with a passkey who sits there",
    Act.SIGN_IN: "{who} signed in to the pages",
    Act.SIGN_OUT: "{who} signed out",
    Act.PROPOSED: "{who} proposed {of}, which waits for a second person",
    Act.APPROVED: "{who} approved {of}, as {proposer} proposed it",
    Act.DECLINED: "{who} declined {of}, as {proposer} proposed it",
    Act.DENIED: "{who} was refused: {what}",
    Act.REFUSED: "{who} asked for what could not be done: {what} ({why})",
    Act.STARTED: "The service started",
    Act.STOPPED: "The service stopped",
    Act.BACKED_UP: "A backup, a copy of all encodings and keys, was made on the service's own computer",
    Act.RESTORED: "Everything was put back from a backup",
}


@dataclass(frozen=True, slots=True)
class LogLine:
    """A log entry for people."""

    number: int
    time: datetime
    sentence: str
    purpose: str
    signed: bool  # by the member's own key, rather than in a session on the pages


def line(entry: Entry) -> LogLine:
    """An entry in plain words."""
    event = entry.event
    sentence = _SENTENCES.get(event.act, "{who}: {act} {what}").format(
        who=f"{event.actor} (person {person})" if (person := event.details.get("person")) else event.actor,
        what=event.object if event.act in {Act.DENIED, Act.REFUSED} else event.object.replace("/", " ", 1),
        why=event.rule,
        by=_counted(event.details),
        act=event.act.value,
        of=str(event.details.get("what", "?")).replace("/", " ", 1),
        proposer=event.details.get("proposer", "?"),
        kind=event.details.get("kind", "?"),
        shown="no" if event.details.get("shown") == NONE else event.details.get("shown", "?"),
        other=f" with {event.agency}" if event.agency and event.agency != event.actor else "",
    )
    return LogLine(entry.seq, entry.time, sentence, event.purpose, bool(event.request_signature))


def _counted(details: Mapping[str, str | int]) -> str:
    """Of which counts an entry tells: by a breakdown, of a period, or what of a release was read."""
    if "period" in details:
        return f"all tables of {details['period']}"
    return f"by {details['by']}" if "by" in details else f"{details.get('what', 'tables')} of a release"


def day(value: date | datetime) -> str:
    """A day as people write it: 5 March 2026."""
    return f"{value.day} {value:%B %Y}"


def moment(value: datetime) -> str:
    """A time in UTC: 5 March 2026, 14:07 UTC."""
    return f"{day(value)}, {value:%H:%M} UTC"


def sentence(words: str) -> str:
    """Words of an error as a sentence of their own: with a capital letter and a full stop."""
    return f"{words[:1].upper()}{words[1:]}{'' if words.endswith('.') else '.'}"


def spread(row: SafeRow) -> str:
    """The range of a count: from so many to so many."""
    if row.low.value is None or row.high.value is None:
        return "withheld"
    return f"{row.low} to {row.high}"


def common_notes(tables: Sequence[SafeTable]) -> tuple[str, ...]:
    """What is said beside every table, to be said once."""
    first, *others = tables
    return tuple(note for note in first.notes if all(note in table.notes for table in others))


def member_label(table: str, text: str, names: Mapping[str, str]) -> str:
    """What a row or a column of a release's *table* is called: agencies by their *names*, the rest in plain words.

    An agency may be called as an area is, so names are for the tables of agencies alone.
    """
    if table not in OF_AGENCIES:
        return _words(text)
    alone = text.removesuffix(ALONE)
    told = " + ".join(names.get(part, _words(part)) for part in alone.split(" + "))
    return told if alone == text else f"{told}{ALONE}"


def _words(member: str) -> str:
    return re.sub(r"^(\d+)_(\d+)$", r"\1 to \2", member).replace("_", " ")


def row_label(by: Breakdown, label: str, names: Mapping[str, str]) -> str:
    """What a row of a table is called: an agency by its *names*, an area and a month in plain words."""
    if by in {Breakdown.AGENCY, Breakdown.HOUSEHOLD}:
        return names.get(label, label)
    if by is Breakdown.MONTH:
        return f"{date.fromisoformat(f'{label}-01'):%B %Y}"
    return label.replace("_", " ").capitalize()
