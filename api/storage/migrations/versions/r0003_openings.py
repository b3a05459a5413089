"""What opens the commitments of the audit log, apart from the log, so that it can be erased."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0003"
down_revision = "r0002"


def upgrade() -> None:
    """Create the table of openings."""
    op.create_table(
        "opening",
        sa.Column("entry", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("commitment", sa.String(64), primary_key=True),
        sa.Column("agency", sa.String(64), sa.ForeignKey("member.id"), nullable=False),
        sa.Column("made", sa.String(32), nullable=False),
        sa.Column("row", sa.String(64)),
        sa.Column("nonce", sa.String(64)),
        sa.Column("fact", sa.Text),
    )
    op.create_index("opening_by_row", "opening", ["agency", "row"])


def downgrade() -> None:
    """Drop the openings: nobody will ever tell what the log's commitments stood for."""
    op.drop_table("opening")
