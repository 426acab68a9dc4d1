"""Mute alerts for a while, change that, or end it before its time; each of it is audited."""

from punchingfist.domain.audit import Deed
from punchingfist.domain.identity import Caller
from punchingfist.domain.json import JsonObject
from punchingfist.domain.posted_silences import render_silence
from punchingfist.domain.silences.editing import Edit, expire, plan_edit
from punchingfist.domain.silences.silence import Silence
from punchingfist.errors import NotFound
from punchingfist.operations.audited import audited
from punchingfist.ports.audit import Audit
from punchingfist.ports.clock import Clock
from punchingfist.ports.ids import Ids
from punchingfist.ports.silences import Silences


class Silencer:
    """Writes silences for people, by Alertmanager's rules."""

    def __init__(self, silences: Silences, audit: Audit, clock: Clock, ids: Ids) -> None:
        self._silences, self._audit, self._clock, self._ids = silences, audit, clock, ids

    async def set(self, wanted: Silence, *, by: Caller) -> str:
        """
        Make *wanted*, or change the silence of its id; return the id now in force.

        Raises:
            NotFound: no silence has its id.
            InvalidInput: it makes no sense.
        """
        now, new_id = self._clock.now(), self._ids.new()

        def plan(known: Silence | None) -> Edit:
            return plan_edit(known, wanted, new_id=new_id, at=now)

        known = await self._silences.get(wanted.id) if wanted.id else None
        edit = plan(known)
        deed = Deed(
            now,
            by,
            "silence.set",
            edit.id,
            before=_told(known, self._clock),
            after=_told(edit.written[-1], self._clock),
        )
        async with audited(self._audit, deed):
            return await self._silences.change(wanted.id or None, plan)

    async def expire(self, silence_id: str, *, by: Caller) -> None:
        """End a silence now; one that has ended already stays as it is."""
        now, known = self._clock.now(), await self._silences.get(silence_id)
        deed = Deed(
            now,
            by,
            "silence.expire",
            known.id,
            before=_told(known, self._clock),
            after=_told(expire(known, now), self._clock),
        )

        def end(found: Silence | None) -> Edit:
            if found is None:
                raise NotFound("silence not found")
            return Edit(found.id, (expire(found, now),))

        async with audited(self._audit, deed):
            await self._silences.change(silence_id, end)


def _told(silence: Silence | None, clock: Clock) -> JsonObject | None:
    return render_silence(silence, at=clock.now()) if silence else None
