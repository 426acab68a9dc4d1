"""Building a running system: store, engine, edges and extensions, in the order they depend."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files

import structlog

from punchingfist.adapters.resource_files import load_folder
from punchingfist.adapters.store.data_dir import DataDir, ServerRecord
from punchingfist.adapters.store.store import Store
from punchingfist.adapters.system import SystemClock, UuidIds
from punchingfist.adapters.telemetry import PrometheusTelemetry
from punchingfist.bootstrap.door import audit_secrets, build_doorkeeper
from punchingfist.bootstrap.edges import Edges
from punchingfist.bootstrap.extensions import Extensions, collect_extensions
from punchingfist.bootstrap.following import Following
from punchingfist.bootstrap.listening import Listening, poll
from punchingfist.bootstrap.options import Options
from punchingfist.bootstrap.storage import find_database_url, open_storage
from punchingfist.domain.guardrails.redaction import Redactor
from punchingfist.domain.loading.assemble import assemble_files
from punchingfist.domain.resources.collection import Resources
from punchingfist.errors import PunchingFistError
from punchingfist.operations.api_sources import ApiSource
from punchingfist.operations.deliver import delivery_flow
from punchingfist.operations.doorkeeper import Doorkeeper
from punchingfist.operations.hooks import Hook
from punchingfist.operations.investigate import RulesInvestigator
from punchingfist.operations.receive import Receiver
from punchingfist.operations.run_workflow import execution_flow
from punchingfist.operations.silence import Silencer
from punchingfist.operations.start_execution import Starter
from punchingfist.operations.sweep import Sweeper
from punchingfist.operations.workbench import Workbench
from punchingfist.ports.alerts import Alerts
from punchingfist.ports.artifacts import Artifacts
from punchingfist.ports.audit import Audit
from punchingfist.ports.clock import Clock
from punchingfist.ports.decisions import Decisions
from punchingfist.ports.deliveries import Deliveries
from punchingfist.ports.durable import DELIVERY_FLOW, EXECUTION_FLOW
from punchingfist.ports.executions import Executions
from punchingfist.ports.incidents import Incidents
from punchingfist.ports.silences import Silences
from punchingfist.ports.telemetry import Telemetry
from punchingfist.ports.timeline import Timeline
from punchingfist.settings import Settings

_HEALTH_SECONDS = 3.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Health:
    """Whether we can do our job; *parts* names each dependency and its state in a few words."""

    ok: bool
    parts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class App:
    """
    A running system, as the surfaces see it.

    *hooks* and *api_sources* give the paths of the resources as they are now,
    and *resources* those resources; *context* is the cluster's name for people;
    *external_url* is empty when links cannot leave this machine. *announce*
    says where the server answers. *doorkeeper* knows who is asking.
    """

    clock: Clock
    incidents: Incidents
    executions: Executions
    timeline: Timeline
    artifacts: Artifacts
    deliveries: Deliveries
    alerts: Alerts
    decisions: Decisions
    silences: Silences
    silencer: Silencer
    started_at: datetime
    receiver: Receiver
    telemetry: Telemetry
    hooks: Callable[[], Mapping[str, Hook]]
    resources: Callable[[], Resources]
    health: Callable[[], Awaitable[Health]]
    announce: Callable[[str], None]
    doorkeeper: Doorkeeper
    audit: Audit
    context: str
    external_url: str = ""
    api_sources: Callable[[], Mapping[str, ApiSource]] = dict


@asynccontextmanager
async def open_app(options: Options, settings: Settings | None = None) -> AsyncIterator[App]:
    """
    Build everything, run it until the block ends, and close it in reverse order.

    Raises:
        Conflict: another server owns the data directory.
        InvalidInput: the resources are wrong; everything wrong with them.
        Unavailable: the database does not answer.
        NotFound: a kubeconfig, context or secret is not there.
    """
    settings = settings or Settings.from_environment()
    extensions = collect_extensions()
    edges = Edges(options, settings)
    resources = load_resources(options, extensions)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(edges.close)
        data_dir = DataDir(options.data_dir)
        data_dir.acquire()
        stack.callback(data_dir.release)
        url = await find_database_url(options.database_url, resources, edges.secrets)
        storage = await asyncio.to_thread(open_storage, url, data_dir.database)
        store, durable = storage.store, storage.durable
        stack.callback(store.close)
        doorkeeper = build_doorkeeper(store)
        await audit_secrets(edges.secrets, store.audit)
        starter = Starter(store.starts, SystemClock(), durable.start_in)
        listening = Listening(resources, extensions, edges, store.definitions, starter)
        await listening.refresh(resources)
        telemetry = PrometheusTelemetry()
        bench = _workbench(store, extensions, edges, options, telemetry)
        await durable.launch(
            {EXECUTION_FLOW: execution_flow(bench), DELIVERY_FLOW: delivery_flow(bench)}
        )
        stack.push_async_callback(durable.close)
        receiver = Receiver(
            store.intake,
            SystemClock(),
            durable.start_in,
            redact=bench.redact,
            count=telemetry.alerts_processed,
        )
        stack.push_async_callback(receiver.close)
        following = Following(extensions, edges, store, receiver, starter)
        following.follow(listening.resources)
        stack.push_async_callback(following.close)
        listening.on_change = following.follow
        if options.resources is not None:
            watching = asyncio.create_task(listening.watch(options.resources))
            stack.callback(watching.cancel)
        if options.alertmanager is not None:
            polling = asyncio.create_task(
                poll(options.alertmanager, edges, store, receiver, listening)
            )
            stack.callback(polling.cancel)
        sweeper = Sweeper(store.alerts, receiver.receive, SystemClock())
        sweeping = asyncio.create_task(sweeper.run())
        stack.callback(sweeping.cancel)
        yield App(
            clock=SystemClock(),
            incidents=store.incidents,
            executions=store.executions,
            timeline=store.timeline,
            artifacts=store.artifacts,
            deliveries=store.deliveries,
            alerts=store.alerts,
            decisions=store.decisions,
            silences=store.silences,
            silencer=Silencer(store.silences, store.audit, SystemClock(), UuidIds()),
            started_at=SystemClock().now(),
            receiver=receiver,
            telemetry=telemetry,
            hooks=lambda: listening.hooks,
            resources=lambda: listening.resources,
            health=lambda: _health(store, edges),
            announce=lambda url: data_dir.announce(
                ServerRecord(url, os.getpid(), doorkeeper.owner)
            ),
            doorkeeper=doorkeeper,
            audit=store.audit,
            context=edges.cluster.context,
            external_url=options.external_url.rstrip("/"),
            api_sources=lambda: listening.api_sources,
        )


def load_resources(options: Options, extensions: Extensions) -> Resources:
    """Return the resources of the chosen folder, or the built-in set."""
    if options.resources is not None:
        return load_folder(options.resources, known=extensions.known)
    built_in = files("punchingfist.bootstrap").joinpath("default.yaml")
    return assemble_files({"default.yaml": built_in.read_text("utf-8")}, extensions.known)


def _workbench(
    store: Store, extensions: Extensions, edges: Edges, options: Options, telemetry: Telemetry
) -> Workbench:
    return Workbench(
        world=edges.world,
        artifacts=store.artifacts,
        timeline=store.timeline,
        executions=store.executions,
        incidents=store.incidents,
        deliveries=store.deliveries,
        telemetry=telemetry,
        investigator=RulesInvestigator(tuple(extensions.rules.values())),
        redact=Redactor(edges.secrets.known),
        tools=extensions.tools,
        sinks=extensions.sinks,
        steps=extensions.steps,
        external_url=options.external_url.rstrip("/"),
    )


async def _health(store: Store, edges: Edges) -> Health:
    """The database decides whether we are well; a cluster that is away is only told."""
    parts: dict[str, str] = {}
    try:
        await store.incidents.newest(limit=1)
        parts["database"] = "ok"
    except PunchingFistError as trouble:
        parts["database"] = str(trouble)
    parts["cluster"] = await why_unreachable(edges) or f"ok ({edges.cluster.context})"
    parts["prometheus"] = await _prometheus(edges)
    return Health(ok=parts["database"] == "ok", parts=parts)


async def _prometheus(edges: Edges) -> str:
    endpoint = edges.world.prometheus
    if endpoint is None:
        return "not configured"
    try:
        reply = await edges.http.request(
            "GET",
            f"{endpoint.url}/api/v1/query",
            headers=endpoint.headers,
            params={"query": "1"},
            timeout_seconds=_HEALTH_SECONDS,
        )
    except PunchingFistError as trouble:
        return str(trouble)
    return "ok" if reply.status == 200 else f"HTTP {reply.status}"


async def why_unreachable(edges: Edges) -> str | None:
    """Return why the cluster does not answer, None when it does."""
    try:
        reply = await edges.cluster.request("GET", "/readyz", timeout_seconds=_HEALTH_SECONDS)
    except PunchingFistError as trouble:
        return str(trouble)
    if reply.status in {401, 407}:
        return f"context {edges.cluster.context!r}: the API server does not know these credentials"
    return None
