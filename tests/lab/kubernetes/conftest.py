"""The API in memory for single requests, and a whole cluster for real kubectl."""

import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest

from punchingfist.adapters.system import SystemClock
from punchingfist.lab.cluster import PracticeCluster
from punchingfist.lab.kubernetes.access import User
from punchingfist.lab.kubernetes.app import KubernetesApi
from punchingfist.lab.kubernetes.objects import Manifest
from punchingfist.lab.scenario import load_scenario
from punchingfist.lab.usage import usages_of

NOW = datetime(2025, 6, 12, 14, 30, tzinfo=UTC)
TOKEN = "let-me-in"

Kubectl = Callable[..., "subprocess.CompletedProcess[str]"]


class _StoppedClock:
    def now(self) -> datetime:
        return NOW


@pytest.fixture
def api() -> KubernetesApi:
    """An empty cluster at a fixed moment."""
    return KubernetesApi(clock=_StoppedClock(), tokens={TOKEN: User("ana")}, bookmark_seconds=0.01)


@pytest.fixture
async def client(api: KubernetesApi) -> AsyncIterator[httpx2.AsyncClient]:
    """A client that may come in."""
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=api),
        base_url="http://cluster",
        headers={"Authorization": f"Bearer {TOKEN}"},
    ) as open_client:
        yield open_client


@pytest.fixture
def pod() -> Manifest:
    """A pod with two containers."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "web-1", "namespace": "default", "labels": {"app": "web"}},
        "spec": {"nodeName": "worker-1", "containers": [{"name": "app"}, {"name": "proxy"}]},
        "status": {"phase": "Running"},
    }


@pytest.fixture
def deployment() -> Manifest:
    """A deployment of two replicas, as a user would apply it."""
    labels = {"app": "web"}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "default"},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [{"name": "app", "image": "web:1"}]},
            },
        },
    }


def _started(scenario: str, folder: Path) -> PracticeCluster:
    clock = SystemClock()
    moved = load_scenario(scenario).shifted(clock.now())
    return PracticeCluster(moved, clock=clock, directory=folder, usages=usages_of(moved))


def _runner(binary: Path, cluster: PracticeCluster, cache: Path) -> Kubectl:
    def run(*argv: str) -> "subprocess.CompletedProcess[str]":
        fixed = [str(binary), "--kubeconfig", str(cluster.kubeconfig), "--cache-dir", str(cache)]
        return subprocess.run(
            [*fixed, *argv], capture_output=True, text=True, timeout=60, check=False
        )

    return run


@pytest.fixture(scope="module")
def payments(kubectl_binary: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kubectl]:
    """Kubectl on a cluster that the tests of a module share and only read."""
    folder = tmp_path_factory.mktemp("payments")
    with _started("slow-api-database", folder) as cluster:
        yield _runner(kubectl_binary, cluster, folder / "cache")


@pytest.fixture(scope="module")
def crashing(kubectl_binary: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kubectl]:
    """Kubectl on a cluster with a crash loop, shared and only read."""
    folder = tmp_path_factory.mktemp("crashing")
    with _started("crash-loop-memory", folder) as cluster:
        yield _runner(kubectl_binary, cluster, folder / "cache")


@pytest.fixture
def kubectl(kubectl_binary: Path, tmp_path: Path) -> Iterator[Kubectl]:
    """Kubectl on a cluster of the test's own, which it may change."""
    with _started("slow-api-database", tmp_path) as cluster:
        yield _runner(kubectl_binary, cluster, tmp_path / "cache")
