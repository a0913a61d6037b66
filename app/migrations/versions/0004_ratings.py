"""Makes the table of what people think of hits."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "ratings",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("changed_at", sa.Float, nullable=False),
        sa.Column("rater", sa.String(32), nullable=False),
        sa.Column("query", sa.String(64), nullable=False),
        sa.Column(
            "token", sa.String(32), sa.ForeignKey("queries.token", ondelete="SET NULL"), index=True
        ),
        sa.Column("query_id", sa.Integer),
        sa.Column("query_content", sa.String(64)),
        sa.Column("query_path", sa.Text),
        sa.Column("boxes", sa.Text, nullable=False),
        sa.Column("index_name", sa.String(255), nullable=False),
        sa.Column("generation", sa.String(64), nullable=False),
        sa.Column("parameters", sa.Text, nullable=False),
        sa.Column("hit_id", sa.Integer, nullable=False),
        sa.Column("hit_content", sa.String(64), nullable=False),
        sa.Column("hit_path", sa.Text, nullable=False),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.Column("distance", sa.Float, nullable=False),
        sa.Column("similarity", sa.Float, nullable=False),
        sa.Column("metric", sa.String(16), nullable=False),
        sa.Column("score", sa.Integer),
        sa.Column("relevant", sa.Boolean),
    )
    one = ["query", "index_name", "hit_content", "rater"]
    op.create_index("ix_ratings_one", "ratings", one, unique=True)
    op.create_index("ix_ratings_rater_id", "ratings", ["rater", "id"])


def downgrade() -> None:
    """Remove the table."""
    op.drop_table("ratings")
