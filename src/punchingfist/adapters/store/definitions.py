"""What people defined: sources, workflows and sinks, each with a generation that counts edits."""

from collections.abc import Mapping
from enum import StrEnum

import sqlalchemy as sa

from punchingfist.adapters.store.database import Database
from punchingfist.adapters.store.turns import take_turn
from punchingfist.adapters.store.writing import Row, insert_rows, update_rows
from punchingfist.domain.json import JsonObject
from punchingfist.ports.clock import Clock
from punchingfist.ports.ids import Ids


class DefinitionKind(StrEnum):
    """The three kinds, by the names of their tables."""

    SOURCE = "sources"
    WORKFLOW = "workflows"
    SINK = "sinks"


class SqlDefinitions:
    """Keeps the newest definition of each name, so that alerts can refer to it."""

    def __init__(self, database: Database, clock: Clock, ids: Ids) -> None:
        self._database, self._clock, self._ids = database, clock, ids

    async def keep(
        self, kind: DefinitionKind, definitions: Mapping[str, JsonObject]
    ) -> dict[str, int]:
        """Write *definitions* by name; return their generations, raised where something changed."""
        return await self._database.write(lambda to: self._keep(to, kind, definitions))

    def _keep(
        self, connection: sa.Connection, kind: DefinitionKind, definitions: Mapping[str, JsonObject]
    ) -> dict[str, int]:
        take_turn(connection, "definitions")
        table = getattr(self._database.tables, kind.value)
        query = sa.select(table).where(table.c.name.in_(definitions))
        known: dict[str, Row] = {
            row["name"]: dict(row) for row in connection.execute(query).mappings()
        }
        now = self._clock.now()
        added, changed = [], []
        for name, definition in definitions.items():
            row = known.get(name)
            if row is None:
                row = {
                    "id": self._ids.new(),
                    "name": name,
                    "definition": definition,
                    "generation": 1,
                    "created_at": now,
                    "updated_at": now,
                }
                known[name] = row
                added.append(row)
            elif row["definition"] != definition:
                generation = row["generation"] + 1
                row |= {"definition": definition, "generation": generation, "updated_at": now}
                changed.append(row)
        insert_rows(connection, table, added)
        columns = ["definition", "generation", "updated_at"]
        update_rows(connection, table, changed, columns=columns)
        return {name: row["generation"] for name, row in known.items()}
