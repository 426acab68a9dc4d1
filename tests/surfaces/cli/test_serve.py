"""What `fist serve` says when it cannot, and what it prints when it can."""

import socket
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from punchingfist.adapters.system import SystemClock
from punchingfist.lab.cluster import PracticeCluster
from punchingfist.lab.scenario import load_scenario
from tests.journeys.served import a_lab, served
from tests.surfaces.cli.fist import fist

SOURCE = """
apiVersion: punchingfist.io/v1alpha1
kind: Source
metadata: {{name: {name}}}
spec:
  type: webhook
  config: {{path: /webhook/alerts}}
  triggerWorkflow: investigate
---
"""
WORKFLOW = """
apiVersion: punchingfist.io/v1alpha1
kind: Workflow
metadata: {name: investigate}
spec:
  steps:
    - {name: look, type: agent, goal: Find out, tools: [kubectll]}
"""


def refused(tmp_path: Path, *arguments: str) -> "CompletedProcess[str]":
    """Run a server that is expected to end by itself."""
    scenario = load_scenario("healthy")
    with PracticeCluster(scenario, clock=SystemClock(), directory=tmp_path) as cluster:
        place = ["--kubeconfig", str(cluster.kubeconfig), "--data-dir", str(tmp_path / "data")]
        return fist("serve", *place, *arguments, home=tmp_path)


def test_a_port_in_use_is_named_with_the_way_out(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = refused(tmp_path, "--listen", f"127.0.0.1:{port}")

    assert done.returncode == 75
    assert str(port) in done.stderr
    assert "--listen" in done.stderr


def test_a_missing_resources_folder_exits_2(tmp_path: Path) -> None:
    done = refused(tmp_path, "--resources", str(tmp_path / "nowhere"))

    assert done.returncode == 2
    assert "nowhere" in done.stderr


def test_two_sources_on_one_path_are_both_named(tmp_path: Path) -> None:
    folder = tmp_path / "resources"
    folder.mkdir()
    text = SOURCE.format(name="one") + SOURCE.format(name="two")
    (folder / "sources.yaml").write_text(text)
    done = refused(tmp_path, "--resources", str(folder))

    assert done.returncode == 2
    assert "sources.yaml" in done.stderr
    assert "'one'" in done.stderr
    assert "'two'" in done.stderr


def test_an_unknown_tool_is_named_with_the_nearest_known_one(tmp_path: Path) -> None:
    folder = tmp_path / "resources"
    folder.mkdir()
    (folder / "workflow.yaml").write_text(WORKFLOW)
    done = refused(tmp_path, "--resources", str(folder))

    assert done.returncode == 2
    assert "'kubectll' is unknown; did you mean 'kubectl'?" in done.stderr
    assert "workflow.yaml:7" in done.stderr


@pytest.mark.parametrize("address", ["0.0.0.0:0", "[::]:0"])
def test_the_console_does_not_open_to_other_machines(tmp_path: Path, address: str) -> None:
    done = refused(tmp_path, "--listen", address)

    assert done.returncode == 6
    assert f"fist token create --role admin NAME --data-dir {tmp_path / 'data'}" in done.stderr


def test_what_is_no_network_is_no_trusted_proxy(tmp_path: Path) -> None:
    done = refused(tmp_path, "--trusted-proxy", "10.0.0.0/33")

    assert done.returncode == 2
    assert "--trusted-proxy '10.0.0.0/33'" in done.stderr


def test_without_a_cluster_it_says_where_it_looked(tmp_path: Path) -> None:
    done = fist("serve", home=tmp_path)

    assert done.returncode == 4
    assert "--kubeconfig" in done.stderr


async def test_it_prints_the_receiver_to_paste(tmp_path: Path) -> None:
    async with a_lab(tmp_path) as lab, served(lab) as server:
        said = (tmp_path / "server.log").read_text()

    assert f"- url: {server.url}/webhook/alerts" in said
    assert "send_resolved: true" in said


async def test_a_second_server_on_the_same_data_is_refused(tmp_path: Path) -> None:
    async with a_lab(tmp_path) as lab, served(lab) as server:
        place = ["--kubeconfig", str(lab.cluster.kubeconfig)]
        done = fist(
            "serve", "--listen", "127.0.0.1:0", "--data-dir", str(lab.data_dir), *place,
            home=tmp_path,
        )  # fmt: skip

    assert done.returncode == 5
    assert server.url in done.stderr


async def test_the_receiver_to_paste_names_the_address_other_machines_can_reach(
    tmp_path: Path,
) -> None:
    async with a_lab(tmp_path) as lab, served(lab, "--intake-listen", "127.0.0.2:0") as server:
        said = (tmp_path / "server.log").read_text()

    assert "- url: http://127.0.0.2:" in said
    assert server.url.startswith("http://127.0.0.1:")
    assert "no source has authentication" in said


async def test_committed_alerts_are_counted_by_source(tmp_path: Path) -> None:
    async with a_lab(tmp_path) as lab, served(lab) as server:
        await server.post(lab.webhook)
        metrics = (await server.http.get("/metrics")).text

    assert 'punchingfist_alerts_processed_total{source="alertmanager"} 1.0' in metrics


async def test_an_unreachable_cluster_is_told_at_once_and_in_the_health(tmp_path: Path) -> None:
    async with a_lab(tmp_path) as lab:
        lab.cluster.stop()
        async with served(lab) as server:
            health = await server.get("/healthz")
            said = (tmp_path / "server.log").read_text()

    assert "warning: cluster: " in said
    assert "practice" in str(health)


def test_a_data_directory_that_cannot_be_made_exits_2(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = refused(tmp_path, "--data-dir", str(tmp_path / "file" / "below"))

    assert done.returncode == 2
    assert "--data-dir" in done.stderr


def test_a_prometheus_url_that_is_none_exits_2(tmp_path: Path) -> None:
    done = refused(tmp_path, "--prometheus-url", "notaurl")

    assert done.returncode == 2
    assert "'notaurl'" in done.stderr
