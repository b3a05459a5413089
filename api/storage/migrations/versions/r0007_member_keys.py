"""Two keys of a member at once, for the time of a change."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0007"
down_revision = "r0003"


def upgrade() -> None:
    """Create the table of keys, with the one key that each member has so far."""
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
