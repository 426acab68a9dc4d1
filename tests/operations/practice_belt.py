"""A tool belt that reads a practice scenario directly: no HTTP, no engine, the same outputs."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from punchingfist.domain.investigation.evidence import Evidence, EvidenceRef, Look, Outcome
from punchingfist.domain.investigation.findings import Finding
from punchingfist.domain.investigation.looks import EVERYWHERE, KUBECTL, PROMQL, asked_kubectl
from punchingfist.domain.investigation.question import Question
from punchingfist.domain.json import Json
from punchingfist.lab.kubernetes.access import Attempt, User, allow_all_but
from punchingfist.lab.kubernetes.logs import LogKey
from punchingfist.lab.kubernetes.resources import METRICS_GROUP, Catalogue
from punchingfist.lab.promql.evaluate import compile_query, evaluate_instant
from punchingfist.lab.promql.series import SeriesIndex, parse_series
from punchingfist.lab.promql.wire import render_instant, to_milliseconds
from punchingfist.lab.scenario import Scenario
from punchingfist.ports.durable import StepBody

BOTH = frozenset({KUBECTL, PROMQL})
_ALERT_TEXTS = ("labels", "annotations")


class NotSeen(Exception):
    """What a real tool would report as a gap."""


@dataclass
class PracticeBelt:
    """Answers looks from *scenario*; *forget* hides lines of outputs from what is stored."""

    scenario: Scenario
    tools: frozenset[str] = BOTH
    forget: Callable[[str], bool] = lambda _: False
    evidence: dict[str, Evidence] = field(default_factory=dict)
    told: list[tuple[str, list[Finding]]] = field(default_factory=list)

    @cached_property
    def _series(self) -> SeriesIndex:
        at = to_milliseconds(self.scenario.now)
        return parse_series(self.scenario.metrics or {"series": []}, at)

    async def look(self, look: Look, *, evidence_id: str) -> EvidenceRef:
        outcome, text, gap = await self.ask(look)
        text = "\n".join(line for line in text.split("\n") if not self.forget(line))
        ref = EvidenceRef(
            id=evidence_id,
            tool=look.tool,
            arguments=look.arguments,
            why=look.why,
            command=json.dumps(dict(look.arguments)),
            at=self.scenario.now,
            duration_seconds=0.1,
            outcome=outcome,
            exit_code=0 if gap is None else 1,
            artifact=hashlib.sha256(text.encode()).hexdigest(),
            size_bytes=len(text),
            truncated=False,
            gap=gap,
        )
        self.evidence[evidence_id] = Evidence(ref, text)
        return ref

    async def ask(self, look: Look) -> tuple[Outcome, str, str | None]:
        """Return how *look* ended, what it gave, and what kept it from seeing."""
        try:
            return Outcome.SEEN, self._answer(look), None
        except NotSeen as missed:
            return Outcome.FAILED, "", str(missed)

    async def read(self, refs: Sequence[EvidenceRef]) -> tuple[Evidence, ...]:
        return tuple(self.evidence[ref.id] for ref in refs)

    async def tell(self, findings: Sequence[Finding], *, key: str) -> None:
        self.told.append((key, list(findings)))

    def _answer(self, look: Look) -> str:
        if look.tool == PROMQL:
            return self._measure(str(look.arguments["query"]))
        asked = asked_kubectl(look.arguments)
        if asked.verb == "logs":
            previous = "previous" in asked.flags
            key = LogKey(asked.namespace, asked.words[0], asked.flags["container"], previous)
            return self._log(key)
        return self._get(asked.words[0], asked.namespace, "show-managed-fields" in asked.flags)

    def _measure(self, query: str) -> str:
        at = to_milliseconds(self.scenario.now)
        answer = evaluate_instant(compile_query(query), self._series, at=at, present=at)
        data = render_instant(answer, at)
        result = data["result"]
        if not isinstance(result, list):
            return json.dumps(data)
        # One line for each series, as the real tool writes them.
        rows = ",\n".join(json.dumps(row, ensure_ascii=False) for row in result)
        return f'{{"resultType": {json.dumps(data["resultType"])}, "result": [\n{rows}\n]}}'

    def _log(self, key: LogKey) -> str:
        self._check("get", "pods", "log", key.namespace)
        if key not in self.scenario.logs:
            raise NotSeen(f"no log of {key.pod}")
        return self.scenario.logs[key].decode()

    def _get(self, plurals: str, namespace: str, fields: bool) -> str:
        served = [resource for resource in Catalogue() if resource.group != METRICS_GROUP]
        known = {resource.plural: resource.kind for resource in served}
        kinds = set()
        for plural in plurals.split(","):
            self._check("list", plural, "", "" if namespace == EVERYWHERE else namespace)
            kinds.add(known[plural])
        items = [
            _without_fields(body) if not fields else body
            for body in self.scenario.objects
            if body["kind"] in kinds and namespace in {"", EVERYWHERE, _namespace(body)}
        ]
        return json.dumps({"apiVersion": "v1", "items": items, "kind": "List"}, indent=4)

    def _check(self, verb: str, plural: str, subresource: str, namespace: str) -> None:
        allowed = allow_all_but(self.scenario.forbidden)
        attempt = Attempt(User("practice"), verb, "", plural, subresource, namespace)
        if not allowed(attempt):
            raise NotSeen(f"{attempt.full_resource} is forbidden in namespace {namespace!r}")


class StraightCtx:
    """Runs each step once and keeps what it recorded, as JSON would give it back."""

    flow_id = "flow"

    def __init__(self) -> None:
        self.steps: dict[str, Json] = {}

    async def step(self, name: str, body: StepBody, **options: object) -> Any:
        if name not in self.steps:
            self.steps[name] = json.loads(json.dumps(await body()))
        return self.steps[name]

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("an investigation does not wait")

    async def child(self, start: object) -> Any:
        raise AssertionError("an investigation has no children")


def question_of(scenario: Scenario) -> Question:
    alert: Mapping[str, Any] = scenario.alert or {}
    labels, annotations = (dict(alert.get(key, {})) for key in _ALERT_TEXTS)
    return Question.from_json(
        {
            "goal": "find the cause",
            "alert_name": labels.get("alertname", ""),
            "labels": labels,
            "annotations": annotations,
            "at": scenario.now.isoformat(),
            "starts_at": alert.get("startsAt"),
            "text": scenario.question or "",
            "namespace": scenario.namespace,
            "other_alerts": (),
        }
    )


def _namespace(body: Mapping[str, Any]) -> str:
    return str(body["metadata"].get("namespace", ""))


def _without_fields(body: Mapping[str, Any]) -> dict[str, Any]:
    kept = {k: v for k, v in body["metadata"].items() if k != "managedFields"}
    return {**body, "metadata": kept}
