"""What the kubectl tool makes of trouble."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from punchingfist.adapters.processes import PosixProcesses
from punchingfist.domain.guardrails.risk import Risk
from punchingfist.domain.investigation.evidence import Outcome
from punchingfist.domain.json import Json
from punchingfist.errors import InvalidInput, Refused, Unavailable
from punchingfist.extensions.tools.kubectl import TOOL
from punchingfist.lab.cluster import PracticeCluster
from punchingfist.lab.kubernetes.faults import Fault
from punchingfist.ports.cluster import ClusterReply
from punchingfist.ports.tool import Tool, ToolSpec
from punchingfist.ports.world import World
from tests.extensions.tools.conftest import NOWHERE, PresentClock, practice, run_line, world_of

SPEC = ToolSpec("kubectl")
POD = b'{"metadata":{"name":"cart-1","namespace":"shop"},"spec":{"containers":[{"name":"app"}]}}'


@dataclass
class CannedCluster:
    """A cluster whose pods all log *log*."""

    log: bytes = b""
    context: str = "prod-eu-1"
    server: str = "https://10.0.0.1:6443"
    namespace: str = "shop"
    kubeconfig: str | None = "/nowhere"
    environment: Mapping[str, str] = field(default_factory=dict)
    turns: int = 0

    async def turn(self) -> None:
        self.turns += 1

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        accept: str = "application/json",
        json: Json = None,
        timeout_seconds: float = 15,
        limit_bytes: int = 1 << 20,
    ) -> ClusterReply:
        body = self.log if path.endswith("/log") else POD
        return ClusterReply(200, "text/plain", body[:limit_bytes], len(body) > limit_bytes)


def world_with(cluster: CannedCluster | None, *, kubectl: str | None = None) -> World:
    processes = PosixProcesses() if kubectl else None
    return World(
        PresentClock(),
        NOWHERE,
        NOWHERE,
        NOWHERE,
        cluster=cluster,
        kubectl=kubectl,
        processes=processes,
    )


def program(folder: Path, text: str) -> str:
    path = folder / "kubectl"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


@pytest.fixture
def cluster(tmp_path: Path) -> PracticeCluster:
    return practice("crash-loop-memory", tmp_path)


@pytest.fixture(params=["api", "binary"])
async def tool(
    request: pytest.FixtureRequest, cluster: PracticeCluster, kubectl_binary: Path
) -> AsyncIterator[Tool]:
    """The tool on a cluster of the test's own, with one back end after the other."""
    with cluster:
        binary = kubectl_binary if request.param == "binary" else None
        async with world_of(cluster.kubeconfig, kubectl=binary) as world:
            yield TOOL.build(SPEC, world)


async def test_an_unreachable_cluster_is_a_gap_that_names_context_and_server(
    tool: Tool, cluster: PracticeCluster
) -> None:
    url = cluster.url
    cluster.stop()
    output = await run_line(tool, "get pods")

    assert output.outcome is Outcome.FAILED
    assert output.gap is not None
    assert f"cluster 'practice' at {url} cannot be reached" in output.gap


async def test_a_forbidden_kind_is_a_gap_in_the_servers_words(
    tool: Tool, cluster: PracticeCluster
) -> None:
    message = 'pods is forbidden: User "ana" cannot list resource "pods"'
    cluster.faults.add(Fault("*/pods", status=403, reason="Forbidden", message=message))
    output = await run_line(tool, "get pods")

    assert output.outcome is Outcome.FAILED
    assert output.gap == f"forbidden: {message}"


async def test_a_server_in_trouble_is_a_gap(tool: Tool, cluster: PracticeCluster) -> None:
    cluster.faults.add(Fault("*/pods", status=503))
    output = await run_line(tool, "get pods")

    assert output.outcome is Outcome.FAILED
    assert output.gap is not None
    assert "currently unable to handle the request" in output.gap


