"""The audit trail: written, read, checked and pruned."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from punchingfist.adapters.store.chain import CHAIN, append_deed
from punchingfist.adapters.store.database import Database
from punchingfist.domain.audit import AuditRow, ChainCheck, Deed, Head, checkpoint
from punchingfist.domain.identity import Caller
from punchingfist.ports.audit import Verified

_PIECE = 1000


class SqlAudit:
    """`ports.audit.Audit` on our tables."""

    def __init__(self, database: Database) -> None:
        self._database, self._table = database, database.tables.audit

    async def append(self, deed: Deed) -> AuditRow:
        tables = self._database.tables
        return await self._database.write_unaudited(lambda to: append_deed(to, tables, deed))

    async def newest(self, *, limit: int = 50, before: int | None = None) -> Sequence[AuditRow]:
        seq = self._table.c.seq
        query = sa.select(self._table).order_by(seq.desc()).limit(limit)
        if before is not None:
            query = query.where(seq < before)
        rows = await self._database.read(lambda of: of.execute(query).mappings().all())
        return [_row(row) for row in rows]

    async def verify(self) -> Verified:
        return await self._database.read(self._verify)

    def _verify(self, connection: sa.Connection) -> Verified:
        heads = self._database.tables.audit_heads
        stored = connection.execute(sa.select(heads).where(heads.c.name == CHAIN)).one_or_none()
        head = Head(stored.seq, stored.digest or "") if stored else Head()
        check, last = ChainCheck(), -1
        seq = self._table.c.seq
        while True:
            query = sa.select(self._table).where(seq > last).order_by(seq).limit(_PIECE)
            rows = [_row(row) for row in connection.execute(query).mappings()]
            if not rows:
                return Verified(check.rows, head, check.finish(head))
            check.take(rows)
            last = rows[-1].seq

    async def prune(self, *, before: datetime, caller: Caller, at: datetime) -> int:
        return await self._database.write_unaudited(lambda to: self._prune(to, before, caller, at))

    def _prune(
        self, connection: sa.Connection, before: datetime, caller: Caller, at: datetime
    ) -> int:
        columns = self._table.c
        kept = sa.select(sa.func.min(columns.seq)).where(columns.at >= before).scalar_subquery()
        # Only what no younger row stands before: a clock that went back leaves no hole.
        old = sa.or_(kept.is_(None), columns.seq < kept)
        query = sa.select(self._table).where(old).order_by(columns.seq.desc()).limit(1)
        last = connection.execute(query).mappings().one_or_none()
        if last is None:
            return 0
        append_deed(connection, self._database.tables, checkpoint(caller, _row(last), at=at))
        gone = connection.execute(sa.delete(self._table).where(columns.seq <= last["seq"]))
        return gone.rowcount


def _row(row: sa.RowMapping) -> AuditRow:
    values: dict[str, Any] = dict(row)
    return AuditRow(**values)
