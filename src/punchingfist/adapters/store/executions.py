"""The record of executions and what it says about their incidents and alerts."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from punchingfist.adapters.store.database import Database
from punchingfist.adapters.store.names import EXECUTION, draw_number, is_named, short_id
from punchingfist.adapters.store.tables import Tables
from punchingfist.adapters.store.writing import insert_once, upsert
from punchingfist.domain.alerts import AlertStatus
from punchingfist.domain.incidents import IncidentStatus
from punchingfist.domain.json import JsonObject
from punchingfist.errors import NotFound
from punchingfist.ports.executions import ExecutionRow, StepRow


class SqlExecutions:
    """`ports.executions.Executions` on our tables."""

    def __init__(self, database: Database) -> None:
        self._database, self._tables = database, database.tables

    async def get(self, execution_id: str) -> ExecutionRow:
        return await self._database.read(lambda of: _get(of, self._tables, execution_id))

    async def of_incident(self, incident_id: str) -> Sequence[ExecutionRow]:
        executions = self._tables.executions.c
        found = executions.incident_id == incident_id
        return await self._database.read(lambda of: _read(of, self._tables, found))

    async def add(self, row: ExecutionRow) -> None:
        await self._database.write(lambda to: _add(to, self._tables, row))

    async def begin(self, execution_id: str, *, at: datetime) -> ExecutionRow:
        return await self._database.write(lambda to: _begin(to, self._tables, execution_id, at))

    async def save_step(self, execution_id: str, step: StepRow) -> None:
        table = self._tables.execution_steps
        row = asdict(step) | {"execution_id": execution_id}
        by = ["execution_id", "name"]
        await self._database.write(lambda to: upsert(to, table, row, by=by))

    async def finish(
        self,
        execution_id: str,
        *,
        status: str,
        error: str | None,
        outputs: JsonObject,
        at: datetime,
    ) -> None:
        ended = {"status": status, "error": error, "outputs": outputs, "ended_at": at}
        await self._database.write(lambda to: _finish(to, self._tables, execution_id, ended))

    async def save_report(self, execution_id: str, report: JsonObject) -> None:
        await self._database.write(lambda to: _save_report(to, self._tables, execution_id, report))


def _read(
    connection: sa.Connection, tables: Tables, where: sa.ColumnElement[bool]
) -> list[ExecutionRow]:
    table, steps = tables.executions, tables.execution_steps
    rows = connection.execute(sa.select(table).where(where).order_by(table.c.number)).all()
    theirs = steps.c.execution_id.in_([row.id for row in rows])
    query = sa.select(steps).where(theirs).order_by(steps.c.started_at, steps.c.name)
    by_execution: dict[str, list[StepRow]] = {row.id: [] for row in rows}
    for row in connection.execute(query).mappings():
        fields: dict[str, Any] = dict(row)
        by_execution[fields.pop("execution_id")].append(StepRow(**fields))
    return [_execution(row, by_execution[row.id]) for row in rows]


def _execution(row: sa.Row[*tuple[Any, ...]], steps: Iterable[StepRow]) -> ExecutionRow:
    return ExecutionRow(
        id=row.id,
        short_id=short_id(EXECUTION, row.number),
        incident_id=row.incident_id,
        workflow_name=row.workflow_name,
        workflow=row.workflow,
        sinks=tuple(row.sinks),
        source=row.source,
        event=row.event,
        context=row.context,
        status=row.status,
        queued_at=row.queued_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        error=row.error,
        outputs=row.outputs,
        steps=tuple(steps),
    )


def _get(connection: sa.Connection, tables: Tables, execution_id: str) -> ExecutionRow:
    found = _read(connection, tables, is_named(tables.executions, EXECUTION, execution_id))
    if not found:
        raise NotFound(f"execution {execution_id!r} is not known")
    return found[0]


def _add(connection: sa.Connection, tables: Tables, row: ExecutionRow) -> None:
    known = connection.scalar(sa.select(tables.executions.c.id).filter_by(id=row.id))
    if known:
        return
    values = asdict(row) | {
        "number": draw_number(connection, tables, "execution"),
        "notify_resolved": (),
    }
    del values["short_id"], values["steps"]
    insert_once(connection, tables.executions, values)


def _get_locked(connection: sa.Connection, tables: Tables, execution_id: str) -> ExecutionRow:
    """Return the execution, after locking it and then its incident: see `read_known`."""
    executions, incidents = tables.executions, tables.incidents
    found = is_named(executions, EXECUTION, execution_id)
    query = sa.select(executions.c.incident_id).where(found).with_for_update(key_share=True)
    its = incidents.c.id == connection.scalar(query)
    connection.execute(sa.select(incidents.c.id).where(its).with_for_update(key_share=True))
    return _get(connection, tables, execution_id)


def _begin(
    connection: sa.Connection, tables: Tables, execution_id: str, at: datetime
) -> ExecutionRow:
    execution = _get_locked(connection, tables, execution_id)
    if execution.started_at is None:
        _change(connection, tables, execution, {"status": "running", "started_at": at})
        if execution.incident_id is not None:
            _begin_triage(connection, tables, execution, at)
    return _get(connection, tables, execution.id)


def _begin_triage(
    connection: sa.Connection, tables: Tables, execution: ExecutionRow, at: datetime
) -> None:
    incidents = tables.incidents
    investigating = {"status": IncidentStatus.INVESTIGATING.value, "updated_at": at}
    connection.execute(
        sa.update(incidents)
        .where(incidents.c.id == execution.incident_id)
        .where(incidents.c.status == IncidentStatus.OPEN.value)
        .values(investigating)
    )
    _mark_triage(connection, tables, execution, {"triage_started_at": at})
    alerts = tables.alerts
    connection.execute(
        sa.update(alerts)
        .where(alerts.c.incident_id == execution.incident_id)
        .where(alerts.c.status == AlertStatus.RECEIVED.value)
        .values(status=AlertStatus.TRIAGING.value, updated_at=at)
    )


def _finish(
    connection: sa.Connection, tables: Tables, execution_id: str, ended: dict[str, Any]
) -> None:
    execution = _get_locked(connection, tables, execution_id)
    if execution.ended_at is None:
        _change(connection, tables, execution, ended)
        if execution.incident_id is not None:
            triaged = {"triage_completed_at": ended["ended_at"]}
            _mark_triage(connection, tables, execution, triaged)
            incidents = tables.incidents
            connection.execute(
                sa.update(incidents)
                .where(incidents.c.id == execution.incident_id)
                .where(incidents.c.execution_id == execution.id)
                .where(incidents.c.status == IncidentStatus.INVESTIGATING.value)
                .values(status=IncidentStatus.OPEN.value, updated_at=ended["ended_at"])
            )


def _save_report(
    connection: sa.Connection, tables: Tables, execution_id: str, report: JsonObject
) -> None:
    execution = _get_locked(connection, tables, execution_id)
    incidents, alerts = tables.incidents, tables.alerts
    is_newest = incidents.c.execution_id == execution.id
    changed = connection.execute(
        sa.update(incidents)
        .where(incidents.c.id == execution.incident_id, is_newest)
        .values(ai_summary=report, root_cause_analysis=report["root_cause"])
    )
    if changed.rowcount:
        connection.execute(
            sa.update(alerts)
            .where(alerts.c.incident_id == execution.incident_id)
            .values(ai_analysis=report, ai_confidence=report["confidence"])
        )


def _change(
    connection: sa.Connection, tables: Tables, execution: ExecutionRow, values: dict[str, Any]
) -> None:
    table = tables.executions
    connection.execute(sa.update(table).where(table.c.id == execution.id).values(values))


def _mark_triage(
    connection: sa.Connection, tables: Tables, execution: ExecutionRow, values: dict[str, Any]
) -> None:
    """Set the triage times of the incident's alerts, and of their present episodes."""
    alerts, episodes = tables.alerts, tables.alert_episodes
    theirs = alerts.c.incident_id == execution.incident_id
    connection.execute(sa.update(alerts).where(theirs).values(values))
    present = sa.select(alerts.c.id, alerts.c.episode).where(theirs)
    connection.execute(
        sa.update(episodes)
        .where(sa.tuple_(episodes.c.alert_id, episodes.c.episode).in_(present))
        .values(values)
    )
