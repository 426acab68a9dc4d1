"""The sentences of a report that are not claims of a rule."""

from collections.abc import Sequence
from typing import Final

from punchingfist.domain.investigation.cases import Case
from punchingfist.domain.investigation.containers import is_finished, is_ready
from punchingfist.domain.investigation.findings import Finding, Gap
from punchingfist.domain.investigation.subjects import asked_namespaces

_SEVERITIES: Final = frozenset({"critical", "error", "high", "warning", "medium", "low", "info"})
_TOLD: Final = ("summary", "description", "message")


def state_problem(case: Case) -> str:
    """Return what was reported and what is visible of it."""
    question = case.question
    told = next((question.annotations[key] for key in _TOLD if question.annotations.get(key)), "")
    reported = ": ".join(part for part in (question.alert_name, told) if part)
    return f"{reported or question.text or question.goal} ({_readiness(case)})"


def assess_severity(case: Case) -> str:
    """Return the severity word and, behind a colon, its reason."""
    pods = [pod for pod in case.own_pods if not is_finished(pod)]
    ready = sum(map(is_ready, pods))
    stated = case.question.labels.get("severity", "").lower()
    if pods and ready == 0:
        seen = "critical"
    elif ready < len(pods):
        seen = "warning"
    else:
        seen = "info"
    word = stated if stated in _SEVERITIES else seen
    said = "the alert says so; " if stated in _SEVERITIES else ""
    return f"{word}: {said}{_readiness(case)}"


def summarise_health(case: Case) -> str:
    """Return what "nothing wrong found" rests on."""
    return f"Nothing wrong found: {_readiness(case)}, no trouble in events, logs and metrics"


def summarise_unknown(checked: int, gaps: Sequence[Gap], facts: Sequence[Finding]) -> str:
    """Return that the cause is not known, with how much was seen."""
    blind = f", could not see {len(gaps)}" if gaps else ""
    hint = f"; noticed: {facts[0].claim}" if facts else ""
    return f"Unknown: checked {checked}{blind}{hint}"


def write_escalation_notes(root: Finding | None, gaps: Sequence[Gap]) -> str:
    """Return what a person taking over should know first."""
    if root:
        way = " ← ".join(str(link.target) for link in root.links)
        start = f"Start at {root.object}" + (f", which affects {way}" if way else "")
    else:
        start = "No cause stands on evidence; nothing is ruled out"
    unseen = "; ".join(f"{gap.what} ({gap.why})" for gap in gaps)
    return f"{start}. Nothing was changed." + (f" Not seen: {unseen}." if unseen else "")


def _readiness(case: Case) -> str:
    pods = [pod for pod in case.own_pods if not is_finished(pod)]
    names = ", ".join(subject.name for subject in case.subjects)
    names = names or ", ".join(asked_namespaces(case.question)) or "the question"
    if not pods:
        return f"no pod of {names} was seen"
    return f"{sum(map(is_ready, pods))} of {len(pods)} pods of {names} ready"
