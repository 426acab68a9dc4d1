"""An investigation through the real kubectl tool where roles leave something out."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest

import punchingfist.extensions.rules as folder
from punchingfist.domain.investigation.evidence import Look, Outcome
from punchingfist.domain.investigation.findings import Report, Verdict
from punchingfist.domain.investigation.looks import KUBECTL
from punchingfist.extensions.tools.kubectl import TOOL
from punchingfist.lab.cluster import PracticeCluster
from punchingfist.lab.kubernetes.access import Denial
from punchingfist.lab.scenario import load_scenario
from punchingfist.operations.investigate import RulesInvestigator
from punchingfist.ports.tool import Tool, ToolSpec
from tests.extensions.tools.conftest import PresentClock, run_line, world_of
from tests.operations.practice_belt import PracticeBelt, StraightCtx, question_of

RULES = [
    import_module(f"{folder.__name__}.{module.name}").RULE
    for module in iter_modules(folder.__path__)
]
SPACE = "production"
LISTING = f"get pods,deployments,jobs -n {SPACE} -o json"


@dataclass
class RealBelt(PracticeBelt):
    """A practice belt whose kubectl is the real tool."""

    tool: Tool | None = None

    async def ask(self, look: Look) -> tuple[Outcome, str, str | None]:
        if look.tool != KUBECTL or self.tool is None:
            return await super().ask(look)
        output = await self.tool.run(look.arguments, timeout_seconds=20, limit_bytes=8 << 20)
        return output.outcome, output.text, output.gap


@pytest.fixture(params=["api", "binary"])
def kubectl(request: pytest.FixtureRequest) -> Path | None:
    """The back end: none is the API, else the binary."""
    if request.param == "api":
        return None
    program: Path = request.getfixturevalue("kubectl_binary")
    return program


@pytest.fixture
async def belt(
    request: pytest.FixtureRequest, kubectl: Path | None, tmp_path: Path
) -> AsyncIterator[RealBelt]:
    clock = PresentClock()
    moved = load_scenario("crash-loop-memory").shifted(clock.now())
    closed = replace(moved, forbidden=(Denial(request.param, SPACE),))
    with PracticeCluster(closed, clock=clock, directory=tmp_path) as cluster:
        async with world_of(cluster.kubeconfig, kubectl=kubectl) as world:
            yield RealBelt(moved, tool=TOOL.build(ToolSpec("kubectl"), world))


async def investigate(belt: RealBelt) -> Report:
    question = question_of(belt.scenario)
    return await RulesInvestigator(RULES).investigate(question, belt, StraightCtx())


@pytest.mark.parametrize("belt", ["jobs"], indirect=True)
async def test_a_listing_with_a_forbidden_kind_is_no_whole_listing(belt: RealBelt) -> None:
    assert belt.tool

    output = await run_line(belt.tool, LISTING)

    assert output.outcome is Outcome.FAILED
    assert output.gap
    assert output.gap.startswith("forbidden: jobs.batch is forbidden")
    assert '"kind": "Pod"' in output.text


@pytest.mark.parametrize("belt", ["jobs", "cronjobs", "configmaps", "events"], indirect=True)
async def test_a_forbidden_kind_costs_that_kind_and_not_the_cause(
    belt: RealBelt, request: pytest.FixtureRequest
) -> None:
    report = await investigate(belt)

    assert report.verdict is Verdict.CAUSE_FOUND
    assert str(report.object) == "Deployment production/my-app"
    closed = request.node.callspec.params["belt"]
    assert [gap.what for gap in report.gaps] == [f"{closed} in {SPACE}"]


@pytest.mark.parametrize("belt", ["pods"], indirect=True)
async def test_forbidden_pods_are_a_gap_and_never_an_absence(belt: RealBelt) -> None:
    report = await investigate(belt)

    assert report.verdict is Verdict.UNKNOWN
    assert f"pods in {SPACE}" in {gap.what for gap in report.gaps}
