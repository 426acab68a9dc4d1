"""Whole tool outputs, kept once each."""

import hashlib

import sqlalchemy as sa

from punchingfist.adapters.store.database import Database
from punchingfist.adapters.store.writing import insert_once
from punchingfist.errors import NotFound
from punchingfist.ports.clock import Clock


class SqlArtifacts:
    """`ports.artifacts.Artifacts` on our tables."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    async def put(self, text: str) -> str:
        encoded = text.encode()
        digest = hashlib.sha256(encoded).hexdigest()
        row = {
            "digest": digest,
            "text": text,
            "size_bytes": len(encoded),
            "created_at": self._clock.now(),
        }
        table = self._database.tables.artifacts
        await self._database.write(lambda to: insert_once(to, table, row))
        return digest

    async def get(self, digest: str) -> str:
        table = self._database.tables.artifacts
        query = sa.select(table.c.text).where(table.c.digest == digest)
        text = await self._database.read(lambda of: of.execute(query).scalar_one_or_none())
        if text is None:
            raise NotFound(f"artifact {digest!r} is not kept here; it may have been pruned")
        return str(text)