async def test_a_cluster_that_never_answers_times_out(tool: Tool, cluster: PracticeCluster) -> None:
    cluster.faults.add(Fault("*/pods", delay_seconds=30))
    output = await tool.run({"command": "get pods"}, timeout_seconds=0.4, limit_bytes=1000)

    assert output.outcome is Outcome.TIMED_OUT
    assert output.gap is not None
    assert "no answer within 0.4 s" in output.gap


async def test_output_beyond_the_limit_is_cut_and_says_so(tool: Tool) -> None:
    output = await run_line(tool, "get pods -A -o json", limit_bytes=500)

    assert output.outcome is Outcome.SEEN
    assert output.truncated
    assert 0 < len(output.text) < 600


async def test_nothing_found_says_where(tool: Tool) -> None:
    output = await run_line(tool, "get pods -n empty")

    assert output.outcome is Outcome.SEEN
    assert output.text == "No resources found in empty namespace.\n"


async def test_bytes_that_are_no_text_are_replaced() -> None:
    tool = TOOL.build(SPEC, world_with(CannedCluster(log=b"caf\xe9 \xff\n")))

    assert (await run_line(tool, "logs cart-1")).text == "caf\ufffd \ufffd\n"


async def test_bytes_that_are_no_text_are_replaced_from_a_binary_too(tmp_path: Path) -> None:
    binary = program(tmp_path, r"printf 'caf\351 \377\n'")
    tool = TOOL.build(SPEC, world_with(CannedCluster(), kubectl=binary))

    assert (await run_line(tool, "logs cart-1")).text == "caf\ufffd \ufffd\n"


async def test_ten_megabytes_of_log_are_cut_to_the_limit_asked_for() -> None:
    tool = TOOL.build(SPEC, world_with(CannedCluster(log=b"x" * 99 + b"\n" * 100_000)))
    output = await run_line(tool, "logs cart-1 --limit-bytes=1048576 --tail=-1")

    assert output.truncated is False  # a hundred thousand bytes fit

    big = TOOL.build(SPEC, world_with(CannedCluster(log=(b"x" * 99 + b"\n") * 100_000)))
    output = await run_line(big, "logs cart-1 --tail=-1")

    assert output.truncated
    assert len(output.text) <= 1 << 20


async def test_a_log_as_long_as_its_tail_may_have_more() -> None:
    tool = TOOL.build(SPEC, world_with(CannedCluster(log=b"line\n" * 20)))

    assert (await run_line(tool, "logs cart-1 --tail=20")).truncated
    assert not (await run_line(tool, "logs cart-1 --tail=21")).truncated


async def test_a_program_that_prints_without_end_is_stopped(tmp_path: Path) -> None:
    binary = program(tmp_path, "exec yes")
    tool = TOOL.build(SPEC, world_with(CannedCluster(), kubectl=binary))
    output = await tool.run({"command": "get pods"}, timeout_seconds=0.3, limit_bytes=1000)

    assert output.outcome is Outcome.TIMED_OUT


async def test_a_missing_program_is_a_gap(tmp_path: Path) -> None:
    binary = str(tmp_path / "kubectl")
    tool = TOOL.build(SPEC, world_with(CannedCluster(), kubectl=binary))
    output = await run_line(tool, "get pods")

    assert output.outcome is Outcome.FAILED
    assert output.gap is not None
    assert "cannot be started" in output.gap


async def test_the_program_gets_the_canonical_words_and_a_bare_environment(tmp_path: Path) -> None:
    binary = program(tmp_path, 'echo "$@"; env')
    cluster = CannedCluster(environment={"KUBECONFIG": "/etc/kube/config", "PATH": "/bin:/usr/bin"})
    tool = TOOL.build(SPEC, world_with(cluster, kubectl=binary))
    text = (await run_line(tool, "kubectl -n web get PODS -owide")).text
    first, *lines = text.splitlines()
    environment = dict(line.split("=", 1) for line in lines)

    assert first.startswith("get pods --namespace=web --output=wide --context=prod-eu-1 ")
    assert "--request-timeout=20s" in first
    assert environment["KUBECONFIG"] == "/etc/kube/config"
    assert environment["KUBERC"] == "off"
    assert set(environment) <= {
        *("HOME", "TMPDIR", "LANG", "PATH", "PWD", "SHLVL", "_", "OLDPWD"),
        *("KUBECONFIG", "KUBERC", "KUBECTL_KUBERC"),
    }


