"""Incidents, reports and messages for tests, with everything a test does not care about filled in."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

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
from punchingfist.domain.messages import Message, Moment, answer, headline, standard_body

NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)
CHECKOUT = ObjectRef("Deployment", "shop", "checkout")
LIMIT = Quote("e3", "Last State: Terminated, Reason: OOMKilled, Exit Code: 137")


def alert(**fields: Any) -> IncidentAlert:
    known = IncidentAlert(
        id="a1",
        short_id="A-1",
        name="CheckoutDown",
        severity=Severity.CRITICAL,
        firing=True,
        status="triaging",
        summary="checkout down",
        labels={"alertname": "CheckoutDown", "namespace": "shop"},
        annotations={"runbook_url": "https://runbooks.example/checkout"},
        generator_url="https://prometheus.example/graph?g0.expr=up",
        starts_at=NOW - timedelta(minutes=3),
        received_at=NOW,
        resolved_at=None,
        occurrences=1,
        episode=1,
    )
    return replace(known, **fields)


def incident(**fields: Any) -> Incident:
    known = Incident(
        id="0190-1042",
        short_id="INC-1042",
        title="checkout down",
        status=IncidentStatus.INVESTIGATING,
        severity=Severity.CRITICAL,
        episode=1,
        created_at=NOW,
        updated_at=NOW,
        resolved_at=None,
        owner=None,
        alerts_count=1,
        alerts=(alert(),),
        report=None,
        execution_id="x1",
    )
    return replace(known, **fields)


def report(**fields: Any) -> Report:
    known = Report(
        verdict=Verdict.CAUSE_FOUND,
        summary="checkout is killed for want of memory",
        problem_summary="checkout has no ready pod",
        root_cause="OOMKilled, limit 256Mi",
        object=CHECKOUT,
        findings=(
            Finding("out_of_memory", "checkout ran out of memory", CHECKOUT, (LIMIT,), 0.93),
        ),
        confidence=0.93,
        severity_assessment="critical: no pod is ready",
        actions_taken=(),
        recommendations=(
            Recommendation(
                "raise the memory limit", "write", "kubectl set resources deploy/checkout"
            ),
        ),
        can_auto_fix=False,
        fix_command=None,
        escalation_notes=None,
        gaps=(Gap("metrics of shop", "Prometheus is not configured"),),
        checked=9,
        last_change=ChangeSeen(CHECKOUT, "image changed", "2024-05-01T11:50:00Z", LIMIT),
    )
    return replace(known, **fields)


def unknown(**fields: Any) -> Report:
    return report(
        verdict=Verdict.UNKNOWN,
        summary="no cause was seen",
        root_cause=None,
        object=None,
        findings=(),
        confidence=0.0,
        recommendations=(),
        gaps=(Gap("logs", "forbidden"), Gap("metrics", "no Prometheus")),
        **fields,
    )


def message(
    known: Report | None = None, *, about: Incident | None = None, **fields: Any
) -> Message:
    """What is said of *about* once *known* is."""
    about = about or incident()
    said = answer(known)
    made = Message(
        moment=Moment.COMPLETED if known else Moment.RECEIVED,
        headline=headline(about, said),
        answer=said,
        body=standard_body(about, known) if known else "",
        incident=about,
        report=known,
        link="https://fist.example/incidents/INC-1042",
    )
    return replace(made, **fields)
