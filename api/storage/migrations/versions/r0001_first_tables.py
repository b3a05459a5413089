"""The first tables: roster, nonces, epochs, uploads, runs, sign-in links and sessions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0001"
down_revision = None


def upgrade() -> None:
    """Create the first tables."""
    _create_roster()
    _create_uploads()
    _create_runs()
    _create_sign_in()


def _create_roster() -> None:
    op.create_table(
        "member",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(32)),
        sa.Column("areas", sa.String(400), nullable=False),
        sa.Column("contact", sa.String(200), nullable=False),
        sa.Column("public_key", sa.String(44), nullable=False),
        sa.Column("keyid", sa.String(16), nullable=False, unique=True),
    )
    op.create_table(
        "nonce",
        sa.Column("keyid", sa.String(16), primary_key=True),
        sa.Column("nonce", sa.String(64), primary_key=True),
        sa.Column("seen", sa.String(32), nullable=False),
    )
    op.create_index("nonce_by_age", "nonce", ["seen"])


def _create_uploads() -> None:
    op.create_table(
        "epoch",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("profile", sa.String(32), nullable=False),
        sa.Column("profile_digest", sa.String(64), nullable=False),
        sa.Column("key_check_value", sa.String(32), nullable=False),
        sa.Column("canaries", sa.String(64), nullable=False),
        sa.Column("opened", sa.String(32), nullable=False),
    )
    op.create_table(
        "upload",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("agency", sa.String(64), sa.ForeignKey("member.id"), nullable=False),
        sa.Column("epoch", sa.Integer, sa.ForeignKey("epoch.number"), nullable=False),
        sa.Column("rows", sa.Integer, nullable=False),
        sa.Column("last_month", sa.String(7)),
        sa.Column("accepted", sa.String(32), nullable=False),
        sa.Column("replaced", sa.String(32)),
        sa.Column("receipt_index", sa.Integer, nullable=False),
        sa.Column("receipt_leaf", sa.String(64), nullable=False),
        sa.Column("receipt_time", sa.String(40), nullable=False),
    )
    current = sa.text("replaced IS NULL")
    op.create_index(
        "one_current_upload", "upload", ["agency"], unique=True, sqlite_where=current, postgresql_where=current
    )


def _create_runs() -> None:
    op.create_table(
        "run",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("epoch", sa.Integer, sa.ForeignKey("epoch.number"), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("stage", sa.String(64), nullable=False),
        sa.Column("progress", sa.Float, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("started", sa.String(32), nullable=False),
        sa.Column("ended", sa.String(32)),
        sa.Column("failure", sa.String(500)),
        sa.Column("hint", sa.String(500)),
    )
    op.create_table(
        "run_upload",
        sa.Column("run", sa.String(32), sa.ForeignKey("run.id"), primary_key=True),
        sa.Column("upload", sa.Integer, sa.ForeignKey("upload.id"), primary_key=True),
    )


def _create_sign_in() -> None:
    op.create_table(
        "sign_in_link",
        sa.Column("token_hash", sa.String(64), primary_key=True),
        sa.Column("member", sa.String(64), sa.ForeignKey("member.id"), nullable=False),
        sa.Column("expires", sa.String(32), nullable=False),
    )
    op.create_table(
        "session",
        sa.Column("token_hash", sa.String(64), primary_key=True),
        sa.Column("member", sa.String(64), sa.ForeignKey("member.id"), nullable=False),
        sa.Column("opened", sa.String(32), nullable=False),
        sa.Column("seen", sa.String(32), nullable=False),
    )


def downgrade() -> None:
    """Drop everything."""
    for table in ("session", "sign_in_link", "run_upload", "run", "upload", "epoch", "nonce", "member"):
        op.drop_table(table)
