"""Silences and decisions, kept and read."""

from collections.abc import Callable, Sequence
from datetime import datetime

import sqlalchemy as sa

from punchingfist.adapters.store.database import Database
from punchingfist.adapters.store.silence_rows import read_silences, write_silences
from punchingfist.domain.decisions import Decision, DecisionRow, Outcome
from punchingfist.domain.silences.editing import Edit
from punchingfist.domain.silences.silence import Silence
from punchingfist.errors import NotFound


class SqlSilences:
    """`ports.silences.Silences` on our tables."""

    def __init__(self, database: Database) -> None:
        self._database, self._tables = database, database.tables

    async def get(self, silence_id: str) -> Silence:
        found = await self._database.read(lambda of: self._find(of, silence_id))
        if found is None:
            raise NotFound("silence not found")
        return found

    async def find(self, *, ended_after: datetime) -> Sequence[Silence]:
        is_new = self._tables.silences.c.ends_at > ended_after
        return await self._database.read(lambda of: read_silences(of, self._tables, is_new))

    async def change(self, silence_id: str | None, plan: Callable[[Silence | None], Edit]) -> str:
        def write(to: sa.Connection) -> str:
            known = self._find(to, silence_id, lock=True) if silence_id else None
            if silence_id and known is None:
                raise NotFound("silence not found")
            edit = plan(known)
            write_silences(to, self._tables, edit.written)
            return edit.id

        return await self._database.write(write)

    def _find(
        self, connection: sa.Connection, silence_id: str, *, lock: bool = False
    ) -> Silence | None:
        is_it = self._tables.silences.c.id == silence_id
        return next(iter(read_silences(connection, self._tables, is_it, lock=lock)), None)


class SqlDecisions:
    """`ports.decisions.Decisions` on our tables."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of_alerts(self, alert_ids: Sequence[str]) -> Sequence[DecisionRow]:
        table = self._database.tables.decisions
        query = sa.select(table).where(table.c.alert_id.in_(alert_ids)).order_by(table.c.id)
        rows = await self._database.read(lambda of: of.execute(query).all())
        return [
            DecisionRow(
                row.alert_id,
                row.episode,
                row.at,
                Decision(Outcome(row.outcome), row.by, row.text, row.detail),
            )
            for row in rows
        ]
