from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from punchingfist.domain.alerts import Alert
from punchingfist.errors import Unavailable
from punchingfist.operations.poll import AlertmanagerPoll
from punchingfist.ports.http import HttpReply

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class StillClock:
    def now(self) -> datetime:
        return NOW


class Listing:
    """An `Http` that answers with the list as a test last set it."""

    def __init__(self) -> None:
        self.status, self.body = 200, b"[]"

    async def request(self, method: str, url: str, **_: Any) -> HttpReply:
        assert (method, url) == ("GET", "http://am:9093/api/v2/alerts/groups")
        return HttpReply(self.status, {}, self.body)

    def fire(self, *names: str, state: str = "active") -> None:
        import json

        alerts = [
            {
                "labels": {"alertname": name},
                "annotations": {},
                "startsAt": "2026-03-01T11:00:00Z",
                "status": {"state": state},
                "fingerprint": name,
            }
            for name in names
        ]
        group = {"labels": {"team": "a"}, "receiver": {"name": "pager"}, "alerts": alerts}
        self.body = json.dumps([group]).encode()


class Poll:
    def __init__(self, known: Sequence[Alert] = ()) -> None:
        self.listing, self.seen = Listing(), list[Mapping[str, bool]]()
        self.groups = set[str]()
        self._poll = AlertmanagerPoll(
            "http://am:9093", self.listing, StillClock(), self._receive, known
        )

    async def _receive(self, alerts: Sequence[Alert]) -> None:
        self.groups |= {alert.group_key for alert in alerts}
        self.seen.append({alert.fingerprint: alert.firing for alert in alerts})

    async def read(self) -> Mapping[str, bool]:
        before = len(self.seen)
        await self._poll.read_once()
        return self.seen[-1] if len(self.seen) > before else {}


async def test_what_is_listed_fires_under_the_key_of_its_group() -> None:
    poll = Poll()
    poll.listing.fire("a", "b")

    assert await poll.read() == {"a": True, "b": True}
    assert poll.groups == {'pager:{team="a"}'}


async def test_what_is_listed_no_longer_is_resolved_once() -> None:
    poll = Poll()
    poll.listing.fire("a", "b")
    await poll.read()
    poll.listing.fire("b")

    assert await poll.read() == {"a": False, "b": True}
    assert await poll.read() == {"b": True}


async def test_what_ended_while_we_were_away_is_closed() -> None:
    earlier = Alert("a", True, {"alertname": "a"}, {}, "a", "g")

    assert await Poll([earlier]).read() == {"a": False}


async def test_a_silenced_alert_begins_nothing() -> None:
    poll = Poll()
    poll.listing.fire("a", state="suppressed")

    assert await poll.read() == {}


async def test_an_alert_silenced_later_goes_on() -> None:
    poll = Poll()
    poll.listing.fire("a")
    await poll.read()
    poll.listing.fire("a", state="suppressed")

    assert await poll.read() == {"a": True}


@pytest.mark.parametrize(
    ("status", "body"),
    [
        pytest.param(503, b"", id="it-is-starting"),
        pytest.param(200, b"<html>", id="another-service"),
        pytest.param(200, b'[{"labels": {}}]', id="another-shape"),
    ],
)
async def test_without_a_list_nothing_is_taken_for_resolved(status: int, body: bytes) -> None:
    poll = Poll()
    poll.listing.fire("a")
    await poll.read()
    poll.listing.status, poll.listing.body = status, body

    with pytest.raises(Unavailable, match="am:9093"):
        await poll.read()
    assert len(poll.seen) == 1
