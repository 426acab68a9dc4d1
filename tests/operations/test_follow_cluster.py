"""A kubernetes source on a practice cluster, through every trouble a watch can meet."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from punchingfist.adapters.kubernetes.cluster import RestCluster, load_cluster
from punchingfist.domain.alerts import Alert, Severity
from punchingfist.domain.resources.trigger_sources import KubernetesConfig
from punchingfist.errors import Unavailable
from punchingfist.lab.cluster import PracticeCluster
from punchingfist.lab.kubernetes.faults import Fault
from punchingfist.lab.kubernetes.objects import Key
from punchingfist.lab.scenario import load_scenario
from punchingfist.operations import watch_objects
from punchingfist.operations.follow_cluster import ClusterFollower
from punchingfist.testing.triggers import MemoryPlaces

SHOP = "shop"
PODS = f"/api/v1/namespaces/{SHOP}/pods"
EVENTS = f"/api/v1/namespaces/{SHOP}/events"


class SetClock:
    def __init__(self) -> None:
        self.at = datetime(2024, 5, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at


class Firing:
    """The alerts that fire, as the store would know them."""

    def __init__(self) -> None:
        self.alerts: dict[str, Alert] = {}

    async def firing(self, *, source: str) -> Sequence[Alert]:
        return [*self.alerts.values()]


class Place:
    """One source, its cluster and what it reported; the server may be started again."""

    def __init__(self, practice: PracticeCluster, cluster: RestCluster) -> None:
        self.practice, self.cluster = practice, cluster
        self.clock, self.places, self.incidents = SetClock(), MemoryPlaces(), Firing()
        self.alerts: list[Alert] = []
        self.refusals = 0
        self.config: dict[str, Any] = {"resource": "pods", "namespace": SHOP}
        self.task: asyncio.Task[None] | None = None

    async def receive(self, alerts: Sequence[Alert]) -> None:
        if self.refusals:
            self.refusals -= 1
            raise Unavailable("the database is away")
        self.alerts += alerts
        self.incidents.alerts = {one.fingerprint: one for one in self.alerts if one.firing}

    async def start(self, **config: Any) -> None:
        """Start following and wait until it watches."""
        self.config |= config
        self.follower = ClusterFollower(
            "cluster",
            KubernetesConfig.model_validate(self.config),
            cluster=self.cluster,
            clock=self.clock,
            places=self.places,
            incidents=self.incidents,  # type: ignore[arg-type]
            receive=self.receive,
        )
        seen = self.watches
        self.task = asyncio.create_task(self.follower.run())
        await until(lambda: self.watches > seen)

    async def stop(self) -> None:
        if self.task is not None:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)

    @property
    def watches(self) -> int:
        return sum("watch" in one.query for one in self.practice.faults.requests)

    @property
    def lists(self) -> int:
        asked = (one for one in self.practice.faults.requests if one.path in {PODS, EVENTS})
        return sum("watch" not in one.query for one in asked)

    @property
    def summaries(self) -> list[str]:
        return [one.annotations["summary"] for one in self.alerts]

    async def says(self, *summaries: str) -> None:
        await until(lambda: len(self.alerts) >= len(summaries))
        assert self.summaries == [*summaries]

    def put(self, name: str, **labels: str) -> None:
        self.practice.api.seed([a_pod(name, **labels)])

    def delete(self, name: str) -> None:
        store = self.practice.api.store
        pods = self.practice.api._catalogue.find("", "v1", "pods")
        assert pods is not None
        store.remove(pods, Key(SHOP, name))


def a_pod(name: str, **labels: str) -> dict[str, Any]:
    owner = {"kind": "ReplicaSet", "name": "cart-7d9", "controller": True}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "namespace": SHOP,
            "labels": labels,
            "ownerReferences": [owner],
            "uid": f"uid-{name}",
        },
        "spec": {"containers": [{"name": "cart", "image": "cart:1"}]},
    }


def an_event(name: str, about: str, reason: str = "BackOff", count: int = 1) -> dict[str, Any]:
    involved = {"kind": "Pod", "namespace": SHOP, "name": about, "uid": f"uid-{about}"}
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": name, "namespace": SHOP, "uid": f"uid-{name}"},
        "involvedObject": involved,
        "reason": reason,
        "message": "Back-off restarting failed container",
        "type": "Warning",
        "count": count,
        "lastTimestamp": "2024-05-01T00:00:00Z",
    }


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.005)


@pytest.fixture
def practice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PracticeCluster]:
    monkeypatch.setattr(watch_objects, "_FIRST_WAIT_SECONDS", 0.01)
    monkeypatch.setattr(watch_objects, "_LONGEST_WAIT_SECONDS", 0.05)
    scenario = load_scenario("crash-loop-memory")
    with PracticeCluster(scenario, clock=SetClock(), directory=tmp_path) as cluster:
        yield cluster


@pytest.fixture
async def place(practice: PracticeCluster) -> AsyncIterator[Place]:
    cluster = load_cluster(str(practice.kubeconfig), None, environ={})
    place = Place(practice, cluster)
    yield place
    await place.stop()
    await cluster.aclose()


async def test_what_is_there_at_first_is_no_news_and_what_comes_is(place: Place) -> None:
    place.put("cart-1")
    await place.start()
    place.put("cart-2")

    await place.says("Pod shop/cart-2 was created")
    (alert,) = place.alerts
    assert alert.labels == {
        "alertname": "K8sPodCreated",
        "event": "created",
        "kind": "Pod",
        "name": "cart-2",
        "namespace": SHOP,
        "pod": "cart-2",
        "severity": "info",
    }
    assert (alert.group_key, alert.severity) == (
        "K8sPodCreated/shop/ReplicaSet cart-7d9",
        Severity.INFO,
    )


async def test_updates_of_one_object_are_one_alert(place: Place) -> None:
    place.put("cart-1")
    await place.start(event="updated", severity="warning")
    place.put("cart-1", app="a")
    place.put("cart-1", app="b")

    await place.says("Pod shop/cart-1 was updated", "Pod shop/cart-1 was updated")
    assert len({alert.fingerprint for alert in place.alerts}) == 1
    assert place.alerts[0].severity is Severity.WARNING


async def test_a_new_object_of_an_old_name_is_another_alert(place: Place) -> None:
    await place.start()
    place.put("cart-1")
    place.delete("cart-1")
    place.practice.api.seed(
        [{**a_pod("cart-1"), "metadata": {**a_pod("cart-1")["metadata"], "uid": "uid-new"}}]
    )

    await until(lambda: len(place.alerts) == 2)
    assert len({alert.fingerprint for alert in place.alerts}) == 2


async def test_only_objects_with_the_labels_are_watched(place: Place) -> None:
    await place.start(labelSelector="app=critical-service")
    place.put("other-1", app="other")
    place.put("cart-1", app="critical-service")

    await place.says("Pod shop/cart-1 was created")


async def test_a_watch_that_is_cut_off_goes_on_where_it_was(place: Place) -> None:
    await place.start()
    place.put("cart-1")
    await place.says("Pod shop/cart-1 was created")
    cut = Fault(path=PODS, cut_after_bytes=200, times=3)
    place.practice.faults.add(cut)
    await place.stop()
    await place.start()
    place.put("cart-2")
    place.put("cart-3")

    await place.says(*(f"Pod shop/cart-{number} was created" for number in (1, 2, 3)))
    assert cut.times == 0


async def test_a_forgotten_version_is_made_up_for_by_the_list(place: Place) -> None:
    place.put("cart-1")
    await place.start(event="deleted")
    await place.stop()
    place.delete("cart-1")
    place.put("cart-2")
    place.practice.api.store.forget_history()
    place.put("cart-3")
    await place.start()

    await place.says("Pod shop/cart-1 was deleted")
    assert place.lists == 2


async def test_a_restart_goes_on_without_reading_the_list_again(place: Place) -> None:
    await place.start()
    place.put("cart-1")
    await place.says("Pod shop/cart-1 was created")
    await place.stop()
    place.put("cart-2")
    await place.start()

    await place.says("Pod shop/cart-1 was created", "Pod shop/cart-2 was created")
    assert place.lists == 1


@pytest.mark.parametrize("status", [401, 404, 410, 429, 503])
async def test_a_refused_watch_is_tried_again_and_misses_nothing(place: Place, status: int) -> None:
    await place.start()
    await place.stop()
    place.practice.faults.add(Fault(path=PODS, status=status, times=3))
    place.put("cart-1")
    await place.start()

    await place.says("Pod shop/cart-1 was created")


async def test_an_alert_the_database_did_not_take_is_told_again(place: Place) -> None:
    await place.start()
    place.refusals = 2
    place.put("cart-1")
    place.put("cart-2")

    await until(lambda: len(place.alerts) == 2)
    assert sorted(place.summaries) == [f"Pod shop/cart-{n} was created" for n in (1, 2)]


async def test_another_selector_begins_anew(place: Place) -> None:
    await place.start(labelSelector="app=cart")
    await place.stop()
    place.put("mail-1", app="mail")
    await place.start(labelSelector="app=mail")
    place.put("mail-2", app="mail")

    await place.says("Pod shop/mail-2 was created")


async def test_an_event_reason_alerts_of_the_object_it_is_about(place: Place) -> None:
    await place.start(event="BackOff")
    place.practice.api.seed([an_event("e1", "cart-1"), an_event("e2", "cart-1", reason="Pulled")])
    place.practice.api.seed([an_event("e1", "cart-1", count=2)])

    await place.says("Pod shop/cart-1: BackOff", "Pod shop/cart-1: BackOff")
    assert len({alert.fingerprint for alert in place.alerts}) == 1
    assert place.alerts[0].annotations["description"] == "Back-off restarting failed container"
    assert place.alerts[0].labels["pod"] == "cart-1"


async def test_events_are_chosen_by_the_labels_of_their_object(place: Place) -> None:
    place.put("cart-1", app="cart")
    place.put("mail-1", app="mail")
    await place.start(event="BackOff", labelSelector="app=cart")
    place.practice.api.seed([an_event("e1", "mail-1"), an_event("e2", "cart-1")])

    await place.says("Pod shop/cart-1: BackOff")


async def test_an_alert_resolves_when_nothing_more_is_heard(place: Place) -> None:
    await place.start(resolveAfter="5m")
    place.put("cart-1")
    await place.says("Pod shop/cart-1 was created")

    place.clock.at += timedelta(minutes=4)
    await place.follower.resolve_quiet()
    assert len(place.alerts) == 1

    await place.stop()
    place.clock.at += timedelta(minutes=2)
    await place.start()
    await place.follower.resolve_quiet()
    created, resolved = place.alerts
    assert (resolved.firing, resolved.fingerprint) == (False, created.fingerprint)
    assert resolved.ends_at == place.clock.at
