"""Single requests to the API, without a socket."""

from datetime import UTC, datetime

import httpx2
import pytest

from punchingfist.errors import InvalidInput
from punchingfist.lab.kubernetes.access import Denial, User, allow_all_but
from punchingfist.lab.kubernetes.app import KubernetesApi
from punchingfist.lab.kubernetes.objects import Manifest

PODS = "/api/v1/namespaces/default/pods"
DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments"
CONFIGMAPS = "/api/v1/namespaces/default/configmaps"


class _Clock:
    def now(self) -> datetime:
        return datetime(2025, 6, 12, 14, 30, tzinfo=UTC)


def _config_map(name: str, **data: str) -> Manifest:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


@pytest.mark.parametrize("header", [None, "Bearer wrong", "Basic let-me-in", "Bearer "])
async def test_a_missing_or_wrong_token_is_refused(
    client: httpx2.AsyncClient, header: str | None
) -> None:
    del client.headers["Authorization"]

    reply = await client.get(PODS, headers={"Authorization": header} if header else {})

    assert reply.status_code == 401
    assert reply.json()["kind"] == "Status"


async def test_a_denied_read_is_forbidden_in_the_words_of_kubernetes(pod: Manifest) -> None:
    api = KubernetesApi(
        clock=_Clock(),
        tokens={"t": User("ana")},
        allow=allow_all_but([Denial("pods", "default")]),
    )
    api.seed([pod])
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=api),
        base_url="http://c",
        headers={"Authorization": "Bearer t"},
    ) as client:
        one, elsewhere, everywhere = [
            await client.get(path)
            for path in (f"{PODS}/web-1", "/api/v1/namespaces/kube-system/pods", "/api/v1/pods")
        ]

    assert (one.status_code, elsewhere.status_code, everywhere.status_code) == (403, 200, 403)
    assert one.json()["message"] == (
        'pods "web-1" is forbidden: User "ana" cannot get resource "pods" in API group "" '
        'in the namespace "default"'
    )


async def test_impersonation_asks_as_somebody_else(client: httpx2.AsyncClient) -> None:
    reply = await client.post(
        "/apis/authentication.k8s.io/v1/selfsubjectreviews",
        json={},
        headers={"Impersonate-User": "ben", "Impersonate-Group": "guests"},
    )

    assert reply.json()["status"]["userInfo"] == {
        "username": "ben",
        "groups": ["guests", "system:authenticated"],
    }


async def test_pages_join_up_to_the_whole_list(
    client: httpx2.AsyncClient, api: KubernetesApi
) -> None:
    api.seed(_config_map(f"c{n}") for n in range(5))
    names, token = [], ""
    for _ in range(3):
        page = (await client.get(CONFIGMAPS, params={"limit": "2", "continue": token})).json()
        names += [item["metadata"]["name"] for item in page["items"]]
        token = page["metadata"].get("continue", "")

    assert names == ["c0", "c1", "c2", "c3", "c4"]
    assert token == ""


async def test_a_table_carries_the_columns_of_the_kind(
    client: httpx2.AsyncClient, api: KubernetesApi, pod: Manifest
) -> None:
    api.seed([pod])

    reply = await client.get(
        PODS,
        params={"includeObject": "None"},
        headers={"Accept": "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"},
    )

    table = reply.json()
    assert [column["name"] for column in table["columnDefinitions"]][:3] == [
        "Name",
        "Ready",
        "Status",
    ]
    assert table["rows"] == [
        {
            "cells": [
                "web-1",
                "0/2",
                "Running",
                "0",
                "0s",
                "<none>",
                "worker-1",
                "<none>",
                "<none>",
            ],
            "object": None,
        }
    ]


@pytest.mark.parametrize(
    "accept", ["application/json", "application/json;as=APIGroupDiscoveryList"]
)
async def test_discovery_tells_of_groups_in_both_shapes(
    client: httpx2.AsyncClient, accept: str
) -> None:
    reply = await client.get("/apis", headers={"Accept": accept})

    listed = reply.json()
    groups = listed.get("groups") or [item["metadata"] for item in listed["items"]]
    assert "apps" in [group["name"] for group in groups]


