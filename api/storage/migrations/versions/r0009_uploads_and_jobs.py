"""Uploads in pieces, jobs, remembered answers, agreement dates, and files that a linkage had to leave out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0009"
down_revision = "r0008"


def upgrade() -> None:
    """Create the tables and add the columns."""
    op.add_column("member", sa.Column("agreement_from", sa.Date))
    op.add_column("member", sa.Column("agreement_until", sa.Date))
    op.add_column("run_upload", sa.Column("left_out", sa.String(200)))
    _upload_session()
    _job()
    _idempotent()


def _upload_session() -> None:
    op.create_table(
        "upload_session",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("agency", sa.String(64), sa.ForeignKey("member.id"), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("length", sa.BigInteger, nullable=False),
        sa.Column("received", sa.BigInteger, nullable=False),
        sa.Column("touched", sa.String(32), nullable=False),
        sa.Column("sent", sa.Boolean, nullable=False),
    )


def _job() -> None:
    op.create_table(
        "job",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("member", sa.String(64), sa.ForeignKey("member.id"), nullable=False),
        sa.Column("asked", sa.Text, nullable=False),
        sa.Column("signature", sa.String(64), nullable=False),
        sa.Column("person", sa.String(16), sa.ForeignKey("person.id")),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("started", sa.String(32), nullable=False),
        sa.Column("ended", sa.String(32)),
        sa.Column("result", sa.Text),
        sa.Column("failure", sa.String(500)),
        sa.Column("hint", sa.String(500)),
    )


def _idempotent() -> None:
    op.create_table(
        "idempotent",
        sa.Column("member", sa.String(64), sa.ForeignKey("member.id"), primary_key=True),
        sa.Column("key", sa.String(255), primary_key=True),
        sa.Column("request", sa.String(64), nullable=False),
        sa.Column("made", sa.String(32), nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("headers", sa.Text),
        sa.Column("body", sa.LargeBinary),
    )
