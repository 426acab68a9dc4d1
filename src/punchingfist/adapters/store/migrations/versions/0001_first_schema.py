"""
The first schema: definitions, incidents, alerts, executions, deliveries and the timeline.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None

p: str = context.config.attributes["tables"].prefix

_ID = sa.String(36).with_variant(postgresql.UUID(as_uuid=False), "postgresql")
_DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    _definitions()
    _incidents()
    _alerts()
    _executions()
    _timeline()


def _definitions() -> None:
    for name in ("sources", "workflows", "sinks"):
        op.create_table(
            f"{p}{name}",
            sa.Column("id", _ID, nullable=False),
            sa.Column("name", sa.String(length=255), nullable=False),
            sa.Column("definition", _DOCUMENT, nullable=False),
            sa.Column("generation", sa.Integer(), nullable=False),
            sa.Column("created_at", _TIME, nullable=False),
            sa.Column("updated_at", _TIME, nullable=False),
            sa.PrimaryKeyConstraint("id", name=f"pk_{p}{name}"),
            sa.UniqueConstraint("name", name=f"uq_{p}{name}_name"),
        )


def _incidents() -> None:
    op.create_table(
        f"{p}incidents",
        sa.Column("id", _ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("description", sa.Text()),
        sa.Column("status", sa.String(length=50), nullable=False),
        sa.Column("severity", sa.String(length=20), nullable=False),
        sa.Column("incident_commander", sa.String(length=255)),
        sa.Column("source", sa.String(length=255), nullable=False),
        sa.Column("group_key", sa.Text(), nullable=False),
        sa.Column("episode", sa.Integer(), nullable=False),
        sa.Column("alerts_count", sa.Integer(), nullable=False),
        sa.Column("mttr_seconds", sa.Integer()),
        sa.Column("ai_summary", _DOCUMENT),
        sa.Column("root_cause_analysis", sa.Text()),
        sa.Column("lessons_learned", sa.Text()),
        sa.Column("execution_id", _ID),
        sa.Column("opened_at", _TIME, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("resolved_at", _TIME),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{p}incidents"),
        sa.UniqueConstraint("number", name=f"uq_{p}incidents_number"),
    )
    op.create_index(f"idx_{p}incidents_source_group_key", f"{p}incidents", ["source", "group_key"])
    op.create_index(f"idx_{p}incidents_status", f"{p}incidents", ["status"])
    op.create_index(
        f"one_open_{p}incidents_of_a_group",
        f"{p}incidents",
        ["source", "group_key"],
        unique=True,
        sqlite_where=sa.text("resolved_at IS NULL"),
        postgresql_where=sa.text("resolved_at IS NULL"),
    )


def _alerts() -> None:
    op.create_table(
        f"{p}alerts",
        sa.Column("id", _ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("external_id", sa.String(length=255)),
        sa.Column("fingerprint", sa.String(length=255)),
        sa.Column("status", sa.String(length=50), nullable=False),
        sa.Column("severity", sa.String(length=20), nullable=False),
        sa.Column("alert_name", sa.String(length=255), nullable=False),
        sa.Column("summary", sa.Text()),
        sa.Column("description", sa.Text()),
        sa.Column("labels", _DOCUMENT),
        sa.Column("annotations", _DOCUMENT),
        sa.Column("payload", _DOCUMENT),
        sa.Column("generator_url", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=255), nullable=False),
        sa.Column("group_key", sa.Text(), nullable=False),
        sa.Column("source_id", _ID),
        sa.Column("workflow_id", _ID),
        sa.Column("firing", sa.Boolean(), nullable=False),
        sa.Column("episode", sa.Integer(), nullable=False),
        sa.Column("occurrences", sa.Integer(), nullable=False),
        sa.Column("ai_analysis", _DOCUMENT),
        sa.Column("ai_confidence", sa.Float()),
        sa.Column("auto_resolved", sa.Boolean(), nullable=False),
        sa.Column("starts_at", _TIME),
        sa.Column("received_at", _TIME, nullable=False),
        sa.Column("last_seen_at", _TIME, nullable=False),
        sa.Column("acknowledged_at", _TIME),
        sa.Column("acknowledged_by", sa.String(length=255)),
        sa.Column("triage_started_at", _TIME),
        sa.Column("triage_completed_at", _TIME),
        sa.Column("resolved_at", _TIME),
        sa.Column("escalated_at", _TIME),
        sa.Column("escalated_to", sa.String(length=255)),
        sa.Column("human_actions", _DOCUMENT),
        sa.Column("resolution_notes", sa.Text()),
        sa.Column("incident_id", _ID),
        sa.Column("parent_alert_id", _ID),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"], [f"{p}incidents.id"], name=f"fk_{p}alerts_incident_id"
        ),
        sa.ForeignKeyConstraint(
            ["parent_alert_id"], [f"{p}alerts.id"], name=f"fk_{p}alerts_parent_alert_id"
        ),
        sa.ForeignKeyConstraint(["source_id"], [f"{p}sources.id"], name=f"fk_{p}alerts_source_id"),
        sa.ForeignKeyConstraint(
            ["workflow_id"], [f"{p}workflows.id"], name=f"fk_{p}alerts_workflow_id"
        ),
        sa.PrimaryKeyConstraint("id", name=f"pk_{p}alerts"),
        sa.UniqueConstraint("external_id", name=f"uq_{p}alerts_external_id"),
        sa.UniqueConstraint("number", name=f"uq_{p}alerts_number"),
    )
    op.create_index(f"idx_{p}alerts_fingerprint", f"{p}alerts", ["fingerprint"])
    op.create_index(f"idx_{p}alerts_incident_id", f"{p}alerts", ["incident_id"])
    op.create_index(f"idx_{p}alerts_received_at", f"{p}alerts", ["received_at"])
    op.create_index(f"idx_{p}alerts_severity", f"{p}alerts", ["severity"])
    op.create_index(f"idx_{p}alerts_status", f"{p}alerts", ["status"])
    op.create_table(
        f"{p}alert_episodes",
        sa.Column("alert_id", _ID, nullable=False),
        sa.Column("episode", sa.Integer(), nullable=False),
        sa.Column("incident_id", _ID, nullable=False),
        sa.Column("starts_at", _TIME),
        sa.Column("received_at", _TIME, nullable=False),
        sa.Column("acknowledged_at", _TIME),
        sa.Column("acknowledged_by", sa.String(length=255)),
        sa.Column("triage_started_at", _TIME),
        sa.Column("triage_completed_at", _TIME),
        sa.Column("escalated_at", _TIME),
        sa.Column("resolved_at", _TIME),
        sa.ForeignKeyConstraint(
            ["alert_id"], [f"{p}alerts.id"], name=f"fk_{p}alert_episodes_alert_id"
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"], [f"{p}incidents.id"], name=f"fk_{p}alert_episodes_incident_id"
        ),
        sa.PrimaryKeyConstraint("alert_id", "episode", name=f"pk_{p}alert_episodes"),
    )
    op.create_index(f"idx_{p}alert_episodes_incident_id", f"{p}alert_episodes", ["incident_id"])
    op.create_table(
        f"{p}alert_relationships",
        sa.Column("id", _ID, nullable=False),
        sa.Column("parent_alert_id", _ID),
        sa.Column("child_alert_id", _ID),
        sa.Column("relationship_type", sa.String(length=50)),
        sa.Column("confidence", sa.Float()),
        sa.Column("created_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["child_alert_id"], [f"{p}alerts.id"], name=f"fk_{p}alert_relationships_child_alert_id"
        ),
        sa.ForeignKeyConstraint(
            ["parent_alert_id"],
            [f"{p}alerts.id"],
            name=f"fk_{p}alert_relationships_parent_alert_id",
        ),
        sa.PrimaryKeyConstraint("id", name=f"pk_{p}alert_relationships"),
    )


def _executions() -> None:
    op.create_table(
        f"{p}executions",
        sa.Column("id", _ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("flow_id", sa.Text()),
        sa.Column("incident_id", _ID),
        sa.Column("workflow_name", sa.String(length=255), nullable=False),
        sa.Column("workflow", _DOCUMENT, nullable=False),
        sa.Column("sinks", _DOCUMENT, nullable=False),
        sa.Column("notify_resolved", _DOCUMENT, nullable=False),
        sa.Column("source", sa.String(length=255), nullable=False),
        sa.Column("event", _DOCUMENT, nullable=False),
        sa.Column("context", _DOCUMENT, nullable=False),
        sa.Column("status", sa.String(length=50), nullable=False),
        sa.Column("error", sa.Text()),
        sa.Column("outputs", _DOCUMENT, nullable=False),
        sa.Column("queued_at", _TIME, nullable=False),
        sa.Column("started_at", _TIME),
        sa.Column("ended_at", _TIME),
        sa.ForeignKeyConstraint(
            ["incident_id"], [f"{p}incidents.id"], name=f"fk_{p}executions_incident_id"
        ),
        sa.PrimaryKeyConstraint("id", name=f"pk_{p}executions"),
        sa.UniqueConstraint("flow_id", name=f"uq_{p}executions_flow_id"),
        sa.UniqueConstraint("number", name=f"uq_{p}executions_number"),
    )
    op.create_index(f"idx_{p}executions_incident_id", f"{p}executions", ["incident_id"])
    op.create_index(f"idx_{p}executions_status", f"{p}executions", ["status"])
    op.create_table(
        f"{p}execution_steps",
        sa.Column("execution_id", _ID, nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("type", sa.String(length=50), nullable=False),
        sa.Column("status", sa.String(length=50), nullable=False),
        sa.Column("started_at", _TIME, nullable=False),
        sa.Column("ended_at", _TIME),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("error", sa.Text()),
        sa.Column("result", _DOCUMENT),
        sa.ForeignKeyConstraint(
            ["execution_id"], [f"{p}executions.id"], name=f"fk_{p}execution_steps_execution_id"
        ),
        sa.PrimaryKeyConstraint("execution_id", "name", name=f"pk_{p}execution_steps"),
    )
    op.create_table(
        f"{p}deliveries",
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("incident_id", _ID),
        sa.Column("execution_id", _ID),
        sa.Column("sink", sa.String(length=255), nullable=False),
        sa.Column("status", sa.String(length=50), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("receipt", _DOCUMENT),
        sa.Column("content", sa.String(length=64), nullable=False),
        sa.Column("error", sa.Text()),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["execution_id"], [f"{p}executions.id"], name=f"fk_{p}deliveries_execution_id"
        ),
        sa.ForeignKeyConstraint(
            ["incident_id"], [f"{p}incidents.id"], name=f"fk_{p}deliveries_incident_id"
        ),
        sa.PrimaryKeyConstraint("key", name=f"pk_{p}deliveries"),
    )
    op.create_index(f"idx_{p}deliveries_incident_id", f"{p}deliveries", ["incident_id"])


def _timeline() -> None:
    op.create_table(
        f"{p}timelines",
        sa.Column("subject_id", _ID, nullable=False),
        sa.Column("last_seq", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("subject_id", name=f"pk_{p}timelines"),
    )
    op.create_table(
        f"{p}events",
        sa.Column("subject_id", _ID, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("kind", sa.String(length=50), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("detail", _DOCUMENT, nullable=False),
        sa.PrimaryKeyConstraint("subject_id", "seq", name=f"pk_{p}events"),
        sa.UniqueConstraint("subject_id", "key", name=f"uq_{p}events_subject_id_key"),
    )
    op.create_table(
        f"{p}artifacts",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("digest", name=f"pk_{p}artifacts"),
    )
    op.create_table(
        f"{p}counters",
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=f"pk_{p}counters"),
    )
    counters = sa.table(f"{p}counters", sa.column("name"), sa.column("value"))
    names = ("incident", "alert", "execution")
    op.bulk_insert(counters, [{"name": name, "value": 0} for name in names])
