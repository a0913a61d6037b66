"""Makes the tables of uploaded queries and of searches per address."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "queries",
        sa.Column("token", sa.String(32), primary_key=True),
        sa.Column("created_at", sa.Float, nullable=False, index=True),
        sa.Column("index_name", sa.String(255), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("feature", sa.LargeBinary, nullable=False),
        sa.Column("picture", sa.LargeBinary, nullable=False),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("decode_ms", sa.Float, nullable=False),
        sa.Column("encode_ms", sa.Float, nullable=False),
    )
    op.create_table(
        "rates",
        sa.Column("address", sa.String(64), primary_key=True),
        sa.Column("minute", sa.Integer, primary_key=True),
        sa.Column("searches", sa.Integer, nullable=False),
    )


def downgrade() -> None:
    """Remove both tables."""
    op.drop_table("rates")
    op.drop_table("queries")
