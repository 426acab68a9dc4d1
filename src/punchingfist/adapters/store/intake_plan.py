"""What one batch of alerts does to the rows, worked out in memory before anything is written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from punchingfist.adapters.store.intake_incidents import IncidentPlan
from punchingfist.adapters.store.intake_known import Known
from punchingfist.adapters.store.intake_muting import Muting
from punchingfist.adapters.store.names import INCIDENT, short_id
from punchingfist.adapters.store.writing import Row
from punchingfist.domain.alerts import Alert, AlertStatus, Change, KnownAlert
from punchingfist.domain.decisions import Decision
from punchingfist.domain.episodes import judge, remember
from punchingfist.ports.ids import Ids
from punchingfist.ports.intake import Arrival, Taken

_LONGEST_NAME = 255

_BLANK: Row = {
    "acknowledged_at": None,
    "acknowledged_by": None,
    "triage_started_at": None,
    "triage_completed_at": None,
    "escalated_at": None,
    "escalated_to": None,
    "ai_analysis": None,
    "ai_confidence": None,
    "auto_resolved": False,
}
"""What belongs to one episode only, as it is when the next one begins."""

OF_EPISODE = (
    "alert_name",
    "severity",
    "labels",
    "payload",
    "source",
    "group_key",
    "source_id",
    "workflow_id",
    "received_at",
    "episode",
    "incident_id",
    *_BLANK,
)
"""What changes of an alert when it fires again, and only then."""


@dataclass(slots=True)
class Plan:
    """
    Takes arrivals one after the other; each sees what the ones before it did.

    Rows are gathered by what is to be done with them, so that each kind takes
    one statement. They are the same objects as in *known*.
    """

    known: Known
    muting: Muting
    ids: Ids
    at: datetime
    incidents: IncidentPlan = field(init=False)
    added: dict[str, Row] = field(default_factory=dict)
    touched: dict[str, Row] = field(default_factory=dict)
    reopened: dict[str, Row] = field(default_factory=dict)
    episodes: dict[tuple[str, int], Row] = field(default_factory=dict)
    ended: list[Row] = field(default_factory=list)
    decisions: list[Row] = field(default_factory=list)
    resolved: list[Mapping[str, str]] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.incidents = IncidentPlan(self.known, self.ids, self.at)

    def take(self, arrival: Arrival) -> None:
        """Work out what *arrival* does."""
        report = arrival.alert
        row = self.known.alerts.get(report.fingerprint)
        known = KnownAlert(row["firing"], row["starts_at"], row["resolved_at"]) if row else None
        change = judge(known, report, heard_at=row["last_seen_at"] if row else None, at=self.at)
        if _ran_out_before(report, row):
            change = Change.NOTHING
        row = self._touch(row, report, change) if row else self._add(arrival)
        after = remember(known, report, change, at=self.at)
        row["firing"], row["starts_at"] = after.firing, after.starts_at
        row["resolved_at"] = after.resolved_at
        match change:
            case Change.OPENED | Change.REOPENED:
                # An alert whose end came first has a row but has never fired.
                change = Change.REOPENED if row["episode"] else Change.OPENED
                self._fire(arrival, row)
            case Change.RESOLVED:
                self._resolve(row)
                self.resolved.append(report.labels)
            case Change.REPEATED if row["held_by"]:
                self._reconsider(arrival, row)
            case Change.REPEATED | Change.NOTHING:
                pass
        self.taken.append(self._taken(report, change, row))

    def _add(self, arrival: Arrival) -> Row:
        report = arrival.alert
        row: Row = {
            "id": self.ids.new(),
            "number": self.known.draw("alert"),
            "external_id": report.fingerprint,
            "fingerprint": report.fingerprint,
            "status": AlertStatus.RESOLVED.value,
            "episode": 0,
            "occurrences": 1,
            "incident_id": None,
            "held_by": None,
            "expires_at": None,
            "last_seen_at": self.at,
            "created_at": self.at,
            "updated_at": self.at,
        }
        row |= self._of_episode(arrival) | _newest_words(report) | _BLANK
        self.known.alerts[report.fingerprint] = row
        self.added[row["id"]] = row
        return row

    def _touch(self, row: Row, report: Alert, change: Change) -> Row:
        if row["id"] not in self.added:
            self.touched[row["id"]] = row
        if change is Change.NOTHING:
            return row  # a late report is no sign of life
        row["last_seen_at"] = row["updated_at"] = self.at
        row["expires_at"] = report.expires_at if report.firing else None
        row["occurrences"] += report.firing
        is_older = report.starts_at and row["starts_at"] and report.starts_at < row["starts_at"]
        if not is_older:
            row.update(_newest_words(report))
        return row

    def _of_episode(self, arrival: Arrival) -> Row:
        report, trigger = arrival.alert, arrival.trigger
        return {
            "alert_name": report.name[:_LONGEST_NAME],
            "severity": report.severity.value,
            "labels": report.labels,
            "payload": report.payload,
            "source": arrival.source,
            "group_key": report.group_key,
            "source_id": self.known.sources.get(arrival.source),
            "workflow_id": self.known.workflows.get(trigger.workflow_name) if trigger else None,
            "received_at": self.at,
        }

    def _fire(self, arrival: Arrival, row: Row) -> None:
        row |= self._of_episode(arrival) | _BLANK
        row["status"] = AlertStatus.RECEIVED.value
        row["episode"] += 1
        row["expires_at"] = arrival.alert.expires_at
        held = self.muting.why_held(arrival)
        row["incident_id"], decision = self.incidents.fire(arrival, row, held)
        self._decide(row, decision)
        if row["id"] not in self.added:
            self.reopened[row["id"]] = row
        self.episodes[row["id"], row["episode"]] = {
            "alert_id": row["id"],
            "episode": row["episode"],
            "incident_id": row["incident_id"],
            "starts_at": row["starts_at"],
            "received_at": self.at,
            "resolved_at": None,
        }

    def _reconsider(self, arrival: Arrival, row: Row) -> None:
        """An alert that was held fires still: perhaps nothing holds it now, or something else."""
        held = self.muting.why_held(arrival)
        decision = self.incidents.reconsider(arrival, row, held)
        if decision is not None and decision.mark != row["held_by"]:
            self._decide(row, decision)

    def _decide(self, row: Row, decision: Decision) -> None:
        row["held_by"] = decision.mark if decision.holds else None
        self.decisions.append(
            {
                "id": self.ids.new(),
                "alert_id": row["id"],
                "episode": row["episode"],
                "at": self.at,
                "outcome": decision.outcome.value,
                "by": decision.by,
                "text": decision.text,
                "detail": decision.detail,
            }
        )

    def _resolve(self, row: Row) -> None:
        row["status"] = AlertStatus.RESOLVED.value
        row["held_by"] = None
        begun = self.episodes.get((row["id"], row["episode"]))
        ended = {name: row[name] for name in ("episode", "resolved_at")} | {"alert_id": row["id"]}
        if begun:
            begun |= ended
        else:
            self.ended.append(ended)
        self.incidents.quiet(row)

    def _taken(self, report: Alert, change: Change, row: Row) -> Taken:
        incident = self.known.incidents.get(row["incident_id"] or "")
        return Taken(
            fingerprint=report.fingerprint,
            change=change,
            alert_id=row["id"],
            incident_id=incident["id"] if incident else None,
            incident=short_id(INCIDENT, incident["number"]) if incident else None,
            execution_id=incident["execution_id"] if incident else None,
        )


def _ran_out_before(report: Alert, row: Row | None) -> bool:
    """Whether *report* says that an alert ran out which has been repeated since."""
    has_run_out = not report.firing and report.expires_at is not None
    return has_run_out and row is not None and row["expires_at"] != report.expires_at


def _newest_words(report: Alert) -> Row:
    return {
        "summary": report.summary,
        "description": report.annotations.get("description"),
        "annotations": report.annotations,
        "generator_url": report.generator_url,
    }
