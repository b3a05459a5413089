"""How far the log had got when the database was last told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0010"
down_revision = "r0009"


def upgrade() -> None:
    """Create the table, which has one row at most."""
    op.create_table(
        "log_seen",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("entry", sa.BigInteger, nullable=False),
        sa.Column("leaf", sa.String(64), nullable=False),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("log_seen")
