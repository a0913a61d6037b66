"""Keeps smaller renderings of uploaded pictures beside them."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

SIZES = ("small", "medium")


def upgrade() -> None:
    """Make room for them; of pictures that are there already all is sent."""
    for size in SIZES:
        op.add_column("query_pictures", sa.Column(size, sa.LargeBinary))


def downgrade() -> None:
    """Remove them."""
    for size in SIZES:
        op.drop_column("query_pictures", size)
