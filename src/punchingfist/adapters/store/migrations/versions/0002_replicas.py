"""
Replicas: which processes live, so that another one can take over from those that do not.

Safe beside the previous release, which does not know the table.

Revision ID: 0002
"""

import sqlalchemy as sa
from alembic import context, op

revision = "0002"
down_revision = "0001"

p: str = context.config.attributes["tables"].prefix

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        f"{p}replicas",
        sa.Column("id", sa.String(length=255), nullable=False),
        sa.Column("started_at", _TIME, nullable=False),
        sa.Column("beat_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{p}replicas"),
    )
