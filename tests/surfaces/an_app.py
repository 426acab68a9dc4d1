"""An application over a store in memory, and incidents worth looking at."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from punchingfist.adapters.system import SystemSecrets, UuidIds
from punchingfist.adapters.telemetry import PrometheusTelemetry
from punchingfist.bootstrap.app import App, Health
from punchingfist.domain.alerts import Severity
from punchingfist.domain.incidents import Incident, IncidentAlert, IncidentStatus
from punchingfist.domain.investigation.findings import (
    ChangeSeen,
    Finding,
    Gap,
    ObjectRef,
    Quote,
    Recommendation,
    Report,
    Verdict,
)
from punchingfist.domain.resources.collection import Resources
from punchingfist.domain.timeline import Happening, Kind
from punchingfist.operations.doorkeeper import Doorkeeper
from punchingfist.operations.hooks import Hook
from punchingfist.operations.issue_token import TokenOffice
from punchingfist.operations.receive import Receiver
from punchingfist.operations.silence import Silencer
from punchingfist.ports.clock import Clock
from punchingfist.ports.deliveries import DeliveryRow
from punchingfist.ports.executions import ExecutionRow, StepRow
from punchingfist.ports.intake import Intake
from punchingfist.testing.store import MemoryAudit, MemoryStore, MemoryTokens
from tests.arrivals import Started

START = datetime(2026, 5, 1, 3, 12, tzinfo=UTC)
NOW = START + timedelta(minutes=12)
CART = ObjectRef("Deployment", "shop", "cart")
POD = ObjectRef("Pod", "shop", "cart-7d9f6c5b8-x2x9k")
OOM = Quote("E2", "Last State: Terminated, Reason: OOMKilled, Exit Code: 137")
HEAP = Quote(
    "E4", "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory"
)
ROLLED = Quote("E5", "deployment.kubernetes.io/revision: 42")


class FixedClock:
    """A clock that stands where it is put."""

    def __init__(self, now: datetime = NOW) -> None:
        self.at = now

    def now(self) -> datetime:
        return self.at


def an_app(
    store: Any = None,
    *,
    hooks: Mapping[str, Hook] | None = None,
    intake: Intake | None = None,
    healthy: bool = True,
    external_url: str = "",
    doorkeeper: Doorkeeper | None = None,
) -> App:
    store, clock = store or MemoryStore(), FixedClock()
    doorkeeper = doorkeeper or a_doorkeeper(clock)

    async def health() -> Health:
        return Health(ok=healthy, parts={"database": "ok" if healthy else "locked"})

    return App(
        clock=clock,
        incidents=store.incidents,
        executions=store.executions,
        timeline=store.timeline,
        artifacts=store.artifacts,
        deliveries=store.deliveries,
        alerts=store.alerts,
        decisions=store.decisions,
        silences=store.silences,
        silencer=Silencer(store.silences, store.audit, clock, UuidIds()),
        started_at=START,
        receiver=Receiver(intake or store.intake, clock, Started())
        if _takes(store, intake)
        else None,  # type: ignore[arg-type]
        telemetry=PrometheusTelemetry(),
        hooks=lambda: hooks or {},
        resources=Resources,
        health=health,
        announce=lambda _url: None,
        doorkeeper=doorkeeper,
        audit=doorkeeper.office.audit,
        context="prod-eu-1",
        external_url=external_url,
    )


def a_doorkeeper(clock: Clock | None = None) -> Doorkeeper:
    """Return one who knows nobody yet but the owner and whoever holds the link."""
    office = TokenOffice(
        MemoryTokens(), MemoryAudit(), clock or FixedClock(), UuidIds(), SystemSecrets()
    )
    return Doorkeeper(office, owner=SystemSecrets().new(), link=SystemSecrets().new())


def _takes(store: Any, intake: Intake | None) -> bool:
    return intake is not None or hasattr(store, "intake")


def an_alert(**changed: Any) -> IncidentAlert:
    alert = IncidentAlert(
        id="0190-a",
        short_id="A-88121",
        name="KubePodCrashLooping",
        severity=Severity.CRITICAL,
        firing=True,
        status="triaging",
        summary="Pod shop/cart-7d9f6c5b8-x2x9k is restarting 0.5 times / 5 minutes",
        labels={
            "alertname": "KubePodCrashLooping",
            "namespace": "shop",
            "pod": POD.name,
            "container": "cart",
            "severity": "critical",
        },
        annotations={
            "runbook_url": "https://runbooks.example.com/crash-loop",
            "dashboard_url": "https://grafana.example.com/d/pods",
        },
        generator_url="http://prometheus.example.com/graph?g0.expr=up",
        starts_at=START,
        received_at=START + timedelta(minutes=5),
        resolved_at=None,
        occurrences=3,
        episode=1,
    )
    return replace(alert, **changed)


def an_incident(number: int = 1042, **changed: Any) -> Incident:
    incident = Incident(
        id=f"0190-i-{number}",
        short_id=f"INC-{number}",
        title="Pod shop/cart-7d9f6c5b8-x2x9k is crash looping",
        status=IncidentStatus.INVESTIGATING,
        severity=Severity.CRITICAL,
        episode=1,
        created_at=START + timedelta(minutes=5),
        updated_at=NOW,
        resolved_at=None,
        owner=None,
        alerts_count=1,
        alerts=(an_alert(),),
        report=None,
        execution_id=f"0190-x-{number}",
    )
    return replace(incident, **changed)


FINDING = Finding(
    rule="out_of_memory",
    claim="cart is OOMKilled: its memory limit of 256Mi is too low (peak 256Mi, its heap ran out), "
    "since revision 42 rolled out: cart:2.3.1 → cart:2.4.0",
    object=CART,
    quotes=(OOM, HEAP),
    confidence=0.93,
)
STRUCK = Finding(
    rule="failing_probe",
    claim="the readiness probe of cart fails",
    object=CART,
    quotes=(Quote("E3", "Readiness probe failed: connection refused"),),
    confidence=0.4,
    struck="the quoted line is not in E3",
)


def a_report(**changed: Any) -> Report:
    report = Report(
        verdict=Verdict.CAUSE_FOUND,
        summary="cart restarts because its heap grows past the memory limit that revision 42 halved.",
        problem_summary="Pod shop/cart-7d9f6c5b8-x2x9k is crash looping",
        root_cause=FINDING.claim,
        object=CART,
        findings=(FINDING, STRUCK),
        confidence=0.93,
        severity_assessment="critical: every replica restarts",
        actions_taken=(),
        recommendations=(
            Recommendation(
                "raise the memory limit of cart from 256Mi to 512Mi",
                risk="write",
                command="kubectl set resources deployment/cart --containers=cart --limits=memory=512Mi -n shop",
                undo="kubectl set resources deployment/cart --containers=cart --limits=memory=256Mi -n shop",
            ),
            Recommendation("Ask the cart team why the limit was halved", risk="read"),
        ),
        can_auto_fix=False,
        fix_command=None,
        escalation_notes="The heap was at the limit within 4 minutes of every start.",
        gaps=(
            Gap("memory of cart over the last hour", "Prometheus did not answer within 30 s", "E6"),
        ),
        checked=9,
        last_change=ChangeSeen(
            CART,
            "revision 42 rolled out: image cart:2.3.1 → cart:2.4.0",
            "2026-05-01T03:08:00Z",
            ROLLED,
        ),
        decisive=OOM,
    )
    return replace(report, **changed)


UNKNOWN = a_report(
    verdict=Verdict.UNKNOWN,
    summary="Nothing that was seen explains the alert.",
    root_cause=None,
    object=None,
    findings=(),
    confidence=0.0,
    recommendations=(),
    gaps=(
        Gap("logs of payments", 'pods "payments-0" is forbidden', "E3"),
        Gap("metrics", "Prometheus did not answer within 30 s", "E6"),
    ),
    last_change=None,
    decisive=None,
    escalation_notes="Give fist the right to read pod logs in payments, then ask again.",
)


def an_execution(incident: Incident, **changed: Any) -> ExecutionRow:
    assert incident.execution_id
    execution = ExecutionRow(
        id=incident.execution_id,
        short_id="EX-311",
        incident_id=incident.id,
        workflow_name="triage",
        workflow={},
        sinks=({"metadata": {"name": "chat"}, "spec": {"config": {"botToken": "xoxb-s3cret"}}},),
        source="alertmanager",
        event={},
        context={},
        status="running",
        queued_at=START + timedelta(minutes=5),
        started_at=START + timedelta(minutes=5, seconds=1),
        ended_at=None,
        error=None,
        outputs={},
        steps=(),
    )
    return replace(execution, **changed)


def looked(number: int, command: str, text: str, **changed: Any) -> Happening:
    detail = {
        "execution_id": "0190-x-1042",
        "evidence_id": f"E{number}",
        "tool": "kubectl",
        "command": command,
        "risk": "read",
        "outcome": "seen",
        "exit_code": 0,
        "duration_seconds": 0.042,
        "size_bytes": len(text),
        "truncated": False,
        "artifact": "ab" * 32,
        "why": "what the alert names",
        "gap": None,
        "excerpt": text,
        **changed,
    }
    return Happening(Kind.LOOKED, f"E{number} {detail['why']}: {command}", f"look/{number}", detail)


def found(finding: Finding) -> Happening:
    return Happening(
        Kind.FOUND,
        f"{finding.claim} ({finding.confidence:.2f})",
        f"found/{finding.rule}",
        {"execution_id": "0190-x-1042", "finding": finding.to_json()},
    )


def happened(kind: Kind, text: str) -> Happening:
    return Happening(kind, text, f"{kind}/{text}", {"execution_id": "0190-x-1042"})


CONCLUDED = happened(Kind.CONCLUDED, "cart is killed at its memory limit of 256Mi")


async def begin(store: MemoryStore) -> Incident:
    """Put a running investigation that has looked twice into *store*."""
    incident = an_incident()
    store.incidents.put(incident)
    await store.executions.add(an_execution(incident))
    step = StepRow("investigate", "agent", "running", START, None, "", None, None)
    await store.executions.save_step("0190-x-1042", step)
    at = START + timedelta(minutes=5)
    for number, happening in enumerate(
        (
            happened(Kind.ALERT_FIRED, "KubePodCrashLooping fired"),
            happened(Kind.INCIDENT_OPENED, "INC-1042 opened"),
            happened(Kind.EXECUTION_STARTED, "EX-311 started: workflow triage"),
            looked(
                1,
                "kubectl get pods -n shop",
                "NAME READY STATUS\ncart-7d9f6c5b8-x2x9k 0/1 CrashLoopBackOff",
            ),
            looked(
                2,
                "kubectl describe pod cart-7d9f6c5b8-x2x9k -n shop",
                f"State: Waiting\n{OOM.line}\n",
            ),
        )
    ):
        await store.timeline.append(incident.id, happening, at=at + timedelta(seconds=number))
    return incident


async def conclude(store: MemoryStore, report: Report | None = None) -> Incident:
    """Let the investigation that `begin` began end with *report*."""
    at = START + timedelta(minutes=6)
    await store.executions.save_report("0190-x-1042", (report or a_report()).to_json())
    await store.timeline.append("0190-i-1042", CONCLUDED, at=at)
    step = StepRow(
        "investigate", "agent", "succeeded", START, START + timedelta(seconds=3), "", None, None
    )
    await store.executions.save_step("0190-x-1042", step)
    await store.executions.finish("0190-x-1042", status="succeeded", error=None, outputs={}, at=at)
    delivery = DeliveryRow(
        key="INC-1042/1/chat",
        incident_id="0190-i-1042",
        execution_id="0190-x-1042",
        sink="chat",
        status="delivered",
        attempts=1,
        receipt=None,
        content="",
        error=None,
        updated_at=at,
    )
    await store.deliveries.save(delivery)
    finished = happened(Kind.EXECUTION_FINISHED, "workflow triage succeeded")
    await store.timeline.append("0190-i-1042", finished, at=at)
    return await store.incidents.get("0190-i-1042")


async def look_more(store: MemoryStore) -> None:
    """Look at four more things, one of which cannot be seen, and find the cause."""
    at = START + timedelta(minutes=5, seconds=30)
    for happening in (
        looked(3, "kubectl get events -n shop", "LAST SEEN TYPE REASON\n2m Warning BackOff"),
        looked(4, "kubectl logs cart-7d9f6c5b8-x2x9k -n shop --previous", HEAP.line),
        looked(5, "kubectl get deployment cart -n shop -o yaml", ROLLED.line),
        looked(
            6,
            'container_memory_working_set_bytes{namespace="shop"}',
            "",
            outcome="timed_out",
            gap="Prometheus did not answer within 30 s",
        ),
        found(FINDING),
    ):
        await store.timeline.append("0190-i-1042", happening, at=at)
