"""Makes the table of searches that were checked exactly."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "recalls",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("index_name", sa.String(255), nullable=False),
        sa.Column("generation", sa.String(64), nullable=False),
        sa.Column("k", sa.Integer, nullable=False),
        sa.Column("found", sa.Integer, nullable=False),
        sa.Column("checked_at", sa.Float, nullable=False),
    )
    op.create_index("ix_recalls_index_name_id", "recalls", ["index_name", "id"])


def downgrade() -> None:
    """Remove the table."""
    op.drop_table("recalls")
