"""Start a workflow whenever its schedule fires, once across replicas and restarts."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import takewhile

import structlog

from punchingfist.domain.resources.trigger_sources import ScheduleConfig
from punchingfist.domain.schedules import Fire, fires, next_fire
from punchingfist.errors import PunchingFistError
from punchingfist.operations.receive import ActiveSource
from punchingfist.operations.start_execution import Starter
from punchingfist.ports.clock import Clock
from punchingfist.ports.places import Places

_GRACE = timedelta(seconds=60)
"""So late a firing is still on time."""
_LONGEST_WAIT = timedelta(seconds=30)
"""The clock may be set, and a machine may sleep."""
_TRY_AGAIN_SECONDS = 5.0
_LOOK_BACK = (timedelta(hours=1), timedelta(days=2))

log = structlog.get_logger(__name__)


class ScheduleKeeper:
    """
    Keeps the schedule of one source.

    What has fired is kept with the schedule it fired by, so that firings
    missed while nothing ran are known, and a changed schedule has missed none.
    """

    def __init__(
        self,
        source: ActiveSource,
        config: ScheduleConfig,
        *,
        places: Places,
        clock: Clock,
        starter: Starter,
    ) -> None:
        self._source, self._config, self._schedule = source, config, config.schedule
        self._places, self._clock, self._starter = places, clock, starter
        self._since: datetime | None = None

    async def run(self) -> None:
        """Keep it until cancelled; trouble is logged and tried again."""
        while True:
            try:
                wait = await self.turn()
            except PunchingFistError as trouble:
                log.warning("schedule delayed", source=self._source.name, why=str(trouble))
                wait = _TRY_AGAIN_SECONDS
            await asyncio.sleep(wait)

    async def turn(self) -> float:
        """
        Start what is due, and return how many seconds to wait for the next turn.

        Raises:
            Unavailable: the database is in trouble; nothing is lost.
        """
        now = self._clock.now()
        since = self._since or await self._read(now)
        due = self._due(since, now)
        if due:
            await self._fire(due[-1], now)
            since = due[-1].at
            await self._keep(since)
        self._since = since
        wait = min(next_fire(self._schedule, after=max(since, now)).at - now, _LONGEST_WAIT)
        return max(wait.total_seconds(), 0)

    def _due(self, since: datetime, now: datetime) -> Sequence[Fire]:
        """Return firings after *since*, the latest of them at least: a long absence has many."""
        for back in _LOOK_BACK:
            if now - since > back:
                due = self._between(now - back, now)
                if due:
                    return due
        return self._between(since, now)

    def _between(self, after: datetime, until: datetime) -> Sequence[Fire]:
        found = fires(self._schedule, after=after)
        return [*takewhile(lambda fire: fire.at <= until, found)]

    async def _fire(self, fire: Fire, now: datetime) -> None:
        if self._config.missed == "skip" and now - fire.at > _GRACE:
            log.info("missed firing skipped", source=self._source.name, fire=fire.name)
            return
        begun = await self._starter.start(
            self._source,
            f"sched:{self._source.name}:{fire.name}",
            {
                "scheduled_at": fire.at.astimezone(self._schedule.zone).isoformat(),
                "timezone": self._config.timezone,
                "cron": self._config.cron,
            },
        )
        log.info("schedule fired", source=self._source.name, execution=begun.short_id)

    async def _read(self, now: datetime) -> datetime:
        place = await self._places.find(self._source.name)
        if place and (place.get("cron"), place.get("timezone")) == self._identity:
            return datetime.fromisoformat(str(place["since"]))
        await self._keep(now)
        return now

    async def _keep(self, since: datetime) -> None:
        cron, timezone = self._identity
        place = {"cron": cron, "timezone": timezone, "since": since.isoformat()}
        await self._places.keep(self._source.name, place)

    @property
    def _identity(self) -> tuple[str, str]:
        return self._config.cron, self._config.timezone
