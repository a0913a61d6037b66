"""Gives each query several pictures, in a table of their own, with the faces found in them."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

OWN = ("feature", "picture", "width", "height")


def upgrade() -> None:
    """Move the one picture of each query."""
    op.create_table(
        "query_pictures",
        sa.Column(
            "token",
            sa.String(32),
            sa.ForeignKey("queries.token", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column("feature", sa.LargeBinary, nullable=False),
        sa.Column("picture", sa.LargeBinary, nullable=False),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("faces", sa.Text),
    )
    columns = ", ".join(OWN)
    op.execute(
        f"INSERT INTO query_pictures (token, position, {columns}) "
        f"SELECT token, 0, {columns} FROM queries"
    )
    for name in OWN:
        op.drop_column("queries", name)


def downgrade() -> None:
    """Keep the first picture of each query alone."""
    for name in OWN:
        is_number = name in ("width", "height")
        kind = sa.Column(name, sa.Integer) if is_number else sa.Column(name, sa.LargeBinary)
        op.add_column("queries", kind)
        op.execute(
            f"UPDATE queries SET {name} = (SELECT {name} FROM query_pictures "
            "WHERE query_pictures.token = queries.token AND position = 0)"
        )
    op.drop_table("query_pictures")
