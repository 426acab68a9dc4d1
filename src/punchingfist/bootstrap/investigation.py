"""One investigation without a server: the same tools and rules, nothing kept."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from punchingfist.adapters.durable.memory import MemoryDurable
from punchingfist.adapters.store.memory import MemoryStore
from punchingfist.adapters.telemetry import PrometheusTelemetry
from punchingfist.bootstrap.app import why_unreachable
from punchingfist.bootstrap.edges import Edges
from punchingfist.bootstrap.extensions import collect_extensions
from punchingfist.bootstrap.options import Options
from punchingfist.domain.guardrails.redaction import Redactor
from punchingfist.domain.investigation.findings import Report
from punchingfist.domain.investigation.question import Question
from punchingfist.domain.json import Json, JsonObject
from punchingfist.domain.timeline import TimelineEvent
from punchingfist.errors import Unavailable
from punchingfist.operations.investigate import RulesInvestigator
from punchingfist.operations.tool_belt import ToolBelt
from punchingfist.operations.workbench import Workbench
from punchingfist.ports.durable import Ctx, Start
from punchingfist.ports.executions import ExecutionRow
from punchingfist.ports.tool import ToolSpec
from punchingfist.settings import Settings

_FLOW = "pf.investigation.v1"
_SUBJECT = "investigation"


@dataclass(frozen=True, slots=True)
class Answer:
    """The report, with how often the cluster's and Prometheus's doors were used for it."""

    report: Report
    reads: int
    writes: int
    context: str


async def investigate_once(
    question: Question,
    options: Options,
    *,
    settings: Settings | None = None,
    watch: Callable[[TimelineEvent], None],
) -> Answer:
    """
    Find out the answer to *question*, telling *watch* what happens as it happens.

    Raises:
        Unavailable: the cluster cannot be reached at all; with no eyes there
            is nothing to investigate with.
    """
    async with _open(options, settings or Settings.from_environment()) as (bench, edges):
        unreachable = await why_unreachable(edges)
        if unreachable:
            raise Unavailable(unreachable)
        await bench.executions.add(_execution(question))
        counts = {"reads": 0, "writes": 0}

        async def flow(ctx: Ctx, _payload: JsonObject) -> Json:
            belt = ToolBelt(
                bench=bench,
                ctx=ctx,
                specs=tuple(ToolSpec(name) for name in sorted(bench.tools)),
                subject_id=_SUBJECT,
                execution_id=_SUBJECT,
            )
            report = await bench.investigator.investigate(question, belt, ctx)
            counts.update(reads=belt.reads, writes=belt.writes)
            return report.to_json()

        report = await _run(flow, bench, watch)
        return Answer(report, counts["reads"], counts["writes"], edges.cluster.context)


def _execution(question: Question) -> ExecutionRow:
    """Return the record the tool belt writes under; there is no incident and nobody to tell."""
    return ExecutionRow(
        id=_SUBJECT,
        short_id=_SUBJECT,
        incident_id=None,
        workflow_name=_SUBJECT,
        workflow={},
        sinks=(),
        source="cli",
        event={},
        context={},
        status="running",
        queued_at=question.at,
        started_at=question.at,
        ended_at=None,
        error=None,
        outputs={},
    )


async def _run(flow: Any, bench: Workbench, watch: Callable[[TimelineEvent], None]) -> Report:
    durable = MemoryDurable()
    await durable.launch({_FLOW: flow})

    async def tell() -> None:
        async for event in bench.timeline.follow(_SUBJECT):
            watch(event)

    telling = asyncio.create_task(tell())
    try:
        await durable.start(Start(_SUBJECT, _FLOW, {}))
        ended = await durable.ended(_SUBJECT)
        await asyncio.sleep(0)  # lets the last line be told
    finally:
        telling.cancel()
        await durable.close()
    if ended.error:
        raise Unavailable(f"the investigation stopped: {ended.error}", retryable=False)
    result: Any = ended.result
    return Report.from_json(json.loads(json.dumps(result)))


@asynccontextmanager
async def _open(options: Options, settings: Settings) -> AsyncIterator[tuple[Workbench, Edges]]:
    extensions = collect_extensions()
    edges = Edges(options, settings)
    store = MemoryStore()
    try:
        yield (
            Workbench(
                world=edges.world,
                artifacts=store.artifacts,
                timeline=store.timeline,
                executions=store.executions,
                incidents=store.incidents,
                deliveries=store.deliveries,
                telemetry=PrometheusTelemetry(),
                investigator=RulesInvestigator(tuple(extensions.rules.values())),
                redact=Redactor(edges.secrets.known),
                tools=extensions.tools,
                sinks=extensions.sinks,
                steps=extensions.steps,
            ),
            edges,
        )
    finally:
        await edges.close()
