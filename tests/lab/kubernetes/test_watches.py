import json
from typing import Any

import httpx2
import pytest

from punchingfist.lab.kubernetes.app import KubernetesApi
from punchingfist.lab.kubernetes.objects import Manifest

PODS = "/api/v1/namespaces/default/pods"


async def _watch(client: httpx2.AsyncClient, **params: str) -> list[dict[str, Any]]:
    asked = {"watch": "1", "timeoutSeconds": "0.05", **params}
    reply = await client.get(PODS, params=asked)
    return [json.loads(line) for line in reply.text.splitlines()]


def _labelled(pod: Manifest, value: str) -> Manifest:
    return {**pod, "metadata": {**pod["metadata"], "labels": {"app": value}}}


async def test_a_watch_from_nowhere_starts_with_what_there_is(
    client: httpx2.AsyncClient, api: KubernetesApi, pod: Manifest
) -> None:
    api.seed([pod])

    (event,) = await _watch(client)

    assert (event["type"], event["object"]["metadata"]["name"]) == ("ADDED", "web-1")


async def test_a_watch_resumes_after_the_version_it_names(
    client: httpx2.AsyncClient, api: KubernetesApi, pod: Manifest
) -> None:
    api.seed([pod])
    version = str(api.store.version)
    api.seed([_labelled(pod, "changed")])
    await client.delete(f"{PODS}/web-1")

    events = await _watch(client, resourceVersion=version)

    assert [event["type"] for event in events] == ["MODIFIED", "DELETED"]


async def test_an_object_may_come_into_sight_and_leave_it(
    client: httpx2.AsyncClient, api: KubernetesApi, pod: Manifest
) -> None:
    version = str(api.store.version)
    api.seed([_labelled(pod, "other"), _labelled(pod, "web"), _labelled(pod, "other")])

    events = await _watch(client, resourceVersion=version, labelSelector="app=web")

    assert [event["type"] for event in events] == ["ADDED", "DELETED"]


async def test_bookmarks_tell_the_version_while_nothing_happens(
    client: httpx2.AsyncClient, api: KubernetesApi
) -> None:
    events = await _watch(client, allowWatchBookmarks="true")

    assert {event["type"] for event in events} == {"BOOKMARK"}
    assert events[-1]["object"]["metadata"]["resourceVersion"] == str(api.store.version)


async def test_the_initial_events_end_with_a_marked_bookmark(
    client: httpx2.AsyncClient, api: KubernetesApi, pod: Manifest
) -> None:
    api.seed([pod])

    added, bookmark = await _watch(client, sendInitialEvents="true")

    assert added["type"] == "ADDED"
    assert bookmark["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}


async def test_a_forgotten_version_is_an_error_event(
    client: httpx2.AsyncClient, api: KubernetesApi, pod: Manifest
) -> None:
    api.seed([pod])
    api.store.forget_history()

    (event,) = await _watch(client, resourceVersion="2")

    assert event["type"] == "ERROR"
    assert (event["object"]["code"], event["object"]["reason"]) == (410, "Expired")


@pytest.mark.parametrize(("version", "code"), [("999", 504), ("soon", 400)])
async def test_a_version_that_cannot_be_continued_is_refused(
    client: httpx2.AsyncClient, version: str, code: int
) -> None:
    reply = await client.get(PODS, params={"watch": "1", "resourceVersion": version})

    assert reply.status_code == code
