from time import monotonic

import httpx2
import pytest

from punchingfist.lab.kubernetes.app import KubernetesApi
from punchingfist.lab.kubernetes.faults import Fault

PODS = "/api/v1/namespaces/default/pods"


async def test_a_fault_answers_with_its_status_as_often_as_told(
    client: httpx2.AsyncClient, api: KubernetesApi
) -> None:
    api.faults.add(Fault(path="*/pods", status=503, times=1))

    codes = [(await client.get(PODS)).status_code for _ in range(2)]

    assert codes == [503, 200]


async def test_a_fault_spares_other_paths_and_methods(
    client: httpx2.AsyncClient, api: KubernetesApi
) -> None:
    api.faults.add(Fault(path="*/secrets", status=500))
    api.faults.add(Fault(method="POST", status=500))

    assert (await client.get(PODS)).status_code == 200


async def test_a_delay_holds_the_answer_back(
    client: httpx2.AsyncClient, api: KubernetesApi
) -> None:
    api.faults.add(Fault(delay_seconds=0.02))
    begun = monotonic()

    await client.get(PODS)

    assert monotonic() - begun >= 0.02


async def test_a_cut_breaks_the_answer_off(client: httpx2.AsyncClient, api: KubernetesApi) -> None:
    api.faults.add(Fault(cut_after_bytes=10))

    with pytest.raises(ConnectionAbortedError):
        await client.get(PODS)


async def test_lifted_faults_are_gone(client: httpx2.AsyncClient, api: KubernetesApi) -> None:
    api.faults.add(Fault(status=500))
    api.faults.clear()

    assert (await client.get(PODS)).status_code == 200


async def test_every_request_is_remembered(client: httpx2.AsyncClient, api: KubernetesApi) -> None:
    await client.get(PODS, params={"limit": "5"}, headers={"User-Agent": "kubectl/v1"})

    (seen,) = api.faults.requests
    assert (seen.method, seen.path, seen.query, seen.user_agent) == (
        "GET",
        PODS,
        {"limit": "5"},
        "kubectl/v1",
    )
