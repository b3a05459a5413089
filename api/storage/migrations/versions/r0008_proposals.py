"""What one person proposed and another is to approve."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0008"
down_revision = "r0007"


def upgrade() -> None:
    """Create the table of proposals."""
    op.create_table(
        "proposal",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("object", sa.String(100), nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("proposer", sa.String(64), sa.ForeignKey("member.id"), nullable=False),
        sa.Column("proposed", sa.String(32), nullable=False),
        sa.Column("expires", sa.String(32), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("decider", sa.String(64), sa.ForeignKey("member.id")),
        sa.Column("decided", sa.String(32)),
    )
    op.create_index("proposal_by_object", "proposal", ["object", "state"])
