"""How far each source has read: one row on the source's own timeline, written over."""

import uuid

import sqlalchemy as sa

from punchingfist.adapters.store.database import Database
from punchingfist.adapters.store.writing import upsert
from punchingfist.domain.json import JsonObject
from punchingfist.domain.storable import storable_object
from punchingfist.domain.timeline import Kind
from punchingfist.ports.clock import Clock

_SOURCES = uuid.UUID("5b0f3c3e-3a52-5d0a-9a39-1f6f2b6c2f11")
"""Sources are known by their names, timelines by UUIDs."""


class SqlPlaces:
    """`ports.places.Places` on our tables."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    async def find(self, source: str) -> JsonObject | None:
        events = self._database.tables.events.c
        query = sa.select(events.detail).where(
            events.subject_id == _timeline_of(source), events.seq == 1
        )
        found: JsonObject | None = await self._database.read(lambda of: of.scalar(query))
        return found

    async def keep(self, source: str, place: JsonObject) -> None:
        row = {
            "subject_id": _timeline_of(source),
            "seq": 1,
            "key": "place",
            "at": self._clock.now(),
            "kind": Kind.SOURCE_READ.value,
            "text": f"{source} has read on",
            "detail": storable_object(place),
        }
        table = self._database.tables.events
        await self._database.write(lambda to: upsert(to, table, row, by=["subject_id", "seq"]))


def _timeline_of(source: str) -> str:
    return str(uuid.uuid5(_SOURCES, source))
