"""Two keys of a member at once, and what one person proposed and another is to approve."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0007"
down_revision = "r0003"


def upgrade() -> None:
    """Create the tables; the one key that each member has so far is in the first."""
    op.create_table(
        "member_key",
        sa.Column("keyid", sa.String(16), primary_key=True),
        sa.Column("member", sa.String(64), sa.ForeignKey("member.id"), nullable=False),
        sa.Column("public_key", sa.String(44), nullable=False),
        sa.Column("added", sa.String(32)),
        sa.Column("retires", sa.String(32)),
    )
    op.create_index("key_by_member", "member_key", ["member"])
    op.execute("INSERT INTO member_key (keyid, member, public_key) SELECT keyid, id, public_key FROM member")
    _create_proposals()


def _create_proposals() -> None:
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
