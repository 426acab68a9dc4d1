"""Why was I paged, or not, and why was this investigated, or not: told from stored decisions."""

from collections.abc import Sequence
from dataclasses import dataclass

from punchingfist.domain.decisions import DecisionRow, Outcome
from punchingfist.ports.alerts import AlertRow, Alerts
from punchingfist.ports.decisions import Decisions
from punchingfist.ports.deliveries import Deliveries, DeliveryRow
from punchingfist.ports.executions import ExecutionRow, Executions


@dataclass(frozen=True, slots=True)
class Answer:
    """Yes or no, and the reason in one line."""

    yes: bool
    text: str


@dataclass(frozen=True, slots=True)
class Why:
    """
    What was done about one alert in its newest episode, and why.

    *decisions* are all of that episode's, oldest first: the last one counts.
    """

    row: AlertRow
    investigated: Answer
    told: Answer
    decisions: tuple[DecisionRow, ...]


@dataclass(frozen=True, slots=True)
class _Incident:
    executions: Sequence[ExecutionRow]
    deliveries: Sequence[DeliveryRow]


async def why_each(
    rows: Sequence[AlertRow], decisions: Decisions, executions: Executions, deliveries: Deliveries
) -> list[Why]:
    """Return why things are as they are for each of *rows*, reading what they share once."""
    made = await decisions.of_alerts([row.alert.id for row in rows])
    incidents = {
        one: _Incident(await executions.of_incident(one), await deliveries.of_incident(one))
        for one in dict.fromkeys(row.incident_id for row in rows)
        if one is not None
    }
    nothing = _Incident((), ())
    return [_why(row, made, incidents.get(row.incident_id or "", nothing)) for row in rows]


async def find_why(
    alert_id: str,
    *,
    alerts: Alerts,
    decisions: Decisions,
    executions: Executions,
    deliveries: Deliveries,
) -> Why:
    """Return why for the alert of that id or short id; `NotFound` when there is none."""
    row = await alerts.get(alert_id)
    (found,) = await why_each([row], decisions, executions, deliveries)
    return found


def _why(row: AlertRow, made: Sequence[DecisionRow], incident: _Incident) -> Why:
    own = tuple(
        one for one in made if (one.alert_id, one.episode) == (row.alert.id, row.alert.episode)
    )
    if not own:
        none = _no_decision(row)
        return Why(row, Answer(yes=False, text=none), Answer(yes=False, text=none), ())
    last = own[-1]
    if last.decision.holds:
        text = last.decision.text
        others = _others_told(row, incident)
        return Why(
            row, Answer(yes=False, text=text), Answer(yes=False, text=f"{text}{others}"), own
        )
    execution = _execution(last, incident)
    return Why(row, _investigated(row, last, execution), _told(execution, incident), own)


def _no_decision(row: AlertRow) -> str:
    if row.alert.episode == 0:
        return "only its end was ever reported, it never fired here"
    return "no decision is stored; it was taken in by a release that kept none"


def _execution(row: DecisionRow, incident: _Incident) -> ExecutionRow | None:
    wanted = row.decision.detail.get("execution_id")
    return next((one for one in incident.executions if one.id == wanted), None)


def _investigated(row: AlertRow, last: DecisionRow, execution: ExecutionRow | None) -> Answer:
    if execution is None:
        return Answer(yes=False, text=f"{last.decision.text}, which is no longer kept")
    run = f"{execution.short_id}, workflow {execution.workflow_name}, {execution.status}"
    if execution.error:
        run = f"{run}: {execution.error}"
    if last.decision.outcome is Outcome.JOINED:
        return Answer(yes=True, text=f"with the others of {row.incident}: {run}")
    return Answer(yes=True, text=run)


def _told(execution: ExecutionRow | None, incident: _Incident) -> Answer:
    """Return who was told, by the deliveries made for the execution."""
    own = [one for one in incident.deliveries if execution and one.execution_id == execution.id]
    told = [one.sink for one in own if one.status == "delivered"]
    failed = [f"{one.sink}: {one.error or one.status}" for one in own if one.status != "delivered"]
    if told:
        more = f"; not {', '.join(failed)}" if failed else ""
        return Answer(yes=True, text=f"{', '.join(dict.fromkeys(told))} told{more}")
    if failed:
        return Answer(yes=False, text=f"not delivered: {'; '.join(failed)}")
    if execution is not None and execution.ended_at is None:
        return Answer(yes=False, text=f"not yet: {execution.short_id} is {execution.status}")
    return Answer(yes=False, text="no sink of the workflow had anything to say")


def _others_told(row: AlertRow, incident: _Incident) -> str:
    sinks = dict.fromkeys(one.sink for one in incident.deliveries if one.status == "delivered")
    if not sinks:
        return ""
    return f"; {', '.join(sinks)} heard of {row.incident} because of other alerts or firings"
