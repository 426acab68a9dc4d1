"""Timelines: numbered rows without gaps, and following them as they are written."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from punchingfist.adapters.store.database import Database
from punchingfist.adapters.store.followers import Followers
from punchingfist.adapters.store.tables import Tables
from punchingfist.adapters.store.writing import add_up, insert_rows
from punchingfist.domain.storable import storable_key
from punchingfist.domain.timeline import Happening, Kind, TimelineEvent

_LONGEST_KEY = 255
_LOOK_AGAIN_SECONDS = 1.0
"""Another process may write too, and cannot wake us."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row about to be written to the timeline of *subject_id*."""

    subject_id: str
    happening: Happening

    @property
    def key(self) -> str:
        """The key of the happening, as long as the column is."""
        return storable_key(self.happening.key, longest=_LONGEST_KEY)


def append_entries(
    connection: sa.Connection, tables: Tables, entries: Sequence[Entry], *, at: datetime
) -> None:
    """
    Write *entries* in their order, leaving out those whose key is there already.

    Numbers are drawn under a lock on the timeline's own row, after which no
    other transaction can add to it: what has a higher number commits later.
    """
    subjects = Counter(one.subject_id for one in entries)
    drawn = add_up(
        connection,
        tables.timelines,
        dict.fromkeys(subjects, 0),
        key="subject_id",
        total="last_seq",
    )
    begun = [one for one in entries if drawn[one.subject_id]]
    written = _written_keys(connection, tables, begun)
    rows = []
    for entry in entries:
        key = (entry.subject_id, entry.key)
        if key in written:
            continue
        written.add(key)
        drawn[entry.subject_id] += 1
        rows.append(_row(entry, drawn[entry.subject_id], at))
    insert_rows(connection, tables.events, rows)
    added = Counter(str(row["subject_id"]) for row in rows)
    add_up(connection, tables.timelines, added, key="subject_id", total="last_seq")


def _written_keys(
    connection: sa.Connection, tables: Tables, entries: Sequence[Entry]
) -> set[tuple[str, str]]:
    if not entries:
        return set()
    events = tables.events.c
    keys = {(one.subject_id, one.key) for one in entries}
    query = sa.select(events.subject_id, events.key).where(
        sa.tuple_(events.subject_id, events.key).in_(sorted(keys))
    )
    return set(connection.execute(query))


def _row(entry: Entry, seq: int, at: datetime) -> dict[str, object]:
    happening = entry.happening
    return {
        "subject_id": entry.subject_id,
        "seq": seq,
        "key": entry.key,
        "at": at,
        "kind": happening.kind.value,
        "text": happening.text,
        "detail": happening.detail,
    }


class SqlTimeline:
    """`ports.timeline.Timeline` on our tables."""

    def __init__(self, database: Database, followers: Followers) -> None:
        self._database, self._followers = database, followers

    async def append(self, subject_id: str, happening: Happening, *, at: datetime) -> None:
        tables, entry = self._database.tables, Entry(subject_id, happening)
        await self._database.write(lambda to: append_entries(to, tables, [entry], at=at))
        self._followers.wake([subject_id])

    async def read(self, subject_id: str, *, after: int = 0) -> Sequence[TimelineEvent]:
        events = self._database.tables.events
        query = (
            sa.select(events)
            # A reader names any number it likes; the column's own type need not hold it.
            .where(
                events.c.subject_id == subject_id, events.c.seq > sa.literal(after, sa.BigInteger)
            )
            .order_by(events.c.seq)
        )
        rows = await self._database.read(lambda of: of.execute(query).all())
        return [
            TimelineEvent(row.seq, row.at, Kind(row.kind), row.text, row.detail) for row in rows
        ]

    async def follow(self, subject_id: str, *, after: int = 0) -> AsyncIterator[TimelineEvent]:
        seen = after
        with self._followers.following(subject_id) as news:
            while True:
                news.clear()
                for event in await self.read(subject_id, after=seen):
                    seen = event.seq
                    yield event
                with suppress(TimeoutError):
                    await asyncio.wait_for(news.wait(), _LOOK_AGAIN_SECONDS)
