"""What a batch of alerts does to incidents, and what is started because of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from punchingfist.adapters.store.intake_known import Known
from punchingfist.adapters.store.names import ALERT, EXECUTION, INCIDENT, short_id
from punchingfist.adapters.store.timeline import Entry
from punchingfist.adapters.store.writing import Row
from punchingfist.domain.alerts import Alert, Severity
from punchingfist.domain.decisions import Decision, Outcome
from punchingfist.domain.flattening import event
from punchingfist.domain.grouping import Belonging, KnownIncident, place
from punchingfist.domain.incidents import IncidentStatus
from punchingfist.domain.json import JsonObject
from punchingfist.domain.messages import Moment
from punchingfist.domain.timeline import Happening, Kind
from punchingfist.ports.durable import DELIVERIES, DELIVERY_FLOW, EXECUTION_FLOW, Start
from punchingfist.ports.ids import Ids
from punchingfist.ports.intake import Arrival, Trigger

_LONGEST_TITLE = 255
_LONGEST_KEY = 255


@dataclass(slots=True)
class IncidentPlan:
    """Incidents, executions, timeline entries and starts; rows are those in *known*."""

    known: Known
    ids: Ids
    at: datetime
    added: dict[str, Row] = field(default_factory=dict)
    touched: dict[str, Row] = field(default_factory=dict)
    reopened: set[str] = field(default_factory=set)
    executions: list[Row] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    starts: list[Start] = field(default_factory=list)
    _events: dict[str, list[Alert]] = field(default_factory=dict)

    def fire(self, arrival: Arrival, alert: Row, held: Decision | None) -> tuple[str, Decision]:
        """
        Put the alert, which begins to fire, into an incident, and start what is due.

        An alert that is *held* starts nothing, tells nobody and does not raise
        the severity of an incident it joins. Returns the incident and what was
        decided.
        """
        known = self.known.newest.get((arrival.source, arrival.alert.group_key))
        if known and known["id"] == alert["incident_id"]:
            self._resolve_if_quiet(known)  # its end may have come earlier in this batch
        incident, belonging = self._place(known, arrival)
        if alert["incident_id"] != incident["id"]:
            incident["alerts_count"] += 1
        self.known.firing[incident["id"]] = self.known.firing.get(incident["id"], 0) + 1
        self._say_fired(incident, alert, arrival.alert)
        if held:
            self._say_held(incident, alert, arrival.alert, held)
            return str(incident["id"]), held
        return str(incident["id"]), self._admit(incident, arrival, belonging)

    def reconsider(self, arrival: Arrival, alert: Row, held: Decision | None) -> Decision | None:
        """Decide again about an alert that was held and fires still; None where nothing is new."""
        incident = self.known.incidents.get(alert["incident_id"] or "")
        if incident is None or (held and held.mark == alert["held_by"]):
            return None
        if held is None and arrival.trigger is None:
            return _no_workflow(arrival)
        self._touch(incident)
        if held:
            self._say_held(incident, alert, arrival.alert, held)
            return held
        return self._admit(incident, arrival, Belonging.JOINS)

    def _admit(self, incident: Row, arrival: Arrival, belonging: Belonging) -> Decision:
        """Start what is due for an alert that nothing holds."""
        joins = belonging is Belonging.JOINS
        was_critical = joins and _severity(incident) is Severity.CRITICAL
        if joins and incident["execution_id"] is None and arrival.trigger:
            # All that fired so far was held: people hear of this one first.
            was_critical, incident["severity"] = False, arrival.alert.severity.value
        elif joins:
            incident["severity"] = min(
                _severity(incident), arrival.alert.severity, key=lambda one: one.rank
            ).value
        self._events.setdefault(incident["id"], []).append(arrival.alert)
        decision = self._start(incident, arrival, belonging)
        if _severity(incident) is Severity.CRITICAL and not was_critical and arrival.trigger:
            self._tell(incident, arrival.trigger.notify_first, Moment.RECEIVED)
        return decision

    def quiet(self, alert: Row) -> None:
        """Count down the incident of the alert, which has stopped firing."""
        incident = self.known.incidents.get(alert["incident_id"] or "")
        if incident is None:
            return
        self.known.firing[incident["id"]] -= 1
        self._touch(incident)
        key = f"alert/{alert['id']}/{alert['episode']}/resolved"
        name = short_id(ALERT, alert["number"])
        self._write(
            incident, Kind.ALERT_RESOLVED, f"{name} resolved", key=key, detail={"alert": name}
        )

    def finish(self) -> None:
        """Resolve the incidents none of whose alerts fires any more."""
        for incident in [*self.added.values(), *self.touched.values()]:
            self._resolve_if_quiet(incident)

    def _place(self, known: Row | None, arrival: Arrival) -> tuple[Row, Belonging]:
        newest = known and KnownIncident(short_id(INCIDENT, known["number"]), known["resolved_at"])
        placement = place(newest or None, at=self.at)
        if known is None or placement.belonging is Belonging.OPENS:
            return self._open(arrival, placement.reason), Belonging.OPENS
        self._touch(known)
        if placement.belonging is Belonging.REOPENS:
            self._reopen(known, arrival, placement.reason)
        return known, placement.belonging

    def _open(self, arrival: Arrival, reason: str) -> Row:
        report = arrival.alert
        incident: Row = {
            "id": self.ids.new(),
            "number": self.known.draw("incident"),
            "title": report.summary[:_LONGEST_TITLE],
            "description": report.annotations.get("description"),
            "status": IncidentStatus.OPEN.value,
            "severity": report.severity.value,
            "source": arrival.source,
            "group_key": report.group_key,
            "episode": 1,
            "alerts_count": 0,
            "mttr_seconds": None,
            "execution_id": None,
            "opened_at": self.at,
            "created_at": self.at,
            "resolved_at": None,
            "updated_at": self.at,
        }
        self.known.incidents[incident["id"]] = incident
        self.known.newest[arrival.source, report.group_key] = incident
        self.added[incident["id"]] = incident
        text = f"Incident opened: {incident['title']}"
        self._write(
            incident, Kind.INCIDENT_OPENED, text, key="incident/1/opened", detail={"reason": reason}
        )
        return incident

    def _reopen(self, incident: Row, arrival: Arrival, reason: str) -> None:
        incident |= {
            "status": IncidentStatus.OPEN.value,
            "severity": arrival.alert.severity.value,
            "episode": incident["episode"] + 1,
            "execution_id": None,
            "opened_at": self.at,
            "resolved_at": None,
        }
        self.reopened.add(incident["id"])
        self._events.pop(incident["id"], None)
        text = f"Incident reopened: {arrival.alert.summary}"
        key = f"incident/{incident['episode']}/reopened"
        self._write(incident, Kind.INCIDENT_REOPENED, text, key=key, detail={"reason": reason})

    def _say_fired(self, incident: Row, alert: Row, report: Alert) -> None:
        detail: JsonObject = {
            "alert": short_id(ALERT, alert["number"]),
            "name": report.name,
            "severity": report.severity.value,
            "fingerprint": report.fingerprint,
        }
        key = f"alert/{alert['id']}/{alert['episode']}/fired"
        text = f"{report.name} fired: {report.summary}"
        self._write(incident, Kind.ALERT_FIRED, text, key=key, detail=detail)

    def _say_held(self, incident: Row, alert: Row, report: Alert, held: Decision) -> None:
        name = short_id(ALERT, alert["number"])
        key = f"alert/{alert['id']}/{alert['episode']}/held/{held.mark}"
        text = f"{report.name} starts nothing: {held.text}"
        detail: JsonObject = {
            "alert": name,
            "outcome": held.outcome.value,
            "by": held.by,
            "reason": held.text,
            **held.detail,
        }
        self._write(incident, Kind.NOT_STARTED, text, key=key[:_LONGEST_KEY], detail=detail)

    def _start(self, incident: Row, arrival: Arrival, belonging: Belonging) -> Decision:
        if arrival.trigger is None:
            if belonging is not Belonging.JOINS:
                reason = arrival.why_no_trigger
                key = f"incident/{incident['episode']}/not-started"
                text = f"No workflow started: {reason}"
                self._write(incident, Kind.NOT_STARTED, text, key=key, detail={"reason": reason})
            return _no_workflow(arrival)
        if incident["execution_id"] is None:
            return self._queue(incident, arrival.source, arrival.trigger)
        incident_name = short_id(INCIDENT, incident["number"])
        text = f"joined {incident_name}, whose workflow had been started"
        detail: JsonObject = {"execution_id": incident["execution_id"]}
        return Decision(Outcome.JOINED, str(incident["execution_id"]), text, detail)

    def _queue(self, incident: Row, source: str, trigger: Trigger) -> Decision:
        execution_id = self.ids.new()
        workflow, episode = trigger.workflow_name, incident["episode"]
        flow_id = f"inc:{incident['id']}:{workflow}:{episode}"
        execution: Row = {
            "id": execution_id,
            "number": self.known.draw("execution"),
            "flow_id": flow_id,
            "incident_id": incident["id"],
            "workflow_name": workflow,
            "workflow": trigger.workflow,
            "sinks": trigger.sinks,
            "notify_resolved": trigger.notify_resolved,
            "source": source,
            "context": trigger.context,
            "status": "queued",
            "outputs": {},
            "queued_at": self.at,
            "alerts": self._events[incident["id"]],
        }
        self.executions.append(execution)
        incident["execution_id"] = execution_id
        self.known.told[execution_id] = trigger.notify_resolved
        payload: JsonObject = {"execution_id": execution_id, "incident_id": incident["id"]}
        self.starts.append(
            Start(flow_id, EXECUTION_FLOW, payload, delay_seconds=trigger.group_wait_seconds)
        )
        name = short_id(EXECUTION, execution["number"])
        text, key = f"{name} queued: workflow {workflow}", f"execution/{execution_id}/queued"
        detail: JsonObject = {"execution": name, "workflow": workflow}
        self._write(incident, Kind.EXECUTION_QUEUED, text, key=key, detail=detail)
        decided = f"started {name}, workflow {workflow}"
        return Decision(
            Outcome.STARTED, execution_id, decided, {**detail, "execution_id": execution_id}
        )

    def execution_rows(self) -> list[Row]:
        """Return the new executions, each with the event made of every alert that fired with it."""
        return [
            {name: row[name] for name in row if name != "alerts"} | {"event": event(row["alerts"])}
            for row in self.executions
        ]

    def _resolve_if_quiet(self, incident: Row) -> None:
        if incident["resolved_at"] or self.known.firing.get(incident["id"]):
            return
        open_for = round((self.at - incident["opened_at"]).total_seconds())
        incident |= {
            "status": IncidentStatus.RESOLVED.value,
            "resolved_at": self.at,
            "mttr_seconds": (incident["mttr_seconds"] or 0) + max(open_for, 0),
        }
        text, key = "Incident resolved: no alert fires", f"incident/{incident['episode']}/resolved"
        detail: JsonObject = {"open_seconds": open_for}
        self._write(incident, Kind.INCIDENT_RESOLVED, text, key=key, detail=detail)
        self._tell(incident, self.known.told.get(incident["execution_id"], ()), Moment.RESOLVED)

    def _tell(self, incident: Row, sinks: Iterable[str], moment: Moment) -> None:
        if incident["execution_id"] is None:
            return
        for sink in sinks:
            payload: JsonObject = {
                "incident_id": incident["id"],
                "execution_id": incident["execution_id"],
                "sink": sink,
                "moment": moment.value,
            }
            flow_id = f"say:{incident['id']}:{incident['episode']}:{sink}:{moment.value}"
            self.starts.append(Start(flow_id, DELIVERY_FLOW, payload, queue=DELIVERIES))

    def _touch(self, incident: Row) -> None:
        incident["updated_at"] = self.at
        if incident["id"] not in self.added:
            self.touched[incident["id"]] = incident

    def _write(self, incident: Row, kind: Kind, text: str, *, key: str, detail: JsonObject) -> None:
        self.entries.append(Entry(incident["id"], Happening(kind, text, key, detail)))


def _no_workflow(arrival: Arrival) -> Decision:
    reason = arrival.why_no_trigger
    return Decision(Outcome.NO_WORKFLOW, arrival.source, reason, {"reason": reason})


def _severity(incident: Row) -> Severity:
    return Severity(incident["severity"])
