"""Resolve alerts whose source promised to repeat them and did not."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog

from punchingfist.domain.alerts import Alert
from punchingfist.errors import PunchingFistError
from punchingfist.operations.receive import ActiveSource
from punchingfist.ports.alerts import AlertRow, Alerts
from punchingfist.ports.clock import Clock

EVERY_SECONDS = 5.0

log = structlog.get_logger(__name__)

Receive = Callable[[ActiveSource, Sequence[Alert]], Awaitable[object]]


class Sweeper:
    """
    Goes round and resolves what has run out.

    Each resolution names the time it is about: an alert that was repeated
    meanwhile is left alone, also when two servers sweep at once.
    """

    def __init__(self, alerts: Alerts, receive: Receive, clock: Clock) -> None:
        self._alerts, self._receive, self._clock = alerts, receive, clock

    async def run(self) -> None:
        """Sweep until cancelled; trouble is logged and tried again at the next turn."""
        while True:
            try:
                await self.sweep_once()
            except PunchingFistError as trouble:
                log.warning("alerts that ran out are not resolved yet", why=str(trouble))
            await asyncio.sleep(EVERY_SECONDS)

    async def sweep_once(self) -> None:
        """Resolve what has run out by now."""
        by_source: dict[str, list[Alert]] = {}
        for row in await self._alerts.expired(at=self._clock.now()):
            by_source.setdefault(row.source, []).append(_run_out(row))
        for source, alerts in by_source.items():
            await self._receive(ActiveSource(source), alerts)


def _run_out(row: AlertRow) -> Alert:
    return Alert(
        name=row.alert.name,
        firing=False,
        labels=row.alert.labels,
        annotations=row.alert.annotations,
        fingerprint=row.fingerprint,
        group_key=row.group_key,
        starts_at=row.alert.starts_at,
        ends_at=row.expires_at,
        generator_url=row.alert.generator_url,
        expires_at=row.expires_at,
    )
