"""People, their passkeys, and sessions that know which person they are of; sessions of before end."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0008"
down_revision = "r0007"

MEMBER, PERSON = "member.id", "person.id"


def upgrade() -> None:
    """Create the tables of people; make those of links and sessions anew."""
    _create_people()
    _create_passkeys()
    _create_openid()
    op.drop_table("session")
    op.drop_table("sign_in_link")
    _create_sessions()


def _create_people() -> None:
    op.create_table(
        "person",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("member", sa.String(64), sa.ForeignKey(MEMBER), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("invited", sa.String(32), nullable=False),
        sa.Column("revoked", sa.String(32)),
    )
    op.create_index("person_by_member", "person", ["member"])


def _create_passkeys() -> None:
    op.create_table(
        "passkey",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("credential", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("person", sa.String(16), sa.ForeignKey(PERSON), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("sign_count", sa.Integer, nullable=False),
        sa.Column("added", sa.String(32), nullable=False),
        sa.Column("used", sa.String(32)),
    )
    op.create_index("passkey_by_person", "passkey", ["person"])
    op.create_table(
        "challenge",
        sa.Column("challenge", sa.LargeBinary, primary_key=True),
        sa.Column("purpose", sa.String(16), nullable=False),
        sa.Column("person", sa.String(16), sa.ForeignKey(PERSON)),
        sa.Column("expires", sa.String(32), nullable=False),
    )


def _create_openid() -> None:
    op.create_table(
        "openid_subject",
        sa.Column("issuer", sa.String(255), primary_key=True),
        sa.Column("subject", sa.String(255), primary_key=True),
        sa.Column("person", sa.String(16), sa.ForeignKey(PERSON), nullable=False, unique=True),
    )
    op.create_table(
        "openid_state",
        sa.Column("state_hash", sa.String(64), primary_key=True),
        sa.Column("nonce", sa.String(64), nullable=False),
        sa.Column("verifier", sa.String(128), nullable=False),
        sa.Column("person", sa.String(16), sa.ForeignKey(PERSON)),
        sa.Column("expires", sa.String(32), nullable=False),
    )


def _create_sessions() -> None:
    op.create_table(
        "sign_in_link",
        sa.Column("token_hash", sa.String(64), primary_key=True),
        sa.Column("member", sa.String(64), sa.ForeignKey(MEMBER), nullable=False),
        sa.Column("person", sa.String(16), sa.ForeignKey(PERSON)),
        sa.Column("expires", sa.String(32), nullable=False),
    )
    op.create_table(
        "session",
        sa.Column("token_hash", sa.String(64), primary_key=True),
        sa.Column("member", sa.String(64), sa.ForeignKey(MEMBER), nullable=False),
        sa.Column("person", sa.String(16), sa.ForeignKey(PERSON)),
        sa.Column("opened_by", sa.String(16), nullable=False),
        sa.Column("confirmed", sa.String(32)),
        sa.Column("opened", sa.String(32), nullable=False),
        sa.Column("seen", sa.String(32), nullable=False),
    )
