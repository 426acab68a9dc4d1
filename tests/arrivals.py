"""Alerts, triggers and arrivals for tests, with everything a test does not care about filled in."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from punchingfist.domain.alerts import Alert
from punchingfist.domain.fingerprints import fingerprint
from punchingfist.ports.durable import Start
from punchingfist.ports.intake import Arrival, Trigger

NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def firing(
    name: str = "Down", *, start: datetime | None = NOW, group: str = "", **labels: str
) -> Alert:
    return _alert(name, labels, group, firing=True, starts_at=start)


def resolved(
    name: str = "Down",
    *,
    start: datetime | None = NOW,
    end: datetime | None = NOW + MINUTE,
    group: str = "",
    **labels: str,
) -> Alert:
    return _alert(name, labels, group, firing=False, starts_at=start, ends_at=end)


def _alert(name: str, labels: Mapping[str, str], group: str, **fields: Any) -> Alert:
    all_labels = {"alertname": name, **labels}
    identity = fingerprint(all_labels)
    return Alert(
        name=name,
        labels=all_labels,
        annotations={"summary": f"{name} is the matter"},
        fingerprint=identity,
        group_key=group or identity,
        payload={"labels": all_labels},
        **fields,
    )


def trigger(
    *, first: tuple[str, ...] = (), at_end: tuple[str, ...] = (), wait: float = 0
) -> Trigger:
    return Trigger(
        workflow={"metadata": {"name": "triage"}, "spec": {"steps": []}},
        sinks=({"metadata": {"name": "chat"}, "spec": {}},),
        context={"team": "shop"},
        group_wait_seconds=wait,
        notify_first=first,
        notify_resolved=at_end,
    )


TRIAGE = trigger()


def arrivals(
    *alerts: Alert, source: str = "prod", starts: Trigger | None = TRIAGE
) -> list[Arrival]:
    return [Arrival(source, alert, starts, "" if starts else "no workflow") for alert in alerts]


class Started(list[Start]):
    """What was enqueued; called as `Durable.start_in` is."""

    def __call__(self, transaction: Any, start: Start) -> None:
        self.append(start)

    @property
    def flow_ids(self) -> list[str]:
        return [one.flow_id for one in self]