async def test_a_generated_name_starts_as_asked(client: httpx2.AsyncClient) -> None:
    body = {**_config_map(""), "metadata": {"generateName": "run-"}}

    first, second = [(await client.post(CONFIGMAPS, json=body)).json() for _ in range(2)]

    assert first["metadata"]["name"].startswith("run-")
    assert first["metadata"]["name"] != second["metadata"]["name"]


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        pytest.param(CONFIGMAPS, _config_map("taken"), 409, id="a-taken-name"),
        pytest.param(CONFIGMAPS, _config_map("Not OK"), 422, id="a-name-that-is-none"),
        pytest.param(
            "/api/v1/namespaces/nowhere/configmaps", _config_map("a"), 404, id="no-namespace"
        ),
        pytest.param(CONFIGMAPS, ["a"], 400, id="no-object"),
        pytest.param("/api/v1/unicorns", _config_map("a"), 404, id="no-such-kind"),
        pytest.param(f"{PODS}/web-1/exec", {}, 501, id="no-kubelet"),
    ],
)
async def test_a_create_that_cannot_be(
    client: httpx2.AsyncClient, api: KubernetesApi, path: str, body: object, code: int
) -> None:
    api.seed([_config_map("taken")])

    reply = await client.post(path, json=body)

    assert (reply.status_code, reply.json()["code"]) == (code, code)


async def test_a_write_based_on_an_old_version_conflicts(
    client: httpx2.AsyncClient, api: KubernetesApi
) -> None:
    api.seed([_config_map("a", x="1")])
    old = (await client.get(f"{CONFIGMAPS}/a")).json()
    await client.put(f"{CONFIGMAPS}/a", json={**old, "data": {"x": "2"}})

    reply = await client.put(f"{CONFIGMAPS}/a", json={**old, "data": {"x": "3"}})

    assert (reply.status_code, reply.json()["reason"]) == (409, "Conflict")


async def test_a_write_that_changes_nothing_keeps_the_version(
    client: httpx2.AsyncClient, api: KubernetesApi
) -> None:
    api.seed([_config_map("a", x="1")])
    before = (await client.get(f"{CONFIGMAPS}/a")).json()

    after = (await client.put(f"{CONFIGMAPS}/a", json=before)).json()

    assert after == before


async def test_spec_and_status_are_written_on_their_own_paths(
    client: httpx2.AsyncClient, deployment: Manifest
) -> None:
    made = (await client.post(DEPLOYMENTS, json={**deployment, "status": {"replicas": 9}})).json()
    patch = {"spec": {"replicas": 0}, "status": {"replicas": 7}}
    headers = {"Content-Type": "application/merge-patch+json"}

    status = await client.patch(f"{DEPLOYMENTS}/web/status", json=patch, headers=headers)
    spec = await client.patch(f"{DEPLOYMENTS}/web", json=patch, headers=headers)

    assert made["status"]["replicas"] == 0
    assert status.json()["spec"]["replicas"] == 2
    assert status.json()["status"]["replicas"] == 7
    assert status.json()["metadata"]["generation"] == 1
    assert spec.json()["status"]["replicas"] == 0
    assert spec.json()["metadata"]["generation"] == 2


async def test_the_scale_of_a_deployment_is_an_object_of_its_own(
    client: httpx2.AsyncClient, deployment: Manifest
) -> None:
    await client.post(DEPLOYMENTS, json=deployment)

    scale = (await client.get(f"{DEPLOYMENTS}/web/scale")).json()

    assert (scale["kind"], scale["spec"], scale["status"]["selector"]) == (
        "Scale",
        {"replicas": 2},
        "app=web",
    )


async def test_a_finalizer_holds_an_object_until_it_is_taken_off(
    client: httpx2.AsyncClient, api: KubernetesApi
) -> None:
    held = _config_map("a")
    held["metadata"]["finalizers"] = ["example.com/hold"]
    api.seed([held])

    await client.delete(f"{CONFIGMAPS}/a")
    marked = (await client.get(f"{CONFIGMAPS}/a")).json()
    await client.patch(
        f"{CONFIGMAPS}/a",
        json={"metadata": {"finalizers": None}},
        headers={"Content-Type": "application/merge-patch+json"},
    )

    assert marked["metadata"]["deletionTimestamp"] == "2025-06-12T14:30:00Z"
    assert (await client.get(f"{CONFIGMAPS}/a")).status_code == 404


async def test_managed_fields_say_who_wrote_last(client: httpx2.AsyncClient) -> None:
    made = await client.post(CONFIGMAPS, json=_config_map("a"), params={"fieldManager": "ana"})

    (entry,) = made.json()["metadata"]["managedFields"]
    assert (entry["manager"], entry["operation"], entry["time"]) == (
        "ana",
        "Update",
        "2025-06-12T14:30:00Z",
    )


def test_an_object_of_an_unknown_kind_is_not_seeded(api: KubernetesApi) -> None:
    with pytest.raises(InvalidInput, match="'Unicorn' is not served; put its Custom"):
        api.seed([{"apiVersion": "v1", "kind": "Unicorn", "metadata": {"name": "a"}}])
