"""
Silences, the decision made for each firing of an alert, and alerts that run out by themselves.

Safe beside the previous release: the new columns may be empty and are unread there.

Revision ID: 0003
"""

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"

p: str = context.config.attributes["tables"].prefix

_ID = sa.String(36).with_variant(postgresql.UUID(as_uuid=False), "postgresql")
_DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    _silences()
    _decisions()
    _alerts()


def _silences() -> None:
    op.create_table(
        f"{p}silences",
        sa.Column("id", _ID, nullable=False),
        sa.Column("matchers", _DOCUMENT, nullable=False),
        sa.Column("starts_at", _TIME, nullable=False),
        sa.Column("ends_at", _TIME, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("annotations", _DOCUMENT, nullable=False),
        sa.Column("time_intervals", _DOCUMENT, nullable=False),
        sa.Column("ends_when_resolved", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{p}silences"),
    )
    op.create_index(f"idx_{p}silences_ends_at", f"{p}silences", ["ends_at"])


def _decisions() -> None:
    op.create_table(
        f"{p}decisions",
        sa.Column("id", _ID, nullable=False),
        sa.Column("alert_id", _ID, nullable=False),
        sa.Column("episode", sa.Integer(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("outcome", sa.String(length=50), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("detail", _DOCUMENT, nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], [f"{p}alerts.id"], name=f"fk_{p}decisions_alert_id"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{p}decisions"),
    )
    op.create_index(f"idx_{p}decisions_alert_id", f"{p}decisions", ["alert_id"])


def _alerts() -> None:
    # Not in batch mode: an added column that may be NULL needs no copy of the table.
    op.add_column(f"{p}alerts", sa.Column("held_by", sa.Text()))
    op.add_column(f"{p}alerts", sa.Column("expires_at", _TIME))
    op.create_index(
        f"firing_{p}alerts",
        f"{p}alerts",
        ["alert_name"],
        sqlite_where=sa.text("resolved_at IS NULL"),
        postgresql_where=sa.text("resolved_at IS NULL"),
    )
    op.create_index(
        f"expiring_{p}alerts",
        f"{p}alerts",
        ["expires_at"],
        sqlite_where=sa.text("expires_at IS NOT NULL"),
        postgresql_where=sa.text("expires_at IS NOT NULL"),
    )
