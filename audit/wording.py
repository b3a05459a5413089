"""What each act is called where people read it, and what counts as unusual."""

from __future__ import annotations

from audit.events import Act
from audit.unusual import Limits, OfficeHours

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

ACT_WORDS: dict[Act, str] = {
    Act.FOUND: "founded the collaborative",
    Act.MEMBER_INVITED: "invited a member",
    Act.MEMBER_ADDED: "added a member",
    Act.MEMBER_REMOVED: "removed a member",
    Act.PERSON_INVITED: "invited a person of the staff",
    Act.PERSON_REVOKED: "shut a person of the staff out",
    Act.PASSKEY_ADDED: "added a passkey",
    Act.PASSKEY_REMOVED: "removed a passkey",
    Act.OPENID_LINKED: "tied an account of an OpenID provider to a person of the staff",
    Act.NOTICE_SENT: "wrote a person of the staff that something awaits them",
    Act.CONFIRMED: "confirmed who sits at the computer",
    Act.KEY_ADDED: "added a key",
    Act.KEY_REVOKED: "revoked a key",
    Act.ENVELOPE_RELAYED: "passed on a sealed envelope",
    Act.EPOCH_OPENED: "opened a new epoch",
    Act.UPLOAD_BEGUN: "began to send an encoded list in pieces",
    Act.UPLOAD_SENT: "sent the last piece of an encoded list",
    Act.UPLOAD_ACCEPTED: "sent an encoded list",
    Act.UPLOAD_REFUSED: "sent a list that was refused",
    Act.CODES_PURGED: "deleted encodings",
    Act.RUN_STARTED: "started a linkage",
    Act.RUN_FINISHED: "finished a linkage",
    Act.RUN_FAILED: "failed at a linkage",
    Act.JOB_STARTED: "asked for something to be done in the background",
    Act.JOB_FAILED: "failed at a job",
    Act.JOB_CANCELLED: "cancelled a job",
    Act.COUNT_READ: "read a count",
    Act.COUNT_RELEASED: "released a count",
    Act.PERIOD_FROZEN: "froze a period",
    Act.REPORT_READ: "read a report",
    Act.MATCHES_READ: "asked for care matches",
    Act.MATCHES_RELEASED: "was shown care matches",
    Act.REFERRAL_SENT: "sent a referral",
    Act.REFERRAL_ANSWERED: "answered a referral",
    Act.CONSENT_CHANGED: "changed a consent",
    Act.LOG_READ: "read the log",
    Act.LOG_EXPORTED: "exported the log",
    Act.OPENINGS_READ: "asked who was shown its clients",
    Act.OPENINGS_ERASED: "erased openings",
    Act.SIGN_IN_OFFERED: "made a sign-in link",
    Act.SIGN_IN: "signed in",
    Act.SIGN_OUT: "signed out",
    Act.PROPOSED: "proposed what needs a second person",
    Act.APPROVED: "approved a proposal",
    Act.DECLINED: "declined a proposal",
    Act.DENIED: "was denied",
    Act.REFUSED: "asked for what could not be done",
    Act.SETTINGS_CHANGED: "changed a setting",
    Act.STARTED: "started the service",
    Act.STOPPED: "stopped the service",
    Act.BACKED_UP: "was told of a backup, a copy of all encodings and keys, made on the service's own computer",
    Act.RESTORED: "was told that everything was put back from a backup",
}


def describe_limits(limits: Limits) -> str:
    """What counts as unusual, so that a reader can disagree."""
    refusals = f"more than {limits.refusals_an_hour} refusals within an hour"
    reads = (
        f"more than {limits.reads_an_hour} reads within an hour, if that is also more than {limits.times_usual:g} "
        "times what an hour of that member usually has"
    )
    clients = (
        f"more than {limits.clients_an_hour} clients shown within an hour of the clock, counted by the lower ends of "
        f"bands, if that is also more than {limits.times_usual:g} times what an hour of that member usually has"
    )
    role = "a role that reads what only others read before"
    looked = f"{_describe(limits.hours)}; {reads}; {clients}; {refusals}; {role}"
    return f"Looked for: {looked}. A finding is a question, not a verdict."


def _describe(hours: OfficeHours | None) -> str:
    if hours is None:
        return "no time of day (office hours come with --zone)"
    days = ", ".join(_DAYS[day] for day in sorted(hours.days))
    return f"reads outside of {hours.opens:%H:%M} to {hours.closes:%H:%M} ({hours.zone}) on {days}"


# Rules as the page of the report tells them; the tables for a spreadsheet keep their names.
RULE_WORDS = {
    "cms11": "numbers from 1 to 10 are withheld",
    "role": "what the role may do",
    "kind": "what its kind of agency may do",
    "by itself": "done by the service itself",
    "not-found": "no such thing, or none that this member may see",
    "unprocessable-entity": "what was asked could not be understood",
}


def rule_in_words(rule: str) -> str:
    """A rule for people; one that is words already stays as it is."""
    return RULE_WORDS.get(rule, rule.replace("-", " "))
