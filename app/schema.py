"""The tables of the instance's database; the migrations make them."""

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData()
queries = Table(
    "queries",
    metadata,
    Column("token", String(32), primary_key=True),
    Column("created_at", Float, nullable=False, index=True),
    Column("index_name", String(255), nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("decode_ms", Float, nullable=False),
    Column("encode_ms", Float, nullable=False),
)
query_pictures = Table(
    "query_pictures",
    metadata,
    Column("token", ForeignKey("queries.token", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("feature", LargeBinary, nullable=False),
    Column("picture", LargeBinary, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("faces", Text),
)
rates = Table(
    "rates",
    metadata,
    Column("address", String(64), primary_key=True),
    Column("minute", Integer, primary_key=True),
    Column("searches", Integer, nullable=False),
)
recalls = Table(
    "recalls",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("index_name", String(255), nullable=False),
    Column("generation", String(64), nullable=False),
    Column("k", Integer, nullable=False),
    Column("found", Integer, nullable=False),
    Column("checked_at", Float, nullable=False),
    Index("ix_recalls_index_name_id", "index_name", "id"),
)
ratings = Table(
    "ratings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("created_at", Float, nullable=False),
    Column("changed_at", Float, nullable=False),
    Column("rater", String(32), nullable=False),
    Column("query", String(64), nullable=False),
    Column("token", ForeignKey("queries.token", ondelete="SET NULL"), index=True),
    Column("query_id", Integer),
    Column("query_content", String(64)),
    Column("query_path", Text),
    Column("boxes", Text, nullable=False),
    Column("index_name", String(255), nullable=False),
    Column("generation", String(64), nullable=False),
    Column("parameters", Text, nullable=False),
    Column("hit_id", Integer, nullable=False),
    Column("hit_content", String(64), nullable=False),
    Column("hit_path", Text, nullable=False),
    Column("rank", Integer, nullable=False),
    Column("distance", Float, nullable=False),
    Column("similarity", Float, nullable=False),
    Column("metric", String(16), nullable=False),
    Column("score", Integer),
    Column("relevant", Boolean),
    Index("ix_ratings_one", "query", "index_name", "hit_content", "rater", unique=True),
    Index("ix_ratings_rater_id", "rater", "id"),
)
