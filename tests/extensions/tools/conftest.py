"""The kubectl tool on one practice cluster, with both of its back ends."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from punchingfist.adapters.kubernetes.cluster import RestCluster
from punchingfist.adapters.kubernetes.kubeconfig import find_access
from punchingfist.adapters.pacing import Turns
from punchingfist.adapters.processes import PosixProcesses
from punchingfist.domain.guardrails.pace import Pace
from punchingfist.extensions.tools.kubectl import TOOL
from punchingfist.lab.cluster import PracticeCluster
from punchingfist.lab.scenario import load_scenario
from punchingfist.lab.usage import usages_of
from punchingfist.ports.tool import Tool, ToolOutput, ToolSpec
from punchingfist.ports.world import World

NOWHERE: Any = None
HURRY = Pace(per_second=1000, burst=1000)


class PresentClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


def practice(scenario: str, folder: Path) -> PracticeCluster:
    clock = PresentClock()
    moved = load_scenario(scenario).shifted(clock.now())
    return PracticeCluster(moved, clock=clock, directory=folder, usages=usages_of(moved))


@asynccontextmanager
async def world_of(kubeconfig: Path, *, kubectl: Path | None = None) -> AsyncIterator[World]:
    access = find_access(str(kubeconfig), None, environ={})
    cluster = RestCluster(access, environ={}, turns=Turns(HURRY))
    yield World(
        PresentClock(),
        NOWHERE,
        NOWHERE,
        NOWHERE,
        cluster=cluster,
        kubectl=str(kubectl) if kubectl else None,
        processes=PosixProcesses() if kubectl else None,
    )
    await cluster.aclose()


async def run_line(tool: Tool, line: str, *, limit_bytes: int = 1 << 20) -> ToolOutput:
    return await tool.run({"command": line}, timeout_seconds=20, limit_bytes=limit_bytes)


@pytest.fixture(scope="module")
def crashing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PracticeCluster]:
    """A cluster with a crash loop, shared and only read."""
    with practice("crash-loop-memory", tmp_path_factory.mktemp("crashing")) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def payments(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PracticeCluster]:
    """A cluster with a slow database, shared and only read."""
    with practice("slow-api-database", tmp_path_factory.mktemp("payments")) as cluster:
        yield cluster


@pytest.fixture
async def over_api(payments: PracticeCluster) -> AsyncIterator[Tool]:
    async with world_of(payments.kubeconfig) as world:
        yield TOOL.build(ToolSpec("kubectl"), world)


@pytest.fixture
async def by_binary(payments: PracticeCluster, kubectl_binary: Path) -> AsyncIterator[Tool]:
    async with world_of(payments.kubeconfig, kubectl=kubectl_binary) as world:
        yield TOOL.build(ToolSpec("kubectl"), world)
