"""The tables of the service's database; migrations/versions says how they came to be."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    text,
)

from api.storage.instant import Instant

METADATA = MetaData()
_CURRENT = text("replaced IS NULL")

MEMBER = Table(
    "member",
    METADATA,
    Column("id", String(64), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("role", String(16), nullable=False),
    Column("kind", String(32)),
    Column("areas", String(400), nullable=False),  # comma-separated ServiceArea values
    Column("contact", String(200), nullable=False),
    Column("public_key", String(44), nullable=False),  # base64 of 32 bytes
    Column("keyid", String(16), nullable=False, unique=True),
    Column("agreement_from", Date),  # both days are within the agreement
    Column("agreement_until", Date),
)

# Every key that a member has had; the one of `member` is that of the roster, and the newest.
MEMBER_KEY = Table(
    "member_key",
    METADATA,
    Column("keyid", String(16), primary_key=True),
    Column("member", ForeignKey("member.id"), nullable=False),
    Column("public_key", String(44), nullable=False),
    Column("added", Instant),  # empty: before this was kept
    Column("retires", Instant),  # from then on nothing signed with it counts; empty: for good
    Index("key_by_member", "member"),
)

NONCE = Table(
    "nonce",
    METADATA,
    Column("keyid", String(16), primary_key=True),
    Column("nonce", String(64), primary_key=True),
    Column("seen", Instant, nullable=False),
    Index("nonce_by_age", "seen"),
)

EPOCH = Table(
    "epoch",
    METADATA,
    Column("number", Integer, primary_key=True),
    Column("profile", String(32), nullable=False),
    Column("profile_digest", String(64), nullable=False),
    Column("key_check_value", String(32), nullable=False),
    Column("canaries", String(64), nullable=False),
    Column("opened", Instant, nullable=False),
)

UPLOAD = Table(
    "upload",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("agency", ForeignKey("member.id"), nullable=False),
    Column("epoch", ForeignKey("epoch.number"), nullable=False),
    Column("rows", Integer, nullable=False),
    Column("last_month", String(7)),
    Column("accepted", Instant, nullable=False),
    Column("replaced", Instant),  # empty: the agency's current file
    Column("receipt_index", Integer, nullable=False),
    Column("receipt_leaf", String(64), nullable=False),
    Column("receipt_time", String(40), nullable=False),
    Index("one_current_upload", "agency", unique=True, sqlite_where=_CURRENT, postgresql_where=_CURRENT),
)

RUN = Table(
    "run",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("epoch", ForeignKey("epoch.number"), nullable=False),
    Column("state", String(16), nullable=False),
    Column("stage", String(64), nullable=False),
    Column("progress", Float, nullable=False),  # 0 to 1
    Column("attempts", Integer, nullable=False),
    Column("started", Instant, nullable=False),
    Column("ended", Instant),
    Column("failure", String(500)),
    Column("hint", String(500)),
)

RUN_UPLOAD = Table(
    "run_upload",
    METADATA,
    Column("run", ForeignKey("run.id"), primary_key=True),
    Column("upload", ForeignKey("upload.id"), primary_key=True),
    Column("left_out", String(200)),  # why the file could not be linked; empty: it was
)

# A file on its way in pieces; what has arrived lies in incoming/, and *received* says how much of it counts.
UPLOAD_SESSION = Table(
    "upload_session",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("agency", ForeignKey("member.id"), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("length", BigInteger, nullable=False),  # bytes
    Column("received", BigInteger, nullable=False),  # bytes
    Column("touched", Instant, nullable=False),
    Column("sent", Boolean, nullable=False),  # whole, and handed to a job
)

JOB = Table(
    "job",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("member", ForeignKey("member.id"), nullable=False),
    Column("asked", Text, nullable=False),  # JSON
    Column("signature", String(64), nullable=False),  # SHA-256 of the asking request's
    Column("person", ForeignKey("person.id")),  # who of the member's people asked, on a page; whom a letter is to
    Column("state", String(16), nullable=False),
    Column("started", Instant, nullable=False),
    Column("ended", Instant),
    Column("result", Text),  # JSON
    Column("failure", String(500)),
    Column("hint", String(500)),
)

# The answer to a POST with an Idempotency-Key; without a status while the first request is being answered.
IDEMPOTENT = Table(
    "idempotent",
    METADATA,
    Column("member", ForeignKey("member.id"), primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("request", String(64), nullable=False),  # SHA-256 of method, path, query and body's digest
    Column("made", Instant, nullable=False),
    Column("status", Integer),
    Column("headers", Text),  # JSON
    Column("body", LargeBinary),
)

RELEASE = Table(
    "release",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),  # from 0, without a gap
    Column("period", String(40), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("purpose", String(32), nullable=False),
    Column("run", ForeignKey("run.id"), nullable=False),
    Column("made", Instant, nullable=False),
    Column("digest", String(64), nullable=False),  # SHA-256 of the text, hex
    Column("text", LargeBinary, nullable=False),  # as linkage.disclosure.Released.to_json writes it
)

# One commitment of the audit log a line; row, nonce and fact are emptied when its opening is erased.
OPENING = Table(
    "opening",
    METADATA,
    Column("entry", Integer, primary_key=True, autoincrement=False),
    Column("commitment", String(64), primary_key=True),
    Column("agency", ForeignKey("member.id"), nullable=False),
    Column("made", Instant, nullable=False),
    Column("row", String(64)),
    Column("nonce", String(64)),
    Column("fact", Text),  # as audit.commitment.canonical writes it
    Index("opening_by_row", "agency", "row"),
)

PROPOSAL = Table(
    "proposal",
    METADATA,
    Column("id", String(16), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("object", String(100), nullable=False),
    Column("content", Text, nullable=False),  # JSON
    Column("digest", String(64), nullable=False),  # as api.proposals.Intent.digest
    Column("proposer", ForeignKey("member.id"), nullable=False),
    Column("proposed", Instant, nullable=False),
    Column("expires", Instant, nullable=False),
    Column("state", String(16), nullable=False),
    Column("decider", ForeignKey("member.id")),
    Column("decided", Instant),
    Index("proposal_by_object", "object", "state"),
)

PERSON = Table(
    "person",
    METADATA,
    Column("id", String(16), primary_key=True),
    Column("member", ForeignKey("member.id"), nullable=False),
    Column("name", String(100), nullable=False),
    Column("email", String(254), nullable=False),
    Column("role", String(16), nullable=False),
    Column("invited", Instant, nullable=False),
    Column("revoked", Instant),  # empty: may sign in
    Index("person_by_member", "member"),
)

PASSKEY = Table(
    "passkey",
    METADATA,
    Column("id", String(16), primary_key=True),
    Column("credential", LargeBinary, nullable=False, unique=True),  # the authenticator's own name for it
    Column("person", ForeignKey("person.id"), nullable=False),
    Column("name", String(60), nullable=False),
    Column("public_key", LargeBinary, nullable=False),  # COSE
    Column("sign_count", Integer, nullable=False),
    Column("added", Instant, nullable=False),
    Column("used", Instant),
    Index("passkey_by_person", "person"),
)

# What a passkey has to sign; taken out when it comes back, so that no answer counts twice.
CHALLENGE = Table(
    "challenge",
    METADATA,
    Column("challenge", LargeBinary, primary_key=True),
    Column("purpose", String(16), nullable=False),
    Column("person", ForeignKey("person.id")),  # empty: whoever signs in
    Column("expires", Instant, nullable=False),
)

# Who a person is at an OpenID provider, and the sign-ins there that are under way.
OPENID_SUBJECT = Table(
    "openid_subject",
    METADATA,
    Column("issuer", String(255), primary_key=True),
    Column("subject", String(255), primary_key=True),
    Column("person", ForeignKey("person.id"), nullable=False, unique=True),
)

OPENID_STATE = Table(
    "openid_state",
    METADATA,
    Column("state_hash", String(64), primary_key=True),
    Column("nonce", String(64), nullable=False),
    Column("verifier", String(128), nullable=False),  # PKCE, RFC 7636
    Column("person", ForeignKey("person.id")),  # whom an invitation will bind; empty: who signs in is to be found
    Column("expires", Instant, nullable=False),
)

SIGN_IN_LINK = Table(
    "sign_in_link",
    METADATA,
    Column("token_hash", String(64), primary_key=True),
    Column("member", ForeignKey("member.id"), nullable=False),
    Column("person", ForeignKey("person.id")),  # empty: for whoever holds the member's key
    Column("expires", Instant, nullable=False),
)

SESSION = Table(
    "session",
    METADATA,
    Column("token_hash", String(64), primary_key=True),
    Column("member", ForeignKey("member.id"), nullable=False),
    Column("person", ForeignKey("person.id")),
    Column("opened_by", String(16), nullable=False),
    Column("confirmed", Instant),  # when a passkey or a provider last said who sits there
    Column("opened", Instant, nullable=False),
    Column("seen", Instant, nullable=False),
)

# The newest entry of the log that the database was told of: one row.
LOG_SEEN = Table(
    "log_seen",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("entry", BigInteger, nullable=False),
    Column("leaf", String(64), nullable=False),
)
