"""The practice cluster as a whole: over TLS, with its kubeconfig, for every scenario."""

import ssl
import stat
import subprocess
from pathlib import Path

import httpx2
import pytest

from punchingfist.adapters.system import SystemClock
from punchingfist.errors import Unavailable
from punchingfist.lab.cluster import PracticeCluster
from punchingfist.lab.kubernetes.faults import Fault
from punchingfist.lab.scenario import Scenario, list_scenarios, load_scenario


@pytest.fixture
def scenario() -> Scenario:
    return load_scenario("too-little-to-see")


def _cluster(scenario: Scenario, folder: Path) -> PracticeCluster:
    return PracticeCluster(scenario, clock=SystemClock(), directory=folder)


def _client(cluster: PracticeCluster, token: str) -> httpx2.Client:
    trust = ssl.create_default_context(cadata=cluster.authority.decode())
    headers = {"Authorization": f"Bearer {token}"}
    return httpx2.Client(base_url=cluster.url, verify=trust, headers=headers)


def test_the_token_opens_the_door_and_no_other_does(scenario: Scenario, tmp_path: Path) -> None:
    with _cluster(scenario, tmp_path) as cluster:
        with _client(cluster, cluster.token) as client:
            known = client.get("/api/v1/namespaces").status_code
        with _client(cluster, "guess") as client:
            unknown = client.get("/api/v1/namespaces").status_code

    assert (known, unknown) == (200, 401)


def test_only_its_own_authority_vouches_for_it(scenario: Scenario, tmp_path: Path) -> None:
    with (
        _cluster(scenario, tmp_path) as cluster,
        httpx2.Client(base_url=cluster.url) as client,
        pytest.raises(httpx2.ConnectError, match="certificate"),
    ):
        client.get("/readyz")


def test_the_kubeconfig_is_for_its_owner_alone(scenario: Scenario, tmp_path: Path) -> None:
    with _cluster(scenario, tmp_path) as cluster:
        mode = stat.S_IMODE(cluster.kubeconfig.stat().st_mode)

    assert mode == 0o600


def test_a_stopped_cluster_is_unreachable(scenario: Scenario, tmp_path: Path) -> None:
    cluster = _cluster(scenario, tmp_path)
    cluster.start()
    client = _client(cluster, cluster.token)
    cluster.stop()

    with client, pytest.raises(httpx2.ConnectError):
        client.get("/readyz")
    with pytest.raises(Unavailable, match="is not running"):
        _ = cluster.url


def test_an_open_watch_does_not_keep_it_from_stopping(scenario: Scenario, tmp_path: Path) -> None:
    with (
        _cluster(scenario, tmp_path) as cluster,
        _client(cluster, cluster.token) as client,
        client.stream("GET", "/api/v1/namespaces?watch=1") as watch,
    ):
        lines = watch.iter_lines()
        next(lines)
        cluster.stop()

        with pytest.raises(httpx2.TransportError):
            list(lines)


def test_a_cut_answer_breaks_the_connection(scenario: Scenario, tmp_path: Path) -> None:
    with _cluster(scenario, tmp_path) as cluster, _client(cluster, cluster.token) as client:
        cluster.faults.add(Fault(path="/api/v1/nodes", cut_after_bytes=20, times=1))

        with pytest.raises(httpx2.RemoteProtocolError):
            client.get("/api/v1/nodes")
        assert client.get("/api/v1/nodes").status_code == 200


@pytest.mark.parametrize("name", list_scenarios())
def test_kubectl_sees_every_scenario(name: str, kubectl_binary: Path, tmp_path: Path) -> None:
    clock = SystemClock()
    scenario = load_scenario(name).shifted(clock.now())
    fixed = [str(kubectl_binary), "--cache-dir", str(tmp_path / "cache")]
    with PracticeCluster(scenario, clock=clock, directory=tmp_path) as cluster:
        done = subprocess.run(
            [*fixed, "--kubeconfig", str(cluster.kubeconfig), "get", "pods", "-A", "-o", "name"],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    if scenario.forbidden:
        assert "pods is forbidden" in done.stderr
    else:
        pods = [obj for obj in scenario.objects if obj["kind"] == "Pod"]
        assert len(done.stdout.split()) == len(pods), done.stderr
