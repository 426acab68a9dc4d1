"""The ledger of messages."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from punchingfist.adapters.store.database import Database
from punchingfist.adapters.store.writing import upsert
from punchingfist.ports.deliveries import DeliveryRow


class SqlDeliveries:
    """`ports.deliveries.Deliveries` on our tables."""

    def __init__(self, database: Database) -> None:
        self._database, self._table = database, database.tables.deliveries

    async def find(self, key: str) -> DeliveryRow | None:
        query = sa.select(self._table).where(self._table.c.key == key)
        row = await self._database.read(lambda of: of.execute(query).mappings().one_or_none())
        return _delivery(row) if row else None

    async def save(self, row: DeliveryRow) -> None:
        values = asdict(row)
        await self._database.write(lambda to: upsert(to, self._table, values, by=["key"]))

    async def of_incident(self, incident_id: str) -> Sequence[DeliveryRow]:
        columns = self._table.c
        query = (
            sa.select(self._table)
            .where(columns.incident_id == incident_id)
            .order_by(columns.sink, columns.key)
        )
        rows = await self._database.read(lambda of: of.execute(query).mappings().all())
        return [_delivery(row) for row in rows]


def _delivery(row: sa.RowMapping) -> DeliveryRow:
    values: dict[str, Any] = dict(row)
    return DeliveryRow(**values)
