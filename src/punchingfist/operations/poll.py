"""Read the alerts of an Alertmanager again and again, changing nothing there."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import structlog

from punchingfist.domain.alerts import Alert
from punchingfist.domain.fingerprints import fingerprint
from punchingfist.errors import PunchingFistError, Unavailable
from punchingfist.ports.clock import Clock
from punchingfist.ports.http import Http

EVERY_SECONDS = 15.0

log = structlog.get_logger(__name__)

Receive = Callable[[Sequence[Alert]], Awaitable[object]]


class AlertmanagerPoll:
    """
    Compares each reading with the one before.

    What is listed fires; what was listed and is no longer has been resolved.
    *known* are the alerts of this source that fire by our own records, so
    that what was resolved while we were away is closed as well. Silenced and
    inhibited alerts do not begin anything; one that fires already goes on.
    """

    def __init__(
        self, url: str, http: Http, clock: Clock, receive: Receive, known: Sequence[Alert] = ()
    ) -> None:
        self._url, self._http, self._clock, self._receive = url, http, clock, receive
        self._firing: dict[str, Alert] = {alert.fingerprint: alert for alert in known}

    async def run(self) -> None:
        """Poll until cancelled; trouble is logged and tried again at the next turn."""
        while True:
            try:
                await self.read_once()
            except PunchingFistError as trouble:
                log.warning("alertmanager not read", why=str(trouble))
            await asyncio.sleep(EVERY_SECONDS)

    async def read_once(self) -> None:
        """
        Read the list once and pass on what it says.

        Raises:
            Unavailable: there was no list, or it could not be stored.
        """
        listed = await self._list()
        now = self._clock.now()
        firing = {
            mark: alert
            for mark, (alert, muted) in listed.items()
            if mark in self._firing or not muted
        }
        gone = [
            _resolved(alert, at=now) for mark, alert in self._firing.items() if mark not in firing
        ]
        if firing or gone:
            await self._receive([*firing.values(), *gone])
        self._firing = firing

    async def _list(self) -> dict[str, tuple[Alert, bool]]:
        reply = await self._http.request("GET", f"{self._url}/api/v2/alerts/groups")
        if reply.status != 200:
            raise Unavailable(f"{self._url}: HTTP {reply.status} for the list of alerts")
        try:
            groups: Any = json.loads(reply.body)
            return {
                alert.fingerprint: (alert, muted)
                for group in groups
                for alert, muted in _alerts_of(group)
            }
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Unavailable(f"{self._url}: this is no list of alerts: {error!r}") from error


def _alerts_of(group: Mapping[str, Any]) -> Sequence[tuple[Alert, bool]]:
    labels: Mapping[str, str] = group["labels"]
    inner = ", ".join(f'{name}="{labels[name]}"' for name in sorted(labels))
    key = f"{group['receiver']['name']}:{{{inner}}}"
    return [
        (_alert(raw, group_key=key), raw["status"]["state"] == "suppressed")
        for raw in group["alerts"]
    ]


def _alert(raw: Mapping[str, Any], *, group_key: str) -> Alert:
    labels = raw["labels"]
    return Alert(
        name=labels.get("alertname", "unnamed alert"),
        firing=True,
        labels=labels,
        annotations=raw.get("annotations", {}),
        fingerprint=raw.get("fingerprint") or fingerprint(labels),
        group_key=group_key,
        starts_at=datetime.fromisoformat(raw["startsAt"]),
        generator_url=raw.get("generatorURL", ""),
        payload={**raw, "status": "firing"},
    )


def _resolved(alert: Alert, *, at: datetime) -> Alert:
    return Alert(
        name=alert.name,
        firing=False,
        labels=alert.labels,
        annotations=alert.annotations,
        fingerprint=alert.fingerprint,
        group_key=alert.group_key,
        starts_at=alert.starts_at,
        ends_at=at,
        generator_url=alert.generator_url,
        payload={**alert.payload, "status": "resolved"},
    )
