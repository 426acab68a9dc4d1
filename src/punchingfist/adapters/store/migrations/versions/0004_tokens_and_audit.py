"""
Tokens, and the audit trail with its head.

Safe beside the previous release, which knows none of the tables.

Revision ID: 0004
"""

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"

p: str = context.config.attributes["tables"].prefix

_ID = sa.String(36).with_variant(postgresql.UUID(as_uuid=False), "postgresql")
_DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    _tokens()
    _audit()


def _tokens() -> None:
    op.create_table(
        f"{p}tokens",
        sa.Column("id", _ID, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("teams", _DOCUMENT, nullable=False),
        sa.Column("prefix", sa.String(length=20), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("created_by", sa.String(length=255), nullable=False),
        sa.Column("expires_at", _TIME),
        sa.Column("parent", _ID),
        sa.Column("revoked_at", _TIME),
        sa.Column("last_used_at", _TIME),
        sa.PrimaryKeyConstraint("id", name=f"pk_{p}tokens"),
        sa.UniqueConstraint("digest", name=f"uq_{p}tokens_digest"),
        sa.ForeignKeyConstraint(["parent"], [f"{p}tokens.id"], name=f"fk_{p}tokens_parent"),
    )
    op.create_index(f"idx_{p}tokens_prefix", f"{p}tokens", ["prefix"])
    named = sa.text("kind = 'token' AND revoked_at IS NULL")
    op.create_index(
        f"one_live_{p}tokens_of_a_name",
        f"{p}tokens",
        ["name"],
        unique=True,
        sqlite_where=named,
        postgresql_where=named,
    )


def _audit() -> None:
    op.create_table(
        f"{p}audit",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("who", sa.String(length=255), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("how", sa.String(length=20), nullable=False),
        sa.Column("what", sa.String(length=255), nullable=False),
        sa.Column("object", sa.String(length=255), nullable=False),
        sa.Column("before", sa.Text()),
        sa.Column("after", sa.Text()),
        sa.Column("address", sa.String(length=255), nullable=False),
        sa.Column("request_id", sa.String(length=255), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=f"pk_{p}audit"),
    )
    op.create_index(f"idx_{p}audit_at", f"{p}audit", ["at"])
    op.create_table(
        f"{p}audit_heads",
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64)),
        sa.PrimaryKeyConstraint("name", name=f"pk_{p}audit_heads"),
    )