async def test_each_look_waits_for_its_turn() -> None:
    cluster = CannedCluster()
    tool = TOOL.build(SPEC, world_with(cluster))
    await run_line(tool, "get pods -o json")
    await run_line(tool, "logs cart-1")

    assert cluster.turns == 2


async def test_without_a_cluster_there_is_a_gap_with_what_to_do() -> None:
    output = await run_line(TOOL.build(SPEC, world_with(None)), "get pods")

    assert output.outcome is Outcome.FAILED
    assert output.gap == "no cluster is configured; set KUBECONFIG or give --kubeconfig"


def test_a_plan_shows_the_canonical_command_with_the_contexts_namespace() -> None:
    tool = TOOL.build(SPEC, world_with(CannedCluster()))
    plan = tool.plan({"args": ["get", "pods", "cart-1", "-o", "json"]})

    assert plan.command == "kubectl get pods cart-1 --namespace=shop --output=json"
    assert plan.namespace == "shop"
    assert plan.risk is Risk.READ


def test_a_change_is_planned_with_its_risk() -> None:
    tool = TOOL.build(SPEC, world_with(CannedCluster()))

    assert tool.plan({"command": "delete pod cart-1"}).risk is Risk.DESTRUCTIVE


def test_a_template_could_print_secrets_without_their_names_and_is_refused() -> None:
    tool = TOOL.build(SPEC, world_with(CannedCluster(), kubectl="/usr/bin/kubectl"))

    with pytest.raises(Refused, match="use json, yaml, wide or name"):
        tool.plan({"command": "get pods -o jsonpath={.items[*].spec.containers[*].env[*].value}"})


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"command": ["get", "pods"]},
        {"args": "get pods"},
        {"args": ["get", 3]},
        {"command": "get pods", "args": ["get"]},
        {"command": "get pods", "namespace": "shop"},
    ],
)
def test_other_arguments_are_refused(arguments: Mapping[str, Json]) -> None:
    tool = TOOL.build(SPEC, world_with(CannedCluster()))

    with pytest.raises(InvalidInput, match="either 'command', one line, or 'args'"):
        tool.plan(arguments)


def test_secrets_are_refused_before_anything_is_sent() -> None:
    with pytest.raises(Refused, match="secrets are never looked at"):
        TOOL.build(SPEC, world_with(CannedCluster())).plan({"command": "get secret db"})


async def test_a_cluster_that_cannot_let_us_in_is_a_gap() -> None:
    class Locked(CannedCluster):
        async def request(self, *args: object, **options: object) -> ClusterReply:
            raise Unavailable("context 'prod-eu-1': credential program 'aws' ended with 1: expired")

    output = await run_line(TOOL.build(SPEC, world_with(Locked())), "get pods")

    assert output.outcome is Outcome.FAILED
    assert output.gap is not None
    assert "expired" in output.gap


async def test_a_proxys_page_in_place_of_an_answer_is_a_gap() -> None:
    class Proxied(CannedCluster):
        async def request(self, *args: object, **options: object) -> ClusterReply:
            return ClusterReply(200, "text/html", b"<html>please sign in</html>")

    output = await run_line(TOOL.build(SPEC, world_with(Proxied())), "get pods")

    assert output.outcome is Outcome.FAILED
    assert output.gap is not None
    assert "no JSON" in output.gap


def test_the_two_back_ends_need_a_place_to_run_programs(tmp_path: Path) -> None:
    world = replace(world_with(CannedCluster(), kubectl="/usr/bin/kubectl"), processes=None)

    with pytest.raises(InvalidInput, match="needs a kubectl binary"):
        TOOL.build(SPEC, world).plan({"command": "events -o name"})
