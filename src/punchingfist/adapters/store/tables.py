"""Every table of ours, under whatever prefix the database asks for."""

from typing import Any

import sqlalchemy as sa

from punchingfist.adapters.store.columns import UtcDateTime, document, identifier

SQLITE_PREFIX = "pf_"
"""On SQLite the durable engine's tables are in the same file."""

COUNTERS = ("incident", "alert", "execution")
"""The short identifiers people type are numbered by these."""

_NAMES = {
    "ix": "idx_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Tables:
    """The tables as attributes; the columns of the specification keep their names."""

    def __init__(self, prefix: str = "") -> None:
        self.prefix = prefix
        self.metadata = sa.MetaData(naming_convention=_NAMES)
        self.sources = self._definitions("sources")
        self.workflows = self._definitions("workflows")
        self.sinks = self._definitions("sinks")
        self.incidents = self._incidents()
        self.alerts = self._alerts()
        self.alert_episodes = self._alert_episodes()
        self.alert_relationships = self._alert_relationships()
        self.executions = self._executions()
        self.execution_steps = self._execution_steps()
        self.deliveries = self._deliveries()
        self.timelines = self._timelines()
        self.events = self._events()
        self.artifacts = self._artifacts()
        self.counters = self._counters()
        self.silences = self._silences()
        self.decisions = self._decisions()
        self.replicas = self._replicas()
        self.tokens = self._tokens()
        self.audit = self._audit()
        self.audit_heads = self._audit_heads()

    def _table(self, name: str, *columns: sa.schema.SchemaItem) -> sa.Table:
        return sa.Table(self.prefix + name, self.metadata, *columns)

    def _refers(self, name: str, table: str, **options: Any) -> sa.Column[Any]:
        target = sa.ForeignKey(f"{self.prefix}{table}.id")
        return sa.Column(name, identifier(), target, **options)

    def _definitions(self, name: str) -> sa.Table:
        return self._table(
            name,
            sa.Column("id", identifier(), primary_key=True),
            sa.Column("name", sa.String(255), nullable=False, unique=True),
            sa.Column("definition", document(), nullable=False),
            sa.Column("generation", sa.Integer, nullable=False),
            sa.Column("created_at", UtcDateTime, nullable=False),
            sa.Column("updated_at", UtcDateTime, nullable=False),
        )

    def _incidents(self) -> sa.Table:
        table = self._table(
            "incidents",
            sa.Column("id", identifier(), primary_key=True),
            sa.Column("number", sa.Integer, nullable=False, unique=True),
            sa.Column("title", sa.String(255), nullable=False),
            sa.Column("description", sa.Text),
            sa.Column("status", sa.String(50), nullable=False),
            sa.Column("severity", sa.String(20), nullable=False),
            sa.Column("incident_commander", sa.String(255)),
            sa.Column("source", sa.String(255), nullable=False),
            sa.Column("group_key", sa.Text, nullable=False),
            sa.Column("episode", sa.Integer, nullable=False),
            sa.Column("alerts_count", sa.Integer, nullable=False),
            sa.Column("mttr_seconds", sa.Integer),
            sa.Column("ai_summary", document()),
            sa.Column("root_cause_analysis", sa.Text),
            sa.Column("lessons_learned", sa.Text),
            # No foreign key: an execution refers to its incident, which is written first.
            sa.Column("execution_id", identifier()),
            sa.Column("opened_at", UtcDateTime, nullable=False),
            sa.Column("created_at", UtcDateTime, nullable=False),
            sa.Column("resolved_at", UtcDateTime),
            sa.Column("updated_at", UtcDateTime, nullable=False),
            sa.Index(None, "status"),
            sa.Index(None, "source", "group_key"),
        )
        unresolved = table.c.resolved_at.is_(None)
        sa.Index(
            f"one_open_{table.name}_of_a_group",
            table.c.source,
            table.c.group_key,
            unique=True,
            sqlite_where=unresolved,
            postgresql_where=unresolved,
        )
        return table

    def _alerts(self) -> sa.Table:
        table = self._table(
            "alerts",
            sa.Column("id", identifier(), primary_key=True),
            sa.Column("number", sa.Integer, nullable=False, unique=True),
            sa.Column("external_id", sa.String(255), unique=True),
            sa.Column("fingerprint", sa.String(255)),
            sa.Column("status", sa.String(50), nullable=False),
            sa.Column("severity", sa.String(20), nullable=False),
            sa.Column("alert_name", sa.String(255), nullable=False),
            sa.Column("summary", sa.Text),
            sa.Column("description", sa.Text),
            sa.Column("labels", document()),
            sa.Column("annotations", document()),
            sa.Column("payload", document()),
            sa.Column("generator_url", sa.Text, nullable=False),
            sa.Column("source", sa.String(255), nullable=False),
            sa.Column("group_key", sa.Text, nullable=False),
            self._refers("source_id", "sources"),
            self._refers("workflow_id", "workflows"),
            sa.Column("firing", sa.Boolean, nullable=False),
            sa.Column("episode", sa.Integer, nullable=False),
            sa.Column("occurrences", sa.Integer, nullable=False),
            sa.Column("ai_analysis", document()),
            sa.Column("ai_confidence", sa.Float),
            sa.Column("auto_resolved", sa.Boolean, nullable=False),
            sa.Column("starts_at", UtcDateTime),
            sa.Column("received_at", UtcDateTime, nullable=False),
            sa.Column("last_seen_at", UtcDateTime, nullable=False),
            sa.Column("acknowledged_at", UtcDateTime),
            sa.Column("acknowledged_by", sa.String(255)),
            sa.Column("triage_started_at", UtcDateTime),
            sa.Column("triage_completed_at", UtcDateTime),
            sa.Column("resolved_at", UtcDateTime),
            sa.Column("escalated_at", UtcDateTime),
            sa.Column("escalated_to", sa.String(255)),
            sa.Column("human_actions", document()),
            sa.Column("resolution_notes", sa.Text),
            self._refers("incident_id", "incidents"),
            self._refers("parent_alert_id", "alerts"),
            sa.Column("created_at", UtcDateTime, nullable=False),
            sa.Column("updated_at", UtcDateTime, nullable=False),
            sa.Column("held_by", sa.Text),
            sa.Column("expires_at", UtcDateTime),
            sa.Index(None, "status"),
            sa.Index(None, "severity"),
            sa.Index(None, "fingerprint"),
            sa.Index(None, "received_at"),
            sa.Index(None, "incident_id"),
        )
        for name, column, where in (
            ("firing", "alert_name", table.c.resolved_at.is_(None)),
            ("expiring", "expires_at", table.c.expires_at.is_not(None)),
        ):
            sa.Index(
                f"{name}_{table.name}", table.c[column], sqlite_where=where, postgresql_where=where
            )
        return table

    def _alert_episodes(self) -> sa.Table:
        return self._table(
            "alert_episodes",
            self._refers("alert_id", "alerts", primary_key=True),
            sa.Column("episode", sa.Integer, primary_key=True),
            self._refers("incident_id", "incidents", nullable=False),
            sa.Column("starts_at", UtcDateTime),
            sa.Column("received_at", UtcDateTime, nullable=False),
            sa.Column("acknowledged_at", UtcDateTime),
            sa.Column("acknowledged_by", sa.String(255)),
            sa.Column("triage_started_at", UtcDateTime),
            sa.Column("triage_completed_at", UtcDateTime),
            sa.Column("escalated_at", UtcDateTime),
            sa.Column("resolved_at", UtcDateTime),
            sa.Index(None, "incident_id"),
        )

    def _alert_relationships(self) -> sa.Table:
        return self._table(
            "alert_relationships",
            sa.Column("id", identifier(), primary_key=True),
            self._refers("parent_alert_id", "alerts"),
            self._refers("child_alert_id", "alerts"),
            sa.Column("relationship_type", sa.String(50)),
            sa.Column("confidence", sa.Float),
            sa.Column("created_at", UtcDateTime, nullable=False),
        )

    def _executions(self) -> sa.Table:
        return self._table(
            "executions",
            sa.Column("id", identifier(), primary_key=True),
            sa.Column("number", sa.Integer, nullable=False, unique=True),
            sa.Column("flow_id", sa.Text, unique=True),
            self._refers("incident_id", "incidents"),
            sa.Column("workflow_name", sa.String(255), nullable=False),
            sa.Column("workflow", document(), nullable=False),
            sa.Column("sinks", document(), nullable=False),
            sa.Column("notify_resolved", document(), nullable=False),
            sa.Column("source", sa.String(255), nullable=False),
            sa.Column("event", document(), nullable=False),
            sa.Column("context", document(), nullable=False),
            sa.Column("status", sa.String(50), nullable=False),
            sa.Column("error", sa.Text),
            sa.Column("outputs", document(), nullable=False),
            sa.Column("queued_at", UtcDateTime, nullable=False),
            sa.Column("started_at", UtcDateTime),
            sa.Column("ended_at", UtcDateTime),
            sa.Index(None, "incident_id"),
            sa.Index(None, "status"),
        )

    def _execution_steps(self) -> sa.Table:
        return self._table(
            "execution_steps",
            self._refers("execution_id", "executions", primary_key=True),
            sa.Column("name", sa.String(255), primary_key=True),
            sa.Column("type", sa.String(50), nullable=False),
            sa.Column("status", sa.String(50), nullable=False),
            sa.Column("started_at", UtcDateTime, nullable=False),
            sa.Column("ended_at", UtcDateTime),
            sa.Column("summary", sa.Text, nullable=False),
            sa.Column("error", sa.Text),
            sa.Column("result", document()),
        )

    def _deliveries(self) -> sa.Table:
        return self._table(
            "deliveries",
            sa.Column("key", sa.String(255), primary_key=True),
            self._refers("incident_id", "incidents"),
            self._refers("execution_id", "executions"),
            sa.Column("sink", sa.String(255), nullable=False),
            sa.Column("status", sa.String(50), nullable=False),
            sa.Column("attempts", sa.Integer, nullable=False),
            sa.Column("receipt", document()),
            sa.Column("content", sa.String(64), nullable=False),
            sa.Column("error", sa.Text),
            sa.Column("updated_at", UtcDateTime, nullable=False),
            sa.Index(None, "incident_id"),
        )

    def _timelines(self) -> sa.Table:
        return self._table(
            "timelines",
            sa.Column("subject_id", identifier(), primary_key=True),
            sa.Column("last_seq", sa.Integer, nullable=False),
        )

    def _events(self) -> sa.Table:
        return self._table(
            "events",
            sa.Column("subject_id", identifier(), primary_key=True),
            sa.Column("seq", sa.Integer, primary_key=True),
            sa.Column("key", sa.String(255), nullable=False),
            sa.Column("at", UtcDateTime, nullable=False),
            sa.Column("kind", sa.String(50), nullable=False),
            sa.Column("text", sa.Text, nullable=False),
            sa.Column("detail", document(), nullable=False),
            sa.UniqueConstraint("subject_id", "key"),
        )

    def _artifacts(self) -> sa.Table:
        return self._table(
            "artifacts",
            sa.Column("digest", sa.String(64), primary_key=True),
            sa.Column("text", sa.Text, nullable=False),
            sa.Column("size_bytes", sa.Integer, nullable=False),
            sa.Column("created_at", UtcDateTime, nullable=False),
        )

    def _counters(self) -> sa.Table:
        return self._table(
            "counters",
            sa.Column("name", sa.String(50), primary_key=True),
            sa.Column("value", sa.Integer, nullable=False),
        )

    def _replicas(self) -> sa.Table:
        return self._table(
            "replicas",
            sa.Column("id", sa.String(255), primary_key=True),
            sa.Column("started_at", UtcDateTime, nullable=False),
            sa.Column("beat_at", UtcDateTime, nullable=False),
        )

    def _tokens(self) -> sa.Table:
        table = self._table(
            "tokens",
            sa.Column("id", identifier(), primary_key=True),
            sa.Column("kind", sa.String(20), nullable=False),
            sa.Column("name", sa.String(255), nullable=False),
            sa.Column("role", sa.String(20), nullable=False),
            sa.Column("teams", document(), nullable=False),
            sa.Column("prefix", sa.String(20), nullable=False),
            sa.Column("digest", sa.String(64), nullable=False, unique=True),
            sa.Column("created_at", UtcDateTime, nullable=False),
            sa.Column("created_by", sa.String(255), nullable=False),
            sa.Column("expires_at", UtcDateTime),
            self._refers("parent", "tokens"),
            sa.Column("revoked_at", UtcDateTime),
            sa.Column("last_used_at", UtcDateTime),
            sa.Index(None, "prefix"),
        )
        named = sa.and_(table.c.kind == "token", table.c.revoked_at.is_(None))
        sa.Index(
            f"one_live_{table.name}_of_a_name",
            table.c.name,
            unique=True,
            sqlite_where=named,
            postgresql_where=named,
        )
        return table

    def _audit(self) -> sa.Table:
        return self._table(
            "audit",
            sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
            sa.Column("at", UtcDateTime, nullable=False),
            sa.Column("who", sa.String(255), nullable=False),
            sa.Column("role", sa.String(20), nullable=False),
            sa.Column("how", sa.String(20), nullable=False),
            sa.Column("what", sa.String(255), nullable=False),
            sa.Column("object", sa.String(255), nullable=False),
            sa.Column("before", sa.Text),
            sa.Column("after", sa.Text),
            sa.Column("address", sa.String(255), nullable=False),
            sa.Column("request_id", sa.String(255), nullable=False),
            sa.Column("previous", sa.String(64), nullable=False),
            sa.Column("digest", sa.String(64), nullable=False),
            sa.Index(None, "at"),
        )

    def _audit_heads(self) -> sa.Table:
        return self._table(
            "audit_heads",
            sa.Column("name", sa.String(50), primary_key=True),
            sa.Column("seq", sa.Integer, nullable=False),
            sa.Column("digest", sa.String(64)),
        )

    def _silences(self) -> sa.Table:
        return self._table(
            "silences",
            sa.Column("id", identifier(), primary_key=True),
            sa.Column("matchers", document(), nullable=False),
            sa.Column("starts_at", UtcDateTime, nullable=False),
            sa.Column("ends_at", UtcDateTime, nullable=False),
            sa.Column("updated_at", UtcDateTime, nullable=False),
            sa.Column("created_by", sa.Text, nullable=False),
            sa.Column("comment", sa.Text, nullable=False),
            sa.Column("annotations", document(), nullable=False),
            sa.Column("time_intervals", document(), nullable=False),
            sa.Column("ends_when_resolved", sa.Boolean, nullable=False),
            sa.Index(None, "ends_at"),
        )

    def _decisions(self) -> sa.Table:
        return self._table(
            "decisions",
            sa.Column("id", identifier(), primary_key=True),
            self._refers("alert_id", "alerts", nullable=False),
            sa.Column("episode", sa.Integer, nullable=False),
            sa.Column("at", UtcDateTime, nullable=False),
            sa.Column("outcome", sa.String(50), nullable=False),
            sa.Column("by", sa.Text, nullable=False),
            sa.Column("text", sa.Text, nullable=False),
            sa.Column("detail", document(), nullable=False),
            sa.Index(None, "alert_id"),
        )
