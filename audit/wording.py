"""What each act is called where people read it."""

from __future__ import annotations

from audit.events import Act

ACT_WORDS: dict[Act, str] = {
    Act.FOUND: "founded the collaborative",
    Act.MEMBER_INVITED: "invited a member",
    Act.MEMBER_ADDED: "added a member",
    Act.MEMBER_REMOVED: "removed a member",
    Act.KEY_ADDED: "added a key",
    Act.KEY_REVOKED: "revoked a key",
    Act.ENVELOPE_RELAYED: "passed on a sealed envelope",
    Act.EPOCH_OPENED: "opened a new epoch",
    Act.UPLOAD_ACCEPTED: "sent an encoded list",
    Act.UPLOAD_REFUSED: "sent a list that was refused",
    Act.CODES_PURGED: "deleted encodings",
    Act.RUN_STARTED: "started a linkage",
    Act.RUN_FINISHED: "finished a linkage",
    Act.RUN_FAILED: "failed at a linkage",
    Act.COUNT_READ: "read a count",
    Act.COUNT_RELEASED: "released a count",
    Act.PERIOD_FROZEN: "froze a period",
    Act.REPORT_READ: "read a report",
    Act.MATCHES_READ: "read care matches",
    Act.REFERRAL_SENT: "sent a referral",
    Act.REFERRAL_ANSWERED: "answered a referral",
    Act.CONSENT_CHANGED: "changed a consent",
    Act.LOG_READ: "read the log",
    Act.LOG_EXPORTED: "exported the log",
    Act.SIGN_IN: "signed in",
    Act.SIGN_OUT: "signed out",
    Act.DENIED: "was denied",
    Act.SETTINGS_CHANGED: "changed a setting",
    Act.STARTED: "started the service",
    Act.STOPPED: "stopped the service",
}
