"""Executions without an incident: their row and their start in one commit."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from punchingfist.adapters.store.database import Database
from punchingfist.adapters.store.names import EXECUTION, draw_number, short_id
from punchingfist.adapters.store.timeline import Entry, append_entries
from punchingfist.adapters.store.writing import insert_rows
from punchingfist.domain.storable import storable_object, storable_text
from punchingfist.domain.timeline import Happening, Kind
from punchingfist.ports.durable import EXECUTION_FLOW, Start
from punchingfist.ports.ids import Ids
from punchingfist.ports.starts import Begun, Wanted


class SqlStarts:
    """`ports.starts.Starts` on our tables."""

    def __init__(self, database: Database, ids: Ids) -> None:
        self._database, self._ids = database, ids

    async def start(
        self, wanted: Wanted, *, at: datetime, enqueue: Callable[[Any, Start], None]
    ) -> Begun:
        def commit(connection: sa.Connection) -> Begun:
            begun = self._write(connection, wanted, at)
            if begun.is_new:
                payload = {"execution_id": begun.execution_id, "incident_id": None}
                enqueue(connection, Start(storable_text(wanted.flow_id), EXECUTION_FLOW, payload))
            return begun

        return await self._database.write(commit)

    def _write(self, connection: sa.Connection, wanted: Wanted, at: datetime) -> Begun:
        tables = self._database.tables
        flow_id = storable_text(wanted.flow_id)
        known = self._find(connection, flow_id)
        if known is not None:
            return known
        execution_id = self._ids.new()
        # The counter's row stays locked to the end: of two who want one flow, one waits here.
        number = draw_number(connection, tables, "execution")
        known = self._find(connection, flow_id)
        if known is not None:
            return known
        row = {
            "id": execution_id,
            "number": number,
            "flow_id": flow_id,
            "incident_id": None,
            "workflow_name": wanted.trigger.workflow_name,
            "workflow": wanted.trigger.workflow,
            "sinks": wanted.trigger.sinks,
            "notify_resolved": (),
            "source": wanted.source,
            "event": storable_object(wanted.event),
            "context": wanted.trigger.context,
            "status": "queued",
            "outputs": {},
            "queued_at": at,
        }
        insert_rows(connection, tables.executions, [row])
        name = short_id(EXECUTION, number)
        workflow = wanted.trigger.workflow_name
        queued = Happening(
            Kind.EXECUTION_QUEUED,
            f"{name} queued: workflow {workflow}",
            key=f"execution/{execution_id}/queued",
            detail={"execution": name, "workflow": workflow, "source": wanted.source},
        )
        append_entries(connection, tables, [Entry(execution_id, queued)], at=at)
        return Begun(execution_id, name, is_new=True)

    def _find(self, connection: sa.Connection, flow_id: str) -> Begun | None:
        executions = self._database.tables.executions.c
        query = sa.select(executions.id, executions.number).where(executions.flow_id == flow_id)
        row = connection.execute(query).one_or_none()
        return Begun(row.id, short_id(EXECUTION, row.number), is_new=False) if row else None
