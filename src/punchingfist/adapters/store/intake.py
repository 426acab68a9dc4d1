"""One commit for a batch of alerts: their rows, their incidents and what they start."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from punchingfist.adapters.store.database import Database
from punchingfist.adapters.store.followers import Followers
from punchingfist.adapters.store.intake_known import ALERT_TOUCHED, INCIDENT_TOUCHED, read_known
from punchingfist.adapters.store.intake_muting import end_silences, read_muting
from punchingfist.adapters.store.intake_plan import OF_EPISODE, Plan
from punchingfist.adapters.store.timeline import append_entries
from punchingfist.adapters.store.trouble import is_refused_row
from punchingfist.adapters.store.writing import insert_rows, update_rows
from punchingfist.domain.alerts import Alert, Change
from punchingfist.domain.storable import storable_alert
from punchingfist.errors import InvalidInput
from punchingfist.ports.durable import Start
from punchingfist.ports.ids import Ids
from punchingfist.ports.intake import Arrival, Taken


@dataclass(slots=True)
class _Done:
    """What was written: an outcome for each arrival, what to start, whose timeline grew."""

    taken: list[Taken] = field(default_factory=list)
    starts: list[Start] = field(default_factory=list)
    subjects: set[str] = field(default_factory=set)

    def __add__(self, other: "_Done") -> "_Done":
        return _Done(
            self.taken + other.taken, self.starts + other.starts, self.subjects | other.subjects
        )


class SqlIntake:
    """`ports.intake.Intake` on our tables."""

    def __init__(self, database: Database, followers: Followers, ids: Ids) -> None:
        self._database, self._followers, self._ids = database, followers, ids

    async def take_in(
        self, batch: Sequence[Arrival], *, at: datetime, enqueue: Callable[[Any, Start], None]
    ) -> list[Taken]:
        def commit(connection: sa.Connection) -> _Done:
            done = self._write_or_split(connection, batch, at)
            for start in done.starts:
                enqueue(connection, start)
            return done

        if not batch:
            return []
        done = await self._database.write(commit)
        self._followers.wake(done.subjects)
        return done.taken

    def _write_or_split(
        self, connection: sa.Connection, batch: Sequence[Arrival], at: datetime
    ) -> _Done:
        """Write *batch*; when a row is refused, halve it until that row stands alone."""
        try:
            with connection.begin_nested():
                return self._write(connection, batch, at)
        except Exception as trouble:
            if not (isinstance(trouble, InvalidInput) or is_refused_row(trouble)):
                raise
            if len(batch) == 1:
                return _Done([_refuse(batch[0].alert, trouble)])
        half = len(batch) // 2
        first = self._write_or_split(connection, batch[:half], at)
        return first + self._write_or_split(connection, batch[half:], at)

    def _write(self, connection: sa.Connection, batch: Sequence[Arrival], at: datetime) -> _Done:
        tables = self._database.tables
        clean = [replace(one, alert=storable_alert(one.alert)) for one in batch]
        known = read_known(connection, tables, clean)
        plan = Plan(known, read_muting(connection, tables, clean, known, at), self._ids, at)
        for arrival in clean:
            plan.take(arrival)
        plan.incidents.finish()
        self._write_incidents(connection, plan)
        self._write_alerts(connection, plan)
        insert_rows(connection, tables.executions, plan.incidents.execution_rows())
        insert_rows(connection, tables.decisions, plan.decisions)
        end_silences(connection, tables, plan.muting, plan.resolved, at)
        append_entries(connection, tables, plan.incidents.entries, at=at)
        counters = [
            {"name": name, "value": plan.known.counters[name]} for name in plan.known.counters
        ]
        update_rows(connection, tables.counters, counters, columns=["value"], by=["name"])
        subjects = {entry.subject_id for entry in plan.incidents.entries}
        return _Done(plan.taken, plan.incidents.starts, subjects)

    def _write_incidents(self, connection: sa.Connection, plan: Plan) -> None:
        table, incidents = self._database.tables.incidents, plan.incidents
        insert_rows(connection, table, list(incidents.added.values()))
        touched = list(incidents.touched.values())
        update_rows(connection, table, touched, columns=INCIDENT_TOUCHED)
        # The last report is about the trouble that ended; it stays with its execution.
        forgotten = [
            {"id": one, "ai_summary": None, "root_cause_analysis": None}
            for one in incidents.reopened & incidents.touched.keys()
        ]
        columns = ["ai_summary", "root_cause_analysis"]
        update_rows(connection, table, forgotten, columns=columns)

    def _write_alerts(self, connection: sa.Connection, plan: Plan) -> None:
        tables = self._database.tables
        insert_rows(connection, tables.alerts, list(plan.added.values()))
        update_rows(connection, tables.alerts, list(plan.touched.values()), columns=ALERT_TOUCHED)
        update_rows(connection, tables.alerts, list(plan.reopened.values()), columns=OF_EPISODE)
        insert_rows(connection, tables.alert_episodes, list(plan.episodes.values()))
        update_rows(
            connection,
            tables.alert_episodes,
            plan.ended,
            columns=["resolved_at"],
            by=["alert_id", "episode"],
        )


def _refuse(alert: Alert, trouble: Exception) -> Taken:
    why = getattr(trouble, "orig", None) or trouble
    refused = InvalidInput(f"alert {alert.fingerprint!r} cannot be stored: {why}")
    return Taken(alert.fingerprint, Change.NOTHING, "", None, None, None, refused)
